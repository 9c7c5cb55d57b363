"""The topic `door`: what happens at the door of one event, for the staff who work there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.grants import Permission
from ticketing.door import counts
from trufan.lib import live

EVENTS = {
    "door.passed": "Somebody was let in or counted out.",
    "door.refused": "Somebody was refused.",
    "door.undone": "A passage was taken back.",
    "door.synced": "A scanner that had no network told what it had done.",
    "door.conflict": "Somebody had been let in who should not have been.",
}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}


def may_watch(caller: live.Caller, event_id: UUID) -> None:
    """Raises `Forbidden` or `Missing`."""
    from ticketing.permissions import staff_event

    staff_event(caller.user, event_id, Permission.CHECK_IN)


TOPIC = live.Topic(
    name="door",
    title="The door of one event: staff who check in there. At most one fact a second.",
    state="GET /api/v1/events/{id}/checkin/counts",
    authorize=may_watch,
    events=EVENTS,
    data={
        "sold": {**_NUMBER, "description": "Tickets that admit or have admitted someone."},
        "arrived": {**_NUMBER, "description": "Those that were used."},
        "inside": {**_NUMBER, "description": "Those whose bearer has not left."},
        "conflicts": {**_NUMBER, "description": "Who was let in and should not have been."},
    },
    every=1.0,
    snapshot=counts.in_short,
)


def connect() -> None:
    live.register(TOPIC)
