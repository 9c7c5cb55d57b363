"""The topic `event`: what can still be bought for an event, for everybody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from audit import trail
from events.models import Event
from orders.signals import stock_moved
from ticketing.models import TicketType
from trufan.lib import live
from trufan.lib.errors import Missing

EVENTS = {
    "ticket_type.stock_moved": "Tickets were taken or came back.",
    "ticket_type.created": "There is a new ticket type.",
    "ticket_type.changed": "A ticket type was changed.",
    "event.published": "The event is on sale.",
    "event.changed": "The event itself was changed: its time, its name.",
    "event.cancelled": "The event was called off.",
    "event.completed": "The event is over.",
}


def may_know(caller: live.Caller, event_id: UUID) -> None:
    """Raises `Missing`."""
    if not Event.objects.readable_by(caller.user).filter(pk=event_id).exists():
        raise Missing(gettext("There is no such event."))


def event_of(key: UUID) -> UUID | None:
    """The event of a ticket type, or the event itself."""
    found = TicketType.objects.filter(pk=key).values_list("event_id", flat=True).first()
    return found or Event.objects.filter(pk=key).values_list("pk", flat=True).first()


def availability_of(event_id: UUID) -> dict[str, Any]:
    """What the public is shown of the event's stock; two queries."""
    event, now = Event.objects.select_related("venue").get(pk=event_id), timezone.now()
    types = list(TicketType.objects.listed().filter(event=event))
    for each in types:
        each.event = event
    return {
        "status": event.status,
        "ticket_types": [
            {"id": str(each.pk), "availability": str(each.availability), "is_on_sale": each.is_on_sale(now)}
            for each in types
        ],
    }


def stock_was_moved(sender: Any, *, table: Any, ids: Collection[UUID], **kwargs: Any) -> None:
    """On `stock_moved`."""
    if table is TicketType:
        for pk in ids:
            live.publish("event", pk, "ticket_type.stock_moved")


def announce(entry: Any, entity: Any) -> None:
    """On an entry of the audit trail."""
    if entry.action in EVENTS and isinstance(entity, TicketType | Event):
        live.publish("event", entity.pk, entry.action)


TOPIC = live.Topic(
    name="event",
    title="What can be bought for one event: everybody, while it is public. At most one fact a second.",
    state="GET /api/v1/events/{id}/ticket-types",
    authorize=may_know,
    is_public=True,
    events=EVENTS,
    data={
        "status": {"type": "string", "enum": ["draft", "published", "cancelled", "completed"]},
        "ticket_types": {
            "type": "array",
            "description": "The open ticket types.",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "availability": {"type": "string", "enum": ["available", "few", "sold_out"]},
                    "is_on_sale": {"type": "boolean"},
                },
                "required": ["id", "availability", "is_on_sale"],
            },
        },
    },
    every=1.0,
    resolve=event_of,
    snapshot=availability_of,
)


def connect() -> None:
    live.register(TOPIC)
    trail.listen(announce)
    stock_moved.connect(stock_was_moved, dispatch_uid="ticketing.live")
