"""What the kitchen's screens show: tiles in columns by state, each with the one touch that moves it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from orders.kitchen import moves
from orders.kitchen.models import Fulfilment
from orders.kitchen.queue import Deliveries, Queue
from trufan.lib.words import lazy as _

Status = Fulfilment.Status

#: What is written on the button of each step, and what is said once it was taken.
LABELS = {
    "accept": (_("Accept"), _("is accepted")),
    "prepare": (_("Start"), _("is being prepared")),
    "ready": (_("Ready"), _("is ready")),
    "pick-up": (_("Hand over"), _("was handed over")),
    "send-out": (_("Send out"), _("is on its way")),
    "deliver": (_("Delivered"), _("was delivered")),
}
COLUMNS: Mapping[str, str] = {
    Status.PLACED: _("New"),
    Status.ACCEPTED: _("Accepted"),
    Status.PREPARING: _("Preparing"),
    Status.READY: _("Ready"),
    Status.OUT_FOR_DELIVERY: _("On the way"),
}
#: What a tap names in place of typing; the buyer reads it.
REFUSALS = (_("Sold out"), _("We are closing"), _("Too busy"))
CANCELLATIONS = (_("Nobody came"), _("Nobody sat there"), _("Dropped"), _("The guest changed their mind"))


@dataclass(frozen=True)
class Tile:
    """One fulfilment on a screen. `step` is its next move, `label` the word on the button."""

    row: Fulfilment
    now: datetime

    @property
    def step(self) -> str:
        return moves.next_step(self.row)

    @property
    def label(self) -> str:
        return LABELS[self.step][0] if self.step else ""

    @property
    def asks_age(self) -> bool:
        """Whether the next move is one that takes a look at the buyer's face first."""
        return self.row.needs_age_check and bool(self.step) and moves.STEPS[self.step].hands_over

    @property
    def minutes_late(self) -> int:
        return max(1, int((self.now - self.row.promised_at).total_seconds() // 60))

    @property
    def waiting(self) -> int:
        """For how many minutes it has been ready."""
        return int((self.now - self.row.ready_at).total_seconds() // 60) if self.row.ready_at else 0


@dataclass(frozen=True)
class Column:
    """The tiles of one state, the oldest first."""

    status: str
    title: str
    tiles: Sequence[Tile]


def columns(queue: Queue, now: datetime) -> list[Column]:
    """All states of the kitchen; that of deliveries only where the outlet has some."""
    tiles = [Tile(row, now) for row in queue.fulfilments]
    found = [
        Column(status, title, [tile for tile in tiles if tile.row.status == status])
        for status, title in COLUMNS.items()
    ]
    keeps_last = queue.outlet.offers_seat_delivery or bool(found[-1].tiles)
    return found if keeps_last else found[:-1]


def sections(deliveries: Deliveries, now: datetime) -> list[Column]:
    """The runner's screen: a column for each section."""
    return [
        Column("section", _section(each["section"]), [Tile(row, now) for row in each["fulfilments"]])
        for each in deliveries.sections
    ]


def _section(name: str) -> str:
    return gettext("Section {section}").format(section=name) if name else gettext("No section")


def choices(row: Fulfilment) -> dict[str, Any]:
    """What the sheet of one fulfilment offers beside its next move."""
    earlier = moves.previous(row)
    return {
        "skips": [(name, LABELS[name][0]) for name in moves.further_steps(row)],
        "back_to": COLUMNS.get(earlier, "") if earlier else "",
        "refusals": REFUSALS if row.can_move(Status.REFUSED) else (),
        # What can still be refused need not be cancelled as well: for the guest it is the same.
        "cancellations": CANCELLATIONS if row.status in (Status.READY, Status.OUT_FOR_DELIVERY) else (),
    }
