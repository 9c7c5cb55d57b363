"""The proof of the counters of releases and unlock codes, for `manage.py check_inventory`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Sum

from orders.inventory_check import Difference
from orders.models import OrderItem
from ticketing.models import TicketType
from ticketing.pricing.models import TicketRelease, UnlockCode

HELD, BOUGHT = OrderItem.Status.HELD, (OrderItem.Status.FULFILLED, OrderItem.Status.REVOKED)


def differences() -> Iterator[Difference]:
    """Every counter that is not what the lines say."""
    held, sold = _pieces("release")
    for row in TicketRelease.objects.select_related("ticket_type").iterator():
        name = f"{row.name}, {row.ticket_type.name}"
        for counter, counted, found in (("held", row.held, held[row.pk]), ("sold", row.sold, sold[row.pk])):
            if counted != found:
                yield Difference("release", row.pk, name, counter, counted, "lines", found)
    held, bought = _pieces("unlock", without_refunded=False)
    for code in UnlockCode.objects.iterator():
        found = held[code.pk] + bought[code.pk]
        if code.used != found:
            yield Difference("unlock code", code.pk, code.code, "used", code.used, "lines", found)


def _pieces(name: str, *, without_refunded: bool = True) -> tuple[Counter[UUID], Counter[UUID]]:
    """How many pieces lines hold, and how many were bought and not given back, by what they keep as `name`."""
    lines = OrderItem.objects.filter(item_type=TicketType.sellable_type, options__has_key=name).order_by()
    count = F("quantity") - F("quantity_refunded") if without_refunded else F("quantity")
    held, bought = Counter[UUID](), Counter[UUID]()
    for key, status, found in lines.values_list(f"options__{name}", "status").annotate(found=Sum(count)):
        if status == HELD:
            held[UUID(key)] += found
        elif status in BOUGHT:
            bought[UUID(key)] += found
    return held, bought
