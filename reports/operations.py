"""The rollups of what venues do besides selling, and what makes them out of date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from events.models import Event
from events.signals import event_moved
from orders.models import Fulfilment, Order
from orders.signals import fulfilment_moved
from parking.signals import figures_moved
from reports import registry
from reports.attendance import counting as attendance
from reports.attendance import reports as attendance_reports
from reports.attendance.models import AttendanceDay
from reports.concessions import counting as concessions
from reports.concessions import reports as concession_reports
from reports.concessions.models import ConcessionDay, KitchenDay
from reports.parking import counting as parking
from reports.parking import reports as parking_reports
from reports.parking.models import ParkingDay
from reports.rollups import keeping
from reports.rollups.base import Rollup, register
from reports.rollups.topics import DOOR, KITCHEN, MONEY, PARKING
from reports.sales import moves
from ticketing.signals import attendance_moved


def connect() -> None:
    """Called when the app is ready."""
    register(
        Rollup(
            attendance_reports.NAME,
            AttendanceDay,
            DOOR,
            attendance.compute,
            attendance.first_at,
            last_at=attendance.last_at,
        )
    )
    register(Rollup(concession_reports.SOLD, ConcessionDay, MONEY, concessions.compute, moves.first_at))
    register(
        Rollup(
            concession_reports.MADE, KitchenDay, KITCHEN, concessions.compute_kitchens, concessions.kitchens_first_at
        )
    )
    register(Rollup(parking_reports.NAME, ParkingDay, PARKING, parking.compute, parking.first_at))
    registry.register(
        attendance_reports.ATTENDANCE,
        attendance_reports.DOOR,
        concession_reports.CONCESSIONS,
        concession_reports.KITCHENS,
        parking_reports.PARKING,
    )
    attendance_moved.connect(_door, dispatch_uid="reports.mark_attendance")
    event_moved.connect(_event_moved, dispatch_uid="reports.mark_moved_events")
    fulfilment_moved.connect(_kitchen, dispatch_uid="reports.mark_kitchens")
    figures_moved.connect(_parking, dispatch_uid="reports.mark_parking")


def _door(events: Collection[Event] = (), event_ids: Collection[UUID] = (), **_: Any) -> None:
    # On the day of the event, whenever it is that somebody comes.
    for event in events:
        keeping.mark(DOOR, event.venue_id, event.starts_at)
    if not event_ids:
        return
    for venue_id, starts_at in Event.objects.filter(pk__in=event_ids).values_list("venue_id", "starts_at"):
        keeping.mark(DOOR, venue_id, starts_at)


def _event_moved(event: Event, was_starts_at: datetime, **_: Any) -> None:
    keeping.mark(DOOR, event.venue_id, was_starts_at, event.starts_at)


def _kitchen(fulfilment: Fulfilment, order: Order, **_: Any) -> None:
    keeping.mark(KITCHEN, order.venue_id, fulfilment.created_at)


def _parking(venue_id: UUID, moments: Sequence[datetime], **_: Any) -> None:
    keeping.mark(PARKING, venue_id, *moments)
