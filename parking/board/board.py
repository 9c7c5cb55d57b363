"""What the board shows of lots: how full each is, who is late, and what it takes today. A fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.grants import Permission
from parking.board import inside
from parking.board.filling import STEP, Filling, fillings
from parking.figures import takings
from parking.lots.models import ParkingCapacity, ParkingLot, SpaceKind
from trufan.lib.console import switching
from trufan.lib.money import show


@dataclass(frozen=True)
class Card:
    """One lot. `taken` is today's money as it is shown; empty for who sees no payments."""

    lot: ParkingLot
    kinds: Sequence[Filling]
    late: int
    taken: str

    @property
    def url(self) -> str:
        return board_url(self.lot)

    @property
    def looks_until(self) -> datetime | None:
        """When the last bar ends."""
        return self.kinds[0].slots[-1].starts_at + STEP if self.kinds else None

    @property
    def spaces(self) -> int:
        return sum(kind.capacity.spaces for kind in self.kinds)

    @property
    def inside(self) -> int:
        return sum(kind.inside for kind in self.kinds)

    @property
    def free(self) -> int:
        """What is free of every kind; a kind that is over its spaces takes nothing from the others."""
        return sum(max(kind.free, 0) for kind in self.kinds)


def may_run(user: Any) -> bool:
    """Whether the person runs any lot."""
    return user.is_superuser or bool(user.venues_where(Permission.RUN_PARKING))


def mine(user: Any) -> list[ParkingLot]:
    """The lots that the person runs, with their kinds of space, by venue; two queries."""
    rows = ParkingLot.objects.visible_to(user, Permission.RUN_PARKING).select_related("venue")
    return list(switching.only_chosen(user, rows).prefetch_related("capacities").order_by("venue__name", "name"))


def cards(lots: Sequence[ParkingLot], now: datetime, user: Any = None) -> list[Card]:
    """Two queries for all of them, and two more for the money, where `user` sees some."""
    kinds = [capacity for lot in lots for capacity in lot.capacities.all()]
    filled, late = fillings(kinds, now), inside.late_by_lot(lots, now)
    paying = [lot for lot in lots if user and sees_money(user, lot)]
    taken = takings.today(paying, now) if paying else {}
    shown = {lot.pk: show(taken.get(lot.pk, 0), lot.currency) for lot in paying}
    return [
        Card(
            lot=lot,
            kinds=[filled[capacity.pk] for capacity in sorted(lot.capacities.all(), key=_usual_first)],
            late=late.get(lot.pk, 0),
            taken=shown.get(lot.pk, ""),
        )
        for lot in lots
    ]


def _usual_first(capacity: ParkingCapacity) -> int:
    return SpaceKind.values.index(capacity.kind)


def sees_money(user: Any, lot: ParkingLot) -> bool:
    return bool(user.can(Permission.VIEW_PAYMENTS, lot.venue_id))


def board_url(lot: ParkingLot) -> str:
    """Where the lot's board is."""
    return reverse("admin:parking_parkinglot_board_lot", args=[lot.pk])
