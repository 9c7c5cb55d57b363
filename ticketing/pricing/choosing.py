"""The price of one line of a cart: the bundle's, the buyer's own, that of a release, or the ticket type's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from orders.sellable import CartLine
from ticketing.models import TicketType
from ticketing.pricing import current
from ticketing.pricing.errors import AmountRefused, ReleaseShort
from ticketing.pricing.models import TicketRelease
from trufan.lib.errors import Detail, DomainError
from trufan.lib.money import show

#: Who names the price gives at most so many times what is suggested, or so many minor units where that is nothing:
#: a slip of the finger should not cost a thousand tickets.
MOST_TIMES, MOST_OF_FREE = 100, 100_000


@dataclass(frozen=True)
class Chosen:
    """A price before fees and tax, what it is called, and what the line keeps of it."""

    unit_price: int
    name: str = ""
    keeps: Mapping[str, Any] = field(default_factory=dict)


def choose(ticket_type: TicketType, line: CartLine, now: datetime) -> Chosen:
    """What one piece of this line costs. Raises `AmountRefused`, and `ReleaseShort` for a price that is over."""
    if part := line.asks.get("bundles"):
        return Chosen(part["unit_price"], part["name"], {"bundle": part["id"]})
    if ticket_type.min_price is not None or "amount" in line.asks:
        return Chosen(_named(ticket_type, line.asks.get("amount")))
    release = _release(ticket_type, line, now)
    if release is None:
        return Chosen(ticket_type.price)
    return Chosen(release.price, release.name, {"release": str(release.pk)})


def most(ticket_type: TicketType) -> int:
    """The most that is taken for one ticket whose buyer names the price, in minor units."""
    return max(MOST_TIMES * ticket_type.price, MOST_OF_FREE)


def own_of(line: CartLine, name: str) -> Counter[UUID]:
    """How many pieces the changed order holds already of this thing, by what its lines keep as `name`."""
    own: Counter[UUID] = Counter()
    for options, quantity in line.kept:
        if name in options:
            own[UUID(options[name])] += quantity
    return own


def _named(ticket_type: TicketType, amount: int | None) -> int:
    if ticket_type.min_price is None:
        raise _at(
            "amount", AmountRefused(gettext("{ticket_type} has a fixed price.").format(ticket_type=ticket_type.name))
        )
    if amount is None:
        return ticket_type.price
    if not ticket_type.min_price <= amount <= most(ticket_type):
        currency = ticket_type.event.venue.currency
        least, limit = show(ticket_type.min_price, currency), show(most(ticket_type), currency)
        raise _at(
            "amount",
            AmountRefused(
                gettext("Give {least} to {limit} for {ticket_type}.").format(
                    least=least, limit=limit, ticket_type=ticket_type.name
                )
            ),
        )
    return amount


def _release(ticket_type: TicketType, line: CartLine, now: datetime) -> TicketRelease | None:
    """The one asked for, where it is open; the current one where none is. None: the ticket type's own price."""
    turns = current.in_turn(ticket_type, now, own_of(line, "release"))
    asked = line.asks.get("release")
    if asked is None:
        return turns[0] if turns else None
    if asked == str(ticket_type.pk):
        return None
    for release in turns:
        if str(release.pk) == asked:
            return release
    over = next((each for each in ticket_type.releases.all() if str(each.pk) == asked), None)
    if over is None:
        raise _at(
            "release", ReleaseShort(gettext("{ticket_type} has no such price.").format(ticket_type=ticket_type.name))
        )
    raise _at("release", ReleaseShort(current.how_short(ticket_type, over, 0, now)))


def _at(name: str, refusal: DomainError) -> DomainError:
    refusal.details = [Detail(name, refusal.code, refusal.message)]
    return refusal
