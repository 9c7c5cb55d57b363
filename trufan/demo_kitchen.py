"""What the demonstration's kitchens have before them: a handful of orders, each at another point of its way."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from orders.cart import Extras, cart_lines
from orders.checkout import Contact, place_order
from orders.errors import CartRefused
from orders.kitchen import moves
from orders.models import Fulfilment, Order, Outlet, ProductVariant
from payments import charges
from payments.gateways.sandbox import SandboxGateway
from venues.models import Venue

SEAT = {"method": "seat", "section": "112", "row": "C", "seat": "7", "note": "Next to the stairs"}
#: Minutes ago, where to, and how far it is.
_ORDERS: list[tuple[int, dict[str, str] | None, tuple[str, ...]]] = [
    (28, None, ("accept", "prepare", "ready", "pick-up")),
    (24, None, ("accept", "prepare")),
    (12, None, ("accept", "prepare", "ready")),
    (9, SEAT, ("accept", "prepare", "ready")),
    (6, None, ("accept",)),
    (3, SEAT, ()),
    (1, None, ()),
]


def seed_kitchen(venue: Venue, buyers: list[User], cook: User, now: datetime, made: list[str]) -> None:
    """Leave orders in the kitchens of the venue's outlets, unless there are some."""
    if Fulfilment.objects.filter(outlet__venue=venue).exists():
        return
    outlets = list(venue.outlets.filter(is_active=True))
    count = 0
    for outlet in outlets:
        things = _things(outlet)
        for n, (minutes, to, steps) in enumerate(_ORDERS if things else ()):
            order = _order(things, n, buyers[n % len(buyers)], to if outlet.offers_seat_delivery else None,
                           now - timedelta(minutes=minutes))  # fmt: skip
            if order is None:
                break
            for passed, name in enumerate(steps, start=1):
                fulfilment = order.fulfilments.get()
                then = now - timedelta(minutes=minutes - passed)
                moves.step(fulfilment, name, by=cook, now=then, age_confirmed=True)
            count += 1
    if count:
        made.append(f"{count} orders in the kitchens of {venue.name}")


def _things(outlet: Outlet) -> list[ProductVariant]:
    """What can be bought there without choosing options."""
    variants = ProductVariant.objects.filter(product__outlet=outlet, product__is_active=True, is_active=True)
    plain = variants.exclude(product__option_groups__minimum__gte=1).order_by("product__position", "position", "name")
    return list(plain[:4])


def _order(things: list[ProductVariant], n: int, buyer: User, to: dict[str, str] | None, now: datetime) -> Order | None:
    """The n-th order, paid; None where the outlet is closed at this hour."""
    asked = [(things[n % len(things)], 1 + n % 2), (things[(n + 1) % len(things)], 1)]
    lines = cart_lines((thing.sellable_type, thing.pk, quantity) for thing, quantity in dict(asked).items())
    try:
        order = place_order(lines, user=buyer, contact=Contact(), extras=Extras(delivery=to or {}), now=now)
    except CartRefused:
        return None
    charges.start(order, payer=buyer, payment_method="pm_card_visa", now=now, provider=SandboxGateway.name)
    Order.objects.filter(pk=order.pk).update(created_at=now)
    return order
