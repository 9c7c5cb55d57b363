"""Reviews of prices as they are asked: what is seen in the database, decided by `multiplier.decide`, written down.

A review holds the lock of its kind of space, which is the lock of whoever takes one, for a few short queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from audit.trail import record
from events.models import Event
from parking.booking.models import ParkingReservation
from parking.lots.models import ONE, ParkingCapacity, ParkingLot
from parking.pricing.configuration import Configuration, DemandRule, parse
from parking.pricing.models import PriceChange
from parking.pricing.multiplier import Decision, Signals, decide
from parking.pricing.shows import Show, hours_to_doors
from parking.spaces import counting, taking
from parking.spaces.models import SpaceUse
from parking.stays.models import ParkingSession
from payments.pauses import each
from trufan.lib.errors import Invalid

HOUR = timedelta(hours=1)
log = structlog.get_logger("trufan.parking.pricing")


def review(capacity: ParkingCapacity, now: datetime) -> PriceChange | None:
    """Look at one kind of space now, and move its price if the configuration says so; the change, if there is one.

    The given row is brought up to date. Raises `Invalid` where the lot's configuration cannot be read.
    """
    with transaction.atomic():
        locked = taking.lock_one(capacity.pk)
        change = _review_locked(locked, configuration_of(locked), now)
    capacity.multiplier_ppm, capacity.reviewed_at = locked.multiplier_ppm, locked.reviewed_at
    return change


def review_due(now: datetime) -> int:
    """The sweep `parking.prices`: review every open lot whose time has come; returns how many kinds of space.

    Where a configuration was taken away, the price goes back to the base price. A lot whose configuration cannot be
    read is named in the log, keeps its price and holds up no other. Safe to run twice at once: who comes second to the
    lock finds the review done.
    """
    return each(list(_candidates(now)), lambda pk: _review_if_due(pk, now))


def configuration_of(capacity: ParkingCapacity) -> Configuration | None:
    """That of its lot. Raises `Invalid` where it cannot be read."""
    return _parsed(json.dumps(capacity.lot.pricing, sort_keys=True))


@lru_cache(maxsize=1024)
def _parsed(source: str) -> Configuration | None:
    """Kept: every sweep asks all lots when they are due, and checking against a schema takes its time."""
    return parse(json.loads(source))


def _candidates(now: datetime) -> Iterator[UUID]:
    follows = Q(lot__status=ParkingLot.Status.OPEN) & ~Q(lot__pricing={})
    left_behind = Q(lot__pricing={}) & ~Q(multiplier_ppm=ONE)
    rows = ParkingCapacity.objects.filter(follows | left_behind).select_related("lot").order_by("pk")
    for capacity in rows:
        try:
            due = _is_due(capacity, configuration_of(capacity), now)
        except Invalid as unreadable:
            log.error("parking.pricing_unreadable", lot=str(capacity.lot_id), problem=unreadable.message)
        else:
            if due:
                yield capacity.pk


def _is_due(capacity: ParkingCapacity, configuration: Configuration | None, now: datetime) -> bool:
    if configuration is None:
        return capacity.multiplier_ppm != ONE
    every = timedelta(minutes=configuration.review_minutes)
    return capacity.reviewed_at is None or capacity.reviewed_at + every <= now


def _review_if_due(pk: UUID, now: datetime) -> bool:
    with transaction.atomic():
        capacity = taking.lock_one(pk)
        configuration = configuration_of(capacity)
        if not _is_due(capacity, configuration, now):
            return False
        _review_locked(capacity, configuration, now)
    return True


def _review_locked(capacity: ParkingCapacity, configuration: Configuration | None, now: datetime) -> PriceChange | None:
    """The caller holds the capacity's row."""
    signals = _signals(capacity, configuration, now) if configuration else Signals(0, capacity.spaces)
    decision = decide(configuration, capacity.multiplier_ppm, signals)
    old_ppm = capacity.multiplier_ppm
    capacity.multiplier_ppm, capacity.reviewed_at = decision.ppm, now
    capacity.save(update_fields=["multiplier_ppm", "reviewed_at", "updated_at"])
    return _write_down(capacity, old_ppm, decision, signals, now) if decision.ppm != old_ppm else None


def _write_down(
    capacity: ParkingCapacity, old_ppm: int, decision: Decision, signals: Signals, now: datetime
) -> PriceChange:
    change = PriceChange.objects.create(
        capacity=capacity,
        at=now,
        old_ppm=old_ppm,
        new_ppm=decision.ppm,
        causes=list(decision.causes),
        facts=vars(signals).copy(),
        words=decision.words,
    )
    record(
        "parking_capacity.price_moved",
        capacity,
        old={"multiplier_ppm": old_ppm},
        new={"multiplier_ppm": decision.ppm, "causes": list(decision.causes)},
    )
    return change


# -- What is seen --


def _signals(capacity: ParkingCapacity, configuration: Configuration, now: datetime) -> Signals:
    """At most five queries, whatever is on the lot."""
    occupied, blocked = _taken(capacity, now)
    return Signals(
        occupied=occupied,
        spaces=max(capacity.spaces - blocked, 0),
        hours_to_doors=_hours_to_doors(capacity, configuration, now),
        arrivals=_arrivals(capacity, configuration.demand, now) if configuration.demand else 0,
        changed_last_hour_ppm=_changed(capacity, now - HOUR),
    )


def _taken(capacity: ParkingCapacity, now: datetime) -> tuple[int, int]:
    """Spaces that cars, reservations and unpaid carts take at this moment, and spaces that staff blocked.

    What is blocked cannot be sold: it makes the lot smaller, not fuller.
    """
    rows = SpaceUse.objects.filter(
        counting.counted(now), Q(is_inside=True) | Q(starts_at__lte=now, ends_at__gt=now), capacity=capacity
    )
    occupied = blocked = 0
    for purpose, quantity in rows.order_by().values_list("purpose", "quantity"):
        if purpose == SpaceUse.Purpose.BLOCK:
            blocked += quantity
        else:
            occupied += quantity
    return occupied, blocked


def _hours_to_doors(capacity: ParkingCapacity, configuration: Configuration, now: datetime) -> float | None:
    """Of the venue's next published event, if it is near enough for any rule."""
    if not configuration.event:
        return None
    horizon = now + timedelta(hours=configuration.event[-1].within_hours)
    rows = Event.objects.filter(
        venue=capacity.lot.venue_id, status=Event.Status.PUBLISHED, starts_at__gt=now, doors_at__lt=horizon
    )
    coming = rows.order_by().values_list("name", "doors_at", "starts_at", "ends_at")
    return hours_to_doors((Show(*row) for row in coming), now)


def _arrivals(capacity: ParkingCapacity, rule: DemandRule, now: datetime) -> int:
    """Reservations made in the window, and cars driven in without one: who reserves and comes is counted once."""
    since = now - timedelta(minutes=rule.window_minutes)
    reserved = ParkingReservation.objects.filter(capacity=capacity, created_at__gt=since, created_at__lte=now)
    driven_in = ParkingSession.objects.filter(
        lot=capacity.lot_id, capacity=capacity, reservation=None, started_at__gt=since, started_at__lte=now
    )
    return reserved.count() + driven_in.exclude(status=ParkingSession.Status.VOID).count()


def _changed(capacity: ParkingCapacity, since: datetime) -> int:
    """All moves since then together, in millionths, up and down added."""
    moves = PriceChange.objects.filter(capacity=capacity, at__gt=since).order_by().values_list("old_ppm", "new_ppm")
    return sum(abs(new - old) for old, new in moves)
