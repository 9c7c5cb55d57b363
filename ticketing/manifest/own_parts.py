"""The parts of a manifest that belong to no other room: event, rules of the door, keys, ticket types and gates."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.models import Event
from ticketing import codes
from ticketing.door.rules import LATE_ENTRY
from ticketing.manifest import parts
from ticketing.models import TicketType


def register() -> None:
    """Called once, when the app starts."""
    parts.add("event", _event)
    parts.add("venue", _venue)
    parts.add("door", lambda event: event.configuration.get("door") or {})
    parts.add("keys", public_keys)
    parts.add_flag("frozen", "frozen_at")
    parts.add_flag("returning", "returning_at")
    parts.add_column("ticket_type", "ticket_type_id", _types)
    parts.add_column("gate", "used_gate", lambda event, gates: list(gates))


def public_keys(event: Event) -> list[dict[str, str]]:
    """The venue's keys as `GET /venues/{id}/ticket-keys` has them: the first signs, all verify."""
    return [
        {"key_id": key.key_id.hex(), "algorithm": "Ed25519", "public_key": unpadded(key.public)}
        for key in codes.venue_keys(event.venue_id)
    ]


def unpadded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _event(event: Event) -> dict[str, Any]:
    times = {"doors_at": event.doors_at, "starts_at": event.starts_at, "ends_at": event.ends_at}
    return {
        "id": str(event.pk),
        "name": event.name,
        "status": event.status,
        **{name: moment.isoformat() for name, moment in times.items()},
        "admits_until": (event.ends_at + LATE_ENTRY).isoformat(),
    }


def _venue(event: Event) -> dict[str, Any]:
    return {"id": str(event.venue_id), "name": event.venue.name, "time_zone": event.venue.time_zone}


def _types(event: Event, ids: Sequence[UUID]) -> list[Any]:
    names = dict(TicketType.objects.filter(event=event).values_list("pk", "name"))
    return [{"id": str(pk), "name": names[pk]} for pk in ids]
