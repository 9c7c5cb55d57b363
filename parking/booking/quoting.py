"""Quotes: a price for a window, with its parts and its reasons, that holds until the quote expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from events.models import Event
from orders.models import OrderItem
from parking.booking.models import ParkingOffer, ParkingReservation
from parking.booking.reckoning import reckon
from parking.errors import LotNotOpen, NoSpace
from parking.lots import opening
from parking.lots.models import ParkingCapacity, ParkingLot, SpaceKind
from parking.spaces import counting
from parking.vehicles.models import Vehicle
from trufan.lib.errors import Detail, Invalid, Missing

#: Longer than anybody books, and how far ahead.
LONGEST, FARTHEST = timedelta(days=60), timedelta(days=400)
#: A clock that is a little ahead of ours makes no window of the past.
SLACK = timedelta(minutes=5)
BATCH = 500
#: Offers that nobody took are kept so long, for questions.
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks a price for. `vehicle` is one of the person's own; its plate and height count."""

    lot_id: UUID
    kind: str
    starts_at: datetime
    ends_at: datetime
    plate: str = ""
    vehicle_id: UUID | None = None
    height_cm: int | None = None
    event_id: UUID | None = None


def quote(wanted: Wanted, *, user: Any, now: datetime) -> tuple[ParkingOffer, int]:
    """A price that holds for `lot.quote_minutes`, and how many spaces are left for the whole window. Holds none.

    Raises `Missing` for a lot that the public knows nothing of, `LotNotOpen`, `LotNotReady`, `NoSpace`, and `Invalid`
    with the field for everything that is wrong with what is asked.
    """
    lot = quotable_lot(wanted.lot_id)
    refuse_window(wanted.starts_at, wanted.ends_at, now)
    vehicle = vehicle_of(user, wanted.vehicle_id, wanted.plate)
    capacity = kind_of(lot, wanted.kind)
    refuse_height(lot, wanted.height_cm)
    if vehicle is not None and wanted.height_cm is None:
        refuse_height(lot, vehicle.height_cm, "vehicle")
    event = _event(lot, wanted.event_id)
    refuse_closed(lot, max(wanted.starts_at, now))
    offer = ParkingOffer(capacity=capacity, user=user, event=event)
    offer.starts_at, offer.ends_at = wanted.starts_at, wanted.ends_at
    offer.set_plate(vehicle.plate if vehicle else wanted.plate)
    left = counting.left(capacity, wanted.starts_at, wanted.ends_at, now)
    if left < 1:
        raise NoSpace.of(capacity, 0)
    price = reckon(capacity, wanted.starts_at, wanted.ends_at, event, now)
    offer.price, offer.parts, offer.words = price.fee.amount, price.parts, list(price.words)
    offer.tariff, offer.multiplier_ppm = price.tariff, price.multiplier_ppm
    offer.expires_at = now + timedelta(minutes=lot.quote_minutes)
    offer.save(force_insert=True)
    return offer, left


def quotable_lot(lot_id: UUID) -> ParkingLot:
    """The lot, where it takes reservations. Raises `Missing`, `LotNotOpen`."""
    known = ParkingLot.objects.filter(venue__is_active=True).exclude(status=ParkingLot.Status.DRAFT)
    lot = known.select_related("venue").filter(pk=lot_id).first()
    if lot is None:
        raise Missing(gettext("There is no such lot."))
    if lot.status != ParkingLot.Status.OPEN or not lot.takes_reservations:
        raise LotNotOpen(
            (
                gettext("{lot} takes no reservations.")
                if lot.takes_reservations
                else gettext("{lot} takes no reservations: drive up.")
            ).format(lot=lot)
        )
    return lot


def refuse_closed(lot: ParkingLot, entry: datetime) -> None:
    """Raise `Invalid` where cars do not come in at that time, `LotNotOpen` where they do not at any."""
    if lot.status == ParkingLot.Status.OPEN and lot.venue.is_active and not opening.is_open(lot, entry):
        raise Invalid.field("starts_at", f"{lot} is not open at that time: see its hours.", LotNotOpen.code)
    opening.refuse_closed(lot, entry)


def refuse_window(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raise `Invalid` for a window that is none, lies in the past, is too long or too far away."""
    problems = []
    if starts_at < now - SLACK:
        problems.append(Detail("starts_at", "in_the_past", gettext("This is over.")))
    if ends_at <= starts_at:
        problems.append(Detail("ends_at", "not_after_start", gettext("A stay ends after it starts.")))
    elif ends_at - starts_at > LONGEST:
        problems.append(Detail("ends_at", "too_long", gettext("At most {days} days.").format(days=LONGEST.days)))
    if starts_at > now + FARTHEST:
        problems.append(
            Detail("starts_at", "too_far_away", gettext("At most {days} days from now.").format(days=FARTHEST.days))
        )
    if problems:
        raise Invalid(problems[0].message if len(problems) == 1 else None, details=problems)


def kind_of(lot: ParkingLot, kind: str) -> ParkingCapacity:
    """The lot's spaces of that kind. Raises `Invalid` where it has none."""
    capacity = ParkingCapacity.objects.select_related("lot__venue").filter(lot=lot, kind=kind, spaces__gt=0).first()
    if capacity is None:
        label = SpaceKind(kind).label if kind in SpaceKind.values else kind
        raise Invalid.field("kind", f"{lot} has no {label} spaces.", "no_such_kind")
    return capacity


def refuse_height(lot: ParkingLot, height_cm: int | None, field: str = "height_cm") -> None:
    """Raise `Invalid` for a car that does not fit under the lot's ceiling."""
    if lot.height_limit_cm and height_cm and height_cm > lot.height_limit_cm:
        raise Invalid.field(field, f"{lot} takes cars up to {lot.height_limit_cm} cm high.", "too_high")


def vehicle_of(user: Any, vehicle_id: UUID | None, plate: str) -> Vehicle | None:
    """The person's own vehicle by that id. Raises `Invalid` for what they do not have, and beside a plate."""
    if vehicle_id is None:
        return None
    if plate:
        raise Invalid.field("vehicle", "Give a plate or a vehicle, not both.")
    found = Vehicle.objects.filter(pk=vehicle_id, user=user).first() if user else None
    if found is None:
        raise Invalid.field("vehicle", "You have no such vehicle.", "not_found")
    return found


def free_until(reservation: ParkingReservation) -> datetime:
    """Until when it is cancelled for nothing."""
    return reservation.starts_at - timedelta(minutes=reservation.lot.cancel_free_minutes)


def forget_unsold(now: datetime) -> int:
    """The sweep `parking.offers`: quotes that are long over and that no cart names go; how many."""
    old = ParkingOffer.objects.filter(expires_at__lt=now - KEPT).order_by("expires_at")
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    kept = set(
        OrderItem.objects.filter(item_type=ParkingOffer.sellable_type, item_id__in=ids).values_list(
            "item_id", flat=True
        )
    )
    gone = [pk for pk in ids if pk not in kept]
    return ParkingOffer.objects.filter(pk__in=gone).delete()[0] if gone else 0


def _event(lot: ParkingLot, event_id: UUID | None) -> Event | None:
    if event_id is None:
        return None
    found = Event.objects.published().filter(pk=event_id, venue=lot.venue_id).first()
    if found is None:
        raise Invalid.field("event", "There is no such event at this lot's venue.", "not_found")
    return found
