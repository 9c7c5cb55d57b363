"""The proof that what is promised fits and that every use is somebody's, for `manage.py check_inventory`.

Two things are left aside, for they are facts and no promises: cars that outstayed their time, and cars that a steward
let in on a full lot.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from orders.inventory_check import Difference
from orders.models import Order, OrderItem
from parking.booking.models import ParkingOffer, ParkingReservation, ReservationChange
from parking.spaces import counting
from parking.spaces.models import SpaceUse
from parking.stays.models import GateEvent, ParkingCharge, ParkingSession

Purpose, Status = SpaceUse.Purpose, ParkingReservation.Status


def differences() -> Iterator[Difference]:
    """Every kind of space that is promised too often, and every use that nobody has or that is not there."""
    now = timezone.now()
    yield from _overbooked(now)
    for row in _without_their_use():
        yield Difference("parking reservation", row.pk, row.number, "live", 1, "uses of its window", 0)
    for stay in ParkingSession.objects.active().exclude(use__is_inside=True, use__capacity=F("capacity")).iterator():
        yield Difference("parking session", stay.pk, stay.number, "active", 1, "cars inside", 0)
    for use in _of_nobody(now).iterator():
        yield Difference("space use", use.pk, use.purpose, "active", 1, "rows that it is for", 0)


def _overbooked(now: datetime) -> Iterator[Difference]:
    """Kinds of space of which, at some moment from now on, more are promised than there are; one statement."""
    let_in = GateEvent.objects.filter(
        session__use=OuterRef("pk"), direction=GateEvent.Direction.ENTRY, is_open=True
    ).exclude(override="")
    rows = (
        SpaceUse.objects.filter(counting.counted(now), ~Exists(let_in), ends_at__gt=now)
        .order_by("capacity_id")
        .values_list("capacity_id", "capacity__lot__name", "capacity__kind", "capacity__spaces", "starts_at", "ends_at",
                     "quantity")
    )  # fmt: skip
    for (pk, lot, kind, spaces), uses in groupby(rows.iterator(), key=lambda row: row[:4]):
        most = counting.peak(((begins, ends, quantity) for *_, begins, ends, quantity in uses), now, _after(now))
        if most > spaces:
            yield Difference("kind of space", pk, f"{kind}, {lot}", "spaces", spaces, "promises at their peak", most)


def _after(now: datetime) -> datetime:
    return now + counting.FOREVER


def _without_their_use() -> QuerySet[ParkingReservation]:
    """Live reservations whose use is not theirs: one to come has its own window; one driven in is there until its end
    at least, later if it came late."""
    own = Q(use__is_active=True, use__purpose=Purpose.RESERVATION, use__capacity=F("capacity"))
    to_come = Q(status=Status.CONFIRMED, use__starts_at=F("starts_at"), use__ends_at=F("ends_at"), use__is_inside=False)
    inside = Q(status=Status.INSIDE, use__ends_at__gte=F("ends_at"), use__is_inside=True)
    outside = Q(status=Status.OUTSIDE, use__ends_at__gte=F("ends_at"), use__is_inside=False)
    return ParkingReservation.objects.live().exclude(own & (to_come | inside | outside))


def _of_nobody(now: datetime) -> QuerySet[SpaceUse]:
    """Uses that count although what they are for is over."""
    use = OuterRef("pk")
    booked = Exists(ParkingReservation.objects.live().filter(use=use))
    parked = Exists(ParkingSession.objects.active().filter(use=use))
    orphaned = (
        Q(Q(is_inside=True) & ~Q(parked))
        | Q(Q(purpose=Purpose.RESERVATION) & ~Q(booked) & ~Q(parked))
        | Q(Q(purpose=Purpose.SESSION) & ~Q(parked))
        | Q(Q(purpose=Purpose.HOLD) & ~_held())
    )
    return SpaceUse.objects.filter(counting.counted(now), orphaned)


def _held() -> Q:
    """Whether a pending cart, change or extension keeps it."""
    item = OuterRef("item_id")
    lines: Any = OrderItem.objects.filter(
        item_type=ParkingOffer.sellable_type,
        item_id=item,
        status=OrderItem.Status.HELD,
        order__status=Order.Status.PENDING,
    )
    changes = ReservationChange.objects.filter(pk=item, status=ReservationChange.Status.PENDING)
    charges = ParkingCharge.objects.filter(pk=item, status=ParkingCharge.Status.PENDING)
    return Q(Exists(lines)) | Q(Exists(changes)) | Q(Exists(charges))
