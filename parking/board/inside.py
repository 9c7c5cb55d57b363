"""Who is on a lot: its stays as the board lists them, and what its gates said last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.urls import reverse

from parking.board.filling import SOON
from parking.booking.models import ParkingReservation
from parking.lots.models import ParkingLot
from parking.stays import fees
from parking.stays.models import GateEvent, ParkingSession
from parking.stays.querysets import SessionQuerySet
from parking.vehicles import plates
from trufan.lib.money import show

#: How many stays are listed at once; the search finds the others.
SHOWN = 60
#: What a gate answered is of interest to who stands there for so long.
_FRESH = timedelta(minutes=10)
_AT_GATE, _TO_COME = 6, 8


def over_time(now: datetime) -> Q:
    """Stays whose time is up: what was reserved or prepaid is over, and so is the grace to leave after paying."""
    reserved_or_prepaid = Q(expires_at__lt=now) & (Q(leave_by=None) | Q(leave_by__lt=now))
    return reserved_or_prepaid | Q(expires_at=None, leave_by__lt=now)


def late_by_lot(lots: Iterable[ParkingLot], now: datetime) -> dict[UUID, int]:
    """How many cars are over their time, by the lot's id; one query."""
    rows = ParkingSession.objects.active().filter(over_time(now), lot__in=[lot.pk for lot in lots]).order_by()
    return dict(rows.values_list("lot_id").annotate(count=Count("pk")))


@dataclass(frozen=True)
class Row:
    """One stay on the board. `due` is what its price is short of, before fee and tax."""

    stay: ParkingSession
    now: datetime
    due: fees.Due

    @property
    def url(self) -> str:
        return reverse("admin:parking_parkinglot_board_stay", args=[self.stay.lot_id, self.stay.pk])

    @property
    def until(self) -> datetime | None:
        """Until when it is reserved or prepaid, or may leave for what was paid; whichever is later."""
        return max(filter(None, (self.stay.expires_at, self.stay.leave_by)), default=None)

    @property
    def is_to_leave(self) -> bool:
        """Whether that is the grace after paying."""
        return self.until is not None and self.until == self.stay.leave_by

    @property
    def is_late(self) -> bool:
        return self.until is not None and self.until < self.now

    @property
    def over_by(self) -> str:
        return span(self.now - self.until) if self.until else ""

    @property
    def so_far(self) -> str:
        return span(self.now - self.stay.started_at)

    @property
    def is_of_today(self) -> bool:
        zone = self.stay.lot.zone
        return self.stay.started_at.astimezone(zone).date() == self.now.astimezone(zone).date()

    @property
    def to_pay(self) -> str:
        """Empty where nothing is due just now."""
        return show(self.due.amount, self.stay.lot.currency) if self.due.amount else ""


def span(length: timedelta) -> str:
    """`2 h 05`, `35 min`, `3 d 4 h`."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)} d {minutes // 60 % 24} h"
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"


@dataclass(frozen=True)
class Inside:
    """One page of the stays on a lot, and how many there are."""

    rows: Sequence[Row]
    count: int

    @property
    def left_out(self) -> int:
        return self.count - len(self.rows)


def inside(lot: ParkingLot, now: datetime, search: str = "") -> Inside:
    """Those over their time first, then whoever came first; four queries. `search`: a plate, a number, a space."""
    rows = _searched(ParkingSession.objects.active().filter(lot=lot), search)
    late = Case(When(over_time(now), then=Value(0)), default=Value(1), output_field=IntegerField())
    shown = list(rows.with_lot().order_by(late, "started_at", "pk")[:SHOWN])
    fees.read_ahead(shown, now)
    return Inside(rows=[Row(stay, now, fees.due(stay, now)) for stay in shown], count=rows.count())


def _searched(rows: SessionQuerySet, search: str) -> SessionQuerySet:
    """A part of a plate is enough, however it is typed: a steward reads what the mud leaves."""
    search = search.strip()
    if not search:
        return rows
    found = Q(number__istartswith=search) | Q(space__number__iexact=search)
    key = plates.key(search)
    return rows.filter(found | Q(plate_key__contains=key) if key.isalnum() else found)


def at_the_gate(lot: ParkingLot, now: datetime) -> list[GateEvent]:
    """What the gates answered in the last minutes, the latest first; one query."""
    rows = lot.gate_events.filter(created_at__gt=now - _FRESH).select_related("session", "reservation")
    return list(rows.order_by("-created_at", "-id")[:_AT_GATE])


def expected(lot: ParkingLot, now: datetime) -> list[ParkingReservation]:
    """Reservations that should have come or come next, the earliest first; one query."""
    rows = ParkingReservation.objects.filter(
        capacity__lot=lot, status__in=("confirmed", "outside"), starts_at__lt=now + SOON, ends_at__gt=now
    )
    return list(rows.select_related("capacity").order_by("starts_at", "pk")[:_TO_COME])
