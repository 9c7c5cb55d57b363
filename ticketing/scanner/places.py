"""Where at an event a scanner may stand: its gates and its check-in lists. For the page, and for the manifest.

With these parts of the manifest a scanner tells without a network what it is told with one: `gates` (which the tickets
of a type open), `lists`, the flag `inside`, and the `slot` of a ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.models import Event
from ticketing.manifest import parts
from ticketing.models import CheckInList, EntrySlot, TicketType


def of(event: Event) -> dict[str, Any]:
    """What the page offers: `gates`, all names that occur, and `lists` that are open. Three queries."""
    lists, of_types = _lists(event), _gates(event)
    names = {name for gates in of_types.values() for name in gates} | {name for each in lists for name in each["gates"]}
    return {"gates": sorted(names, key=str.casefold), "lists": [each for each in lists if each["is_active"]]}


def register() -> None:
    """Called once, when the app starts."""
    parts.add("gates", _gates)
    parts.add("lists", _lists)
    parts.add_flag("inside", "inside")
    parts.add_column("slot", "slot_id", _slots)


def _gates(event: Event) -> dict[str, list[str]]:
    """Of each type whose tickets don't open all gates, those that they do."""
    rows = TicketType.objects.filter(event=event).exclude(gates=[]).order_by("pk").values_list("pk", "gates")
    return {str(pk): gates for pk, gates in rows}


def _lists(event: Event) -> list[dict[str, Any]]:
    rows = CheckInList.objects.filter(event=event).prefetch_related("ticket_types").order_by("name")
    return [
        {
            "id": str(row.pk),
            "name": row.name,
            "gates": row.gates,
            "ticket_types": sorted(str(kind.pk) for kind in row.ticket_types.all()),
            "is_active": row.is_active,
        }
        for row in rows
    ]


def _slots(event: Event, ids: Sequence[UUID]) -> list[Any]:
    found = EntrySlot.objects.in_bulk(ids)
    return [
        {"id": str(pk), "starts_at": found[pk].starts_at.isoformat(), "ends_at": found[pk].ends_at.isoformat()}
        for pk in ids
    ]
