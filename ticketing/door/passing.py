"""Going in and out: one conditional UPDATE, so that of two doors at the same moment one lets the person through.

The UPDATE names all that the rules read, and writes what folding the ticket's facts would. Only a fact that is older
than what is known already is folded in: see `is_late`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ticketing import announcements
from ticketing.door import standing
from ticketing.models import Scan, Ticket
from trufan.lib import appending, live
from trufan.lib.compiled import AllByKeys, UpdateByKeys

#: What a late look has to be told anew.
READ = ["status", "code_version", "frozen_at", "returning_at", "inside", "entries", "last_in_at", "last_out_at"]


@dataclass(frozen=True)
class Passage:
    """One way in or out, for a ticket that is still as it was read when it is written."""

    ticket: Ticket
    changes: dict[str, Any]
    #: What must be so beside what `READ` names; of that the UPDATE asks whether it is as it was read.
    also: dict[str, Any]

    def write(self) -> bool:
        """At once; whether the ticket was as it was read."""
        change, keys = self._change()
        if not change.run(*keys):
            return False
        self.written()
        return True

    def gather(self) -> None:
        """With what else is gathered: all of it, or nothing, and then `NotAsRead` is raised. Then say `written`."""
        change, keys = self._change()
        appending.change(appending.Change(Ticket, *change.statement(*keys), missed=_not_as_read))

    def written(self) -> None:
        """The ticket at hand is what its row is now."""
        for name, value in self.changes.items():
            setattr(self.ticket, name, value)

    def _change(self) -> tuple[UpdateByKeys, list[Any]]:
        ticket = self.ticket
        known = {name: getattr(ticket, name) for name in READ if name not in ("frozen_at", "returning_at")} | self.also
        shape = tuple((name, _kind(value)) for name, value in (*known.items(), *self.changes.items()))
        given = (*known.values(), *self.changes.values())
        return _writing(shape, len(known)), [ticket.pk, *(value for value in given if isinstance(_kind(value), type))]


class NotAsRead(Exception):
    """The ticket has changed since it was read."""


def _not_as_read() -> None:
    raise NotAsRead


def inwards(ticket: Ticket, gate: str, at: datetime) -> Passage:
    changes: dict[str, Any] = {
        "status": Ticket.Status.USED, "inside": True, "entries": ticket.entries + 1, "last_in_at": at,
    }  # fmt: skip
    if not ticket.entries:
        changes |= {"used_at": at, "used_gate": gate}
    return Passage(ticket, changes, {"frozen_at": None, "returning_at": None})


def outwards(ticket: Ticket, at: datetime) -> Passage:
    """A refunded ticket may: somebody is inside with it."""
    return Passage(ticket, {"inside": False, "last_out_at": at}, {})


def enter(ticket: Ticket, gate: str, at: datetime) -> bool:
    """Go in, if the ticket is still as it was read."""
    return inwards(ticket, gate, at).write()


def leave(ticket: Ticket, at: datetime) -> bool:
    """Go out, if the ticket is still as it was read."""
    return outwards(ticket, at).write()


def is_late(ticket: Ticket, at: datetime) -> bool:
    """Whether something later is known of the ticket already. Ask before it passes; then `settle`."""
    return any(moment is not None and at <= moment for moment in (ticket.last_in_at, ticket.last_out_at))


def settle(ticket: Ticket, event_id: Any) -> None:
    """Fold in a late passage whose row is written; the ticket's row is locked by its UPDATE. Tells of conflicts."""
    fresh = standing.locked([ticket.pk])
    conflicts = standing.refold(fresh)
    for name in standing.FIELDS:
        setattr(ticket, name, getattr(fresh[0], name))
    announcements.conflicts(ticket.event.venue_id, conflicts)
    if conflicts:
        live.publish("door", event_id, "door.conflict")


def last_entry(ticket: Ticket) -> Scan | None:
    """The scan by which somebody is, or was last, inside."""
    # Asked by the ticket alone: an event that is new to the planner's statistics looks as if it had few scans, and all
    # of them would be read.
    return next((scan for scan in _ENTRIES.all(ticket.pk) if scan.event_id == ticket.event_id), None)


_ENTRIES = AllByKeys(
    lambda ticket: (
        Scan.objects.standing().filter(ticket=ticket, direction=Scan.Direction.IN).order_by("-scanned_at", "-nonce")
    ),
    UUID,
)


def _kind(value: Any) -> Any:
    """`str`, `int` or `datetime`, which differ from scan to scan; of what has few values, the value itself."""
    if value is None or isinstance(value, bool):
        return value
    return str if isinstance(value, str) else type(value)


@cache
def _writing(shape: tuple[tuple[str, Any], ...], known: int) -> UpdateByKeys:
    """Columns and kinds: where the first `known` are as given, the others become what is given."""

    def build(pk: UUID, *given: Any) -> tuple[QuerySet[Any], dict[str, Any]]:
        keys = iter(given)
        columns = [(name, next(keys) if isinstance(kind, type) else kind) for name, kind in shape]
        return Ticket.objects.filter(pk=pk, **dict(columns[:known])), dict(columns[known:])

    return UpdateByKeys(build, UUID, *(kind for _, kind in shape if isinstance(kind, type)))
