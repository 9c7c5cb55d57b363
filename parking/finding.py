"""Finding cars from the console's search box: by plate or by the number of a stay or a reservation."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.http import HttpRequest

from parking.models import ParkingReservation, ParkingSession
from parking.vehicles import plates
from trufan.lib.console import columns, finding
from trufan.lib.console.finding import MOST, Found
from trufan.lib.errors import Invalid
from trufan.lib.numbers import read_out


def find(request: HttpRequest, typed: str) -> Iterable[Found]:
    """Who is parked or has reserved by that plate, and whatever has that number from its beginning."""
    plate, number = _plate(typed), read_out(typed)
    found: list[Found] = []
    for model, live in (
        (ParkingSession, ["active"]),
        (ParkingReservation, ["confirmed", "inside", "outside", "no_show"]),
    ):
        rows = finding.mine(request, model)
        if rows is None:
            continue
        ways: list[Any] = [rows.filter(number__startswith=number)] if number else []
        if plate:
            ways.append(rows.filter(plate_key=plate, status__in=live).exclude(plate_key=""))
        unique = {row.pk: row for row in chain.from_iterable(way.order_by("-created_at")[:MOST] for way in ways)}
        found += [_found(row, exact=row.number == number) for row in unique.values()]
    return found


def _plate(typed: str) -> str:
    try:
        return plates.key(plates.tidy(typed))
    except Invalid:
        return ""


def _found(row: Any, *, exact: bool) -> Found:
    what = "reservation" if isinstance(row, ParkingReservation) else "stay"
    return Found(f"{row.plate or 'No plate'}, {row.number}", f"{what}, {columns.words(row.status)}",
                 columns.change_url(row), exact)  # fmt: skip
