"""The topic `venue`: the operator's dashboard, which shows something of every app."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.grants import Permission
from audit import trail
from trufan.lib import live
from venues.permissions import venue_for

EVENTS = {
    "order.paid": "An order was paid.",
    "order.refunded": "Money of an order went back.",
    "ticket.scanned": "Somebody was let in at the door.",
    "ticket.admitted": "Somebody was let in by hand.",
    "ticket.check_in_undone": "An admission was undone.",
    "fulfilment.accepted": "A kitchen took an order.",
    "fulfilment.picked_up": "Food was handed over.",
    "fulfilment.delivered": "Food was brought.",
    "parking_session.started": "A car came in.",
    "parking_session.ended": "A car left.",
    "event.published": "An event is on sale.",
    "event.changed": "An event was changed.",
    "event.cancelled": "An event was called off.",
}


def may_watch(caller: live.Caller, venue_id: UUID) -> None:
    """Raises `Forbidden` or `Missing`."""
    venue_for(caller.user, venue_id, Permission.VIEW_VENUE)


def announce(entry: Any, entity: Any) -> None:
    """On an entry of the audit trail."""
    if entry.action in EVENTS and entry.venue_id is not None:
        live.publish("venue", entry.venue_id, entry.action)


TOPIC = live.Topic(
    name="venue",
    title="What happens at one venue: its staff. At most one fact in two seconds, without data.",
    state="GET /api/v1/venues/{id} and the lists of each app with ?venue={id}",
    authorize=may_watch,
    events=EVENTS,
    every=2.0,
)


def connect() -> None:
    live.register(TOPIC)
    trail.listen(announce)
