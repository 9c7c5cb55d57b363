"""The hours of a lot that goes by the clock: replaced as a whole, or span by span as the console edits them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction

from audit.trail import record
from parking.lots import readiness, writing
from parking.lots.models import LotHours, ParkingLot

Span = Mapping[str, Any]


def write(lot: ParkingLot, spans: Iterable[Span]) -> list[LotHours]:
    """Add spans to a lot that the caller has just made, or holds."""
    return LotHours.objects.bulk_create(LotHours(lot=lot, **span) for span in spans)


def replace(lot: ParkingLot, by: Any, spans: Iterable[Span]) -> None:
    """These spans take the place of all there were; the caller holds the lot."""
    before = _said(lot)
    lot.opening_hours.all().delete()
    write(lot, spans)
    _record(lot, by, before)


def add(lot: ParkingLot, by: Any, **fields: Any) -> LotHours:
    """One more span: `weekday`, `opens_at`, `closes_at`."""
    return _edit(lot, by, lambda held: LotHours.objects.create(lot=held, **fields))


def change(span: LotHours, by: Any, **fields: Any) -> LotHours:
    """Another time or day for a span."""

    def write_span(held: ParkingLot) -> LotHours:
        fresh = writing.locked(span)
        writing.set_fields(fresh, fields)
        fresh.save(update_fields=[*fields, "updated_at"])
        return fresh

    return _edit(span.lot, by, write_span)


def remove(span: LotHours, by: Any) -> None:
    """Take a span away. Raises `LotNotReady` for the last one of an open lot that goes by the clock."""

    def delete(held: ParkingLot) -> LotHours:
        span.delete()
        return span

    _edit(span.lot, by, delete)


def _edit(lot: ParkingLot, by: Any, edit: Callable[[ParkingLot], LotHours]) -> LotHours:
    with transaction.atomic():
        held = writing.locked(lot)
        lacked, before = readiness.missing(held), _said(held)
        span = edit(held)
        readiness.refuse_lacking(held, lacked)
        _record(held, by, before)
    return span


def _said(lot: ParkingLot) -> list[str]:
    return [str(span) for span in lot.opening_hours.order_by("weekday", "opens_at", "pk")]


def _record(lot: ParkingLot, by: Any, before: list[str]) -> None:
    after = _said(lot)
    if after != before:
        record("parking_lot.hours_changed", lot, old={"hours": before}, new={"hours": after}, actor=by)
