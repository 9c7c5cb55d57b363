"""A quote as a line of a cart: offered at its price, held while the order is pending, let go when it ends unpaid.

The stock of a quote is the time of its kind of space, which every quote of that kind wants from. So a held space counts
until its order runs out and no longer (`SpaceUse.held_until`): a buyer finds what lapsed free without waiting for the
sweep, and an order that is paid late takes its space anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from orders.cart import sold_out
from orders.errors import NotForSale
from orders.models import Order, OrderItem
from orders.sellable import CartLine, Offer
from parking.errors import LotNotOpen, NoSpace, OfferExpired
from parking.spaces import counting, taking
from parking.spaces.models import SpaceUse
from venues.models import TaxRate

if TYPE_CHECKING:
    from parking.booking.models import ParkingOffer

Purpose = SpaceUse.Purpose
#: `ParkingOffer.sellable_type`.
OFFER = "parking"
_WITH = ("capacity__lot__venue", "event")


def for_sale(model: type[ParkingOffer], ids: Iterable[UUID], now: datetime) -> dict[UUID, ParkingOffer]:
    """The quotes by those ids, with how many spaces each could have. Four queries."""
    rows = model._default_manager.select_related(*_WITH).prefetch_related("capacity__lot__venue__fee_rules")
    found = rows.in_bulk(list(ids))
    ordered = _ordered(found)
    windows = [(offer.capacity, offer.starts_at, offer.ends_at) for offer in found.values()]
    for offer, spaces in zip(found.values(), counting.left_by_window(windows, now), strict=True):
        offer.spaces_left = 0 if offer.pk in ordered else spaces
    return found


def left(offer: ParkingOffer) -> int:
    """How many spaces the window had left when the quote was read for a cart.

    None for one that another order asks for already: should that order's time be up, `orders.expiry.make_room` ends it.
    """
    if offer.spaces_left is None:
        return max(counting.left(offer.capacity, offer.starts_at, offer.ends_at, timezone.now()), 0)
    return offer.spaces_left


def lock(model: type[ParkingOffer], ids: Iterable[UUID]) -> list[ParkingOffer]:
    """The quotes, and locked in key order the kinds of space that they want from."""
    offers = list(model._default_manager.filter(pk__in=set(ids)).order_by("pk"))
    taking.lock(offer.capacity_id for offer in offers)
    return offers


def make_offer(offer: ParkingOffer, line: CartLine, now: datetime) -> Offer:
    """What the cart is offered. Raises `NotForSale` for more than one, `OfferExpired`, `LotNotOpen`."""
    lot = offer.capacity.lot
    if line.in_cart != 1:
        raise NotForSale(gettext("A quote is for one space: ask for another one for another car."))
    # What the order holds already stays good for it as long as it is pending.
    if not line.held:
        _refuse(offer, now)
    return Offer(
        description=describe(offer),
        venue=lot.venue,
        unit_price=offer.price,
        unit_fee=0,
        tax_category=TaxRate.Category.PARKING,
        recipient_id=lot.connected_account_id,
        belongs_to=frozenset(filter(None, (lot.pk, offer.capacity_id, offer.event_id))),
    )


def _refuse(offer: ParkingOffer, now: datetime) -> None:
    lot = offer.capacity.lot
    if min(offer.expires_at, offer.ends_at) <= now:
        raise OfferExpired
    if lot.status != lot.Status.OPEN or not lot.takes_reservations or not lot.venue.is_active:
        raise LotNotOpen(gettext("{lot} takes no reservations at the moment.").format(lot=lot))


def describe(offer: ParkingOffer) -> str:
    """`Parking at North Lot, 27 Nov 2026, 18:00 to 23:00`: by the clock of the venue."""
    zone = offer.capacity.lot.zone
    begins, ends = offer.starts_at.astimezone(zone), offer.ends_at.astimezone(zone)
    day = f"{begins.day} {begins:%b %Y}"
    until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends.day} {ends:%b, %H:%M}"
    return gettext("Parking at {lot}, {day}, {begins:%H:%M} to {until}").format(
        lot=offer.capacity.lot, day=day, begins=begins, until=until
    )


def reserve(items: Sequence[OrderItem], now: datetime) -> None:
    """Hold a space for each line until its order runs out, or raise `SoldOut` with the lines that got none.

    A quote is for one space: while another order asks for it, or once one was paid, it is sold out.
    """
    offers = _offers(items)
    capacities = taking.lock(offer.capacity_id for offer in offers.values())
    taken = _ordered(offers, besides=items) | _paid(offers)
    short = [item for item in items if item.item_id in taken]
    for item in items:
        if item.item_id in taken:
            continue
        offer = offers[item.item_id]
        _end_holds([offer.pk], now)
        until = max(item.order.expires_at or now, now + taking.INSTANT)
        try:
            taking.take(
                capacities[offer.capacity_id], offer.starts_at, offer.ends_at, Purpose.HOLD, now,
                held_until=until, item_id=offer.pk,
            )  # fmt: skip
        except NoSpace:
            short.append(item)
    if short:
        raise sold_out((item.position, item.description, 0) for item in short)


def release(items: Sequence[OrderItem], now: datetime) -> None:
    """Give back what is held for these lines."""
    offers = _offers(items)
    taking.lock(offer.capacity_id for offer in offers.values())
    _end_holds(list(offers), now)


def hold_of(offer_id: UUID) -> SpaceUse | None:
    """What is held for a quote; read under the lock of its kind of space."""
    return SpaceUse.objects.filter(is_active=True, purpose=Purpose.HOLD, item_id=offer_id).first()


def _offers(items: Sequence[OrderItem]) -> dict[UUID, ParkingOffer]:
    from parking.booking.models import ParkingOffer

    rows = ParkingOffer.objects.select_related("capacity__lot__venue", "event")
    return rows.in_bulk([item.item_id for item in items])


def _ordered(offers: Iterable[UUID], besides: Sequence[OrderItem] = ()) -> set[UUID]:
    """Which of these a pending order asks for, whether or not its time is up, `besides` by these lines."""
    lines = OrderItem.objects.filter(
        item_type=OFFER,
        item_id__in=list(offers),
        status=OrderItem.Status.HELD,
        order__status=Order.Status.PENDING,
    ).exclude(pk__in=[item.pk for item in besides])
    return set(lines.values_list("item_id", flat=True))


def _paid(offers: Iterable[UUID]) -> set[UUID]:
    from parking.booking.models import ParkingReservation

    booked = ParkingReservation.objects.filter(order_item__item_type=OFFER, order_item__item_id__in=list(offers))
    return set(booked.values_list("order_item__item_id", flat=True))


def _end_holds(offer_ids: Sequence[UUID], now: datetime) -> None:
    for use in SpaceUse.objects.filter(is_active=True, purpose=Purpose.HOLD, item_id__in=offer_ids):
        taking.end(use, now)
