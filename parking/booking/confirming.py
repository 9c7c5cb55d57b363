"""A quote that is paid becomes a reservation: its held space is its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext

from audit.trail import record
from notifications.outbox import notify
from notifications.values import moment
from orders.models import Order, OrderItem
from parking import announcements
from parking.booking import codes, selling
from parking.booking.models import ParkingOffer, ParkingReservation
from parking.errors import NoSpace
from parking.spaces import taking
from parking.spaces.models import SpaceUse
from payments.payable import CannotFulfil

Purpose = SpaceUse.Purpose


def confirm(order: Order, items: Sequence[OrderItem], now: datetime) -> list[ParkingReservation]:
    """Make the reservations of these lines.

    Raises `CannotFulfil` where a hold lapsed and its space was given away, or the money came when the window was over.
    """
    rows = ParkingOffer.objects.select_related("capacity__lot__venue", "event")
    offers = rows.in_bulk([item.item_id for item in items])
    taking.lock(offer.capacity_id for offer in offers.values())
    made = [_confirm(order, item, offers[item.item_id], now) for item in items]
    for reservation in made:
        tell(reservation, "parking_confirmed")
        announcements.reservation(announcements.CONFIRMED, reservation)
    return made


def tell(reservation: ParkingReservation, template: str, **more: str) -> None:
    """Queue a message to whoever booked it, once for each reservation, template and window."""
    order, lot = reservation.order, reservation.lot
    if not (order.contact_email or order.contact_phone):
        return
    notify(
        template,
        user=order.user_id,
        email=order.contact_email,
        phone=order.contact_phone,
        language=order.language,
        venue_id=order.venue_id,
        dedupe_key=f"{template}:{reservation.pk}:{reservation.starts_at:%y%m%d%H%M}{reservation.ends_at:%y%m%d%H%M}",
        context={
            "number": reservation.number,
            "name": order.contact_name,
            "venue": lot.venue.name,
            "lot": lot.name,
            "address": ", ".join(filter(None, (lot.street, lot.city))),
            "starts": moment(reservation.starts_at, lot.zone),
            "ends": moment(reservation.ends_at, lot.zone),
            "plate": reservation.plate,
            ("order_url" if order.user_id else "link"): codes.link(reservation),
            **more,
        },
    )


def _confirm(order: Order, item: OrderItem, offer: ParkingOffer, now: datetime) -> ParkingReservation:
    if offer.ends_at <= now:
        raise CannotFulfil(gettext("The time that was booked is over."))
    use = _own(offer, now)
    reservation = ParkingReservation(
        capacity=offer.capacity,
        order=order,
        order_item=item,
        use=use,
        holder_id=order.user_id,
        holder_name=order.contact_name,
        event=offer.event,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        price=offer.price,
        tariff=offer.tariff,
        multiplier_ppm=offer.multiplier_ppm,
    )
    reservation.plate, reservation.plate_key = offer.plate, offer.plate_key
    reservation.save(force_insert=True)
    record(
        "parking_reservation.confirmed",
        reservation,
        new={"lot": offer.capacity.lot_id, "starts_at": offer.starts_at, "ends_at": offer.ends_at, "order": order.pk},
    )
    return reservation


def _own(offer: ParkingOffer, now: datetime) -> SpaceUse:
    """The space that was held, or another where the hold is over and one is left."""
    held = selling.hold_of(offer.pk)
    if held is not None and held.held_until is not None and held.held_until > now:
        return taking.keep(held, Purpose.RESERVATION)
    if held is not None:
        taking.end(held, now)
    try:
        return taking.take(offer.capacity, offer.starts_at, offer.ends_at, Purpose.RESERVATION, now)
    except NoSpace as refusal:
        raise CannotFulfil(gettext("The hold ran out and the space was given to others.")) from refusal
