"""Which slot a ticket is for, as scanners without a network are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.models import Event
from ticketing.slots.models import EntrySlot

NAME = "slot"


def legend(event: Event, ids: Sequence[UUID]) -> list[Any]:
    """For each slot its times. One query, and none where no ticket is for a slot."""
    found = EntrySlot.objects.in_bulk(list(ids)) if ids else {}
    return [
        {"id": str(pk), "starts_at": found[pk].starts_at.isoformat(), "ends_at": found[pk].ends_at.isoformat()}
        for pk in ids
    ]
