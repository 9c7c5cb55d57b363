"""Where an order goes: to a counter, or to a seat that exists and is the buyer's.

What is known of seats stands elsewhere: a venue's configuration names some, a ticket others. Apps above orders add
what they know by `register`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders.cart import PricedCart
from orders.kitchen.models import Fulfilment
from orders.menu.models import Outlet, ProductVariant
from trufan.lib.errors import Invalid
from venues import sections
from venues.models import Venue

Method = Fulfilment.Method


@dataclass(frozen=True)
class Place:
    """A seat as the buyer names it; `section` and `row` are empty where the venue has none."""

    venue: Venue
    section: str
    row: str
    seat: str


#: What is wrong with a place for this buyer (None: a guest) at that moment: `(section | row | seat, words)`, or None.
Checker = Callable[[Place, Any, datetime], tuple[str, str] | None]
_checkers: list[Checker] = []


def register(checker: Checker) -> None:
    """Add a checker. It is asked only about seats, never about what is picked up."""
    if checker not in _checkers:
        _checkers.append(checker)


def by_plan(place: Place, user: Any, now: datetime) -> tuple[str, str] | None:
    """The venue's configuration knows its sections."""
    return sections.why_not(place.venue, place.section, place.row, place.seat)


def checked(given: Mapping[str, str] | None, cart: PricedCart, *, user: Any, now: datetime) -> dict[str, str]:
    """Where the cart's products go, as an order keeps it: `{"method", "section", "row", "seat", "note"}`, what is set.

    Nothing given: picked up. Empty for a cart without products. Raises `Invalid`, naming `delivery.method`,
    `.section`, `.row` or `.seat`: an outlet that does not offer the method, a seat that is not there or not the
    buyer's.
    """
    outlets = {line.thing.product.outlet for line in cart.lines if isinstance(line.thing, ProductVariant)}
    wanted = {name: value for name, value in (given or {}).items() if value}
    method = wanted.setdefault("method", Method.PICKUP)
    if not outlets:
        if method == Method.SEAT:
            raise Invalid.field("delivery.method", "Nothing in this cart is brought to a seat.")
        return {}
    _refuse_method(method, sorted(outlets, key=lambda outlet: (outlet.position, outlet.name)))
    if method == Method.PICKUP:
        return {name: wanted[name] for name in ("method", "note") if name in wanted}
    _refuse_seat(Place(cart.venue, *(wanted.get(name, "") for name in ("section", "row", "seat"))), user, now)
    return wanted


def _refuse_method(method: str, outlets: list[Outlet]) -> None:
    for outlet in outlets:
        if method == Method.SEAT and not outlet.offers_seat_delivery:
            raise Invalid.field("delivery.method", f"{outlet} does not bring orders to seats.", "not_offered")
        if method == Method.PICKUP and not outlet.offers_pickup:
            raise Invalid.field("delivery.method", f"{outlet} only brings orders to seats: say which.", "not_offered")


def _refuse_seat(place: Place, user: Any, now: datetime) -> None:
    if not place.seat:
        raise Invalid.field("delivery.seat", "Say which seat.", "required")
    for checker in (by_plan, *_checkers):
        wrong = checker(place, user, now)
        if wrong:
            field, words = wrong
            raise Invalid.field(f"delivery.{field}", words, "no_such_seat")
