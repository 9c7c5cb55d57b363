"""Finding orders from the console's search box: by number, buyer's address, phone or name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import chain

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from orders.models import Order
from trufan.lib.console import columns, finding
from trufan.lib.console.finding import MOST, Found
from trufan.lib.numbers import as_phone, read_out

#: Names have no index of their own: they are looked for among the orders of these days.
RECENT = timedelta(days=60)


def find(request: HttpRequest, typed: str) -> Iterable[Found]:
    """Numbers from their beginning, addresses and phone numbers as a whole, names of late from their beginning."""
    rows = finding.mine(request, Order)
    if rows is None:
        return []
    rows = rows.select_related("venue").order_by("-created_at", "-id")
    unique = {row.pk: row for row in chain.from_iterable(rows.filter(way)[:MOST] for way in ways(typed))}
    number = read_out(typed)
    return [_found(row, exact=row.number == number) for row in unique.values()]


def ways(typed: str) -> list[Q]:
    """What orders are looked up by, each by an index."""
    found: list[Q] = []
    if "@" in typed:
        found.append(Q(contact_email__startswith=typed.lower()))
    elif phone := as_phone(typed):
        found.append(Q(contact_phone=phone))
    if number := read_out(typed):
        found.append(Q(number__startswith=number))
    if not typed.isdigit() and "@" not in typed:
        found.append(Q(created_at__gte=timezone.now() - RECENT, contact_name__istartswith=typed))
    return found


def _found(row: Order, *, exact: bool) -> Found:
    who = row.contact_name or row.contact_email or "guest"
    total = columns.show(row.amount_total, row.currency)
    when = columns.local_time(row.created_at, row.venue.zone)
    return Found(f"{row.number}, {who}", f"{columns.words(row.status)}, {total}, {when}, {row.venue.name}",
                 columns.change_url(row), exact)  # fmt: skip
