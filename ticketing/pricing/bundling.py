"""What a bundle costs, and the lines of a cart that it becomes.

A bundle has no stock: its tickets are those of their types, held and sold as any. Its price is allotted to its tickets
by largest remainder, in proportion to what they cost singly, and each ticket keeps its part: that is what goes back
when it alone is refunded. Single prices are the ticket types' own, whatever release is open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from orders.errors import CartRefused, NotForSale
from orders.sellable import CartLine
from ticketing.models import TicketType
from ticketing.pricing.models import Bundle
from trufan.lib.errors import Detail
from trufan.lib.money import allot, share

#: What a cart calls its bundles.
FIELD = "bundles"
#: A bundle has so many lines at most, each of so many tickets.
MOST_LINES, MOST_TICKETS = 10, 50


def single_price_of(bundle: Bundle) -> int:
    """What its tickets cost one by one, before fees and tax."""
    return sum(line.ticket_type.price * line.count for line in bundle.lines.all())


def price_of(bundle: Bundle) -> int:
    """What one bundle costs, before fees and tax."""
    if bundle.price is not None:
        return bundle.price
    whole = single_price_of(bundle)
    return whole - share(whole, bundle.ppm)


def left_of(bundle: Bundle) -> int:
    """How many could be bought, by what is left of each of its ticket types."""
    return max(min((line.ticket_type.left // line.count for line in bundle.lines.all()), default=0), 0)


def parts_of(bundle: Bundle) -> list[tuple[TicketType, int, int]]:
    """`(ticket type, price of each, how many)`: the bundle's price, allotted to its tickets; it adds up exactly."""
    pieces = [line.ticket_type for line in bundle.lines.all() for _ in range(line.count)]
    prices = allot(price_of(bundle), [piece.price for piece in pieces])
    alike: Counter[tuple[UUID, int]] = Counter()
    for piece, price in zip(pieces, prices, strict=True):
        alike[piece.pk, price] += 1
    types = {piece.pk: piece for piece in pieces}
    return [(types[pk], price, count) for (pk, price), count in alike.items()]


def lines_of(asked: Sequence[dict[str, Any]], now: datetime) -> list[CartLine]:
    """The lines that these bundles of a cart become, each `{"id", "quantity"}`. Three queries.

    Raises `CartRefused` naming each bundle that is not for sale, or of which a cart has too many.
    """
    rows: Any = Bundle.objects.with_lines().filter(is_active=True)
    found = rows.in_bulk([each["id"] for each in asked])
    together: Counter[str] = Counter()
    for each in asked:
        together[str(each["id"])] += each["quantity"]
    problems = [
        Detail(f"{FIELD}[{at}].{field}", NotForSale.code, words)
        for at, each in enumerate(asked)
        for field, words in _why_not(found.get(each["id"]), together[str(each["id"])])
    ]
    if problems:
        raise CartRefused(details=problems)
    return [line for each in asked for line in _lines(found[each["id"]], each["quantity"])]


def _why_not(bundle: Bundle | None, together: int) -> Iterator[tuple[str, str]]:
    if bundle is None or not bundle.lines.all():
        yield "id", gettext("There is no such bundle on sale.")
    elif together > bundle.max_per_order:
        yield (
            "quantity",
            gettext("At most {max_per_order} of {name} in one order.").format(
                max_per_order=bundle.max_per_order, name=bundle.name
            ),
        )


def _lines(bundle: Bundle, quantity: int) -> Iterator[CartLine]:
    for ticket_type, price, count in parts_of(bundle):
        # Goes into the order's line, so that the price stays when something else of the order is changed.
        part = {"id": str(bundle.pk), "name": bundle.name, "unit_price": price}
        many = count * quantity
        yield CartLine(TicketType.sellable_type, ticket_type.pk, many, many, asks={FIELD: part})
