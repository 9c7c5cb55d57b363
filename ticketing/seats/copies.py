"""Numbered seats go along when an event is copied over dates: by the same plan, at the same price rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.models import Event
from ticketing.models import EventSeat, EventSeating

_SEATING = ("plan_id", "plan_version")
#: What a seat of the copy has of the source's.
_SEAT = (
    "seat_id", "position", "label", "section", "row", "number", "row_order", "seat_order", "x", "y", "accessible",
    "companion", "restricted_view", "goes_with",
)  # fmt: skip
_KEPT = (EventSeat.Status.BLOCKED, EventSeat.Status.HOUSE)
_BATCH = 1_000


def seats(source: Event, copies: Sequence[Event], rows: dict[str, Any]) -> None:
    """The seats as the source has them, those that are kept from sale as well, and nobody on the others.

    The quantities of their ticket types count them already: they were copied with the types.
    """
    seating = EventSeating.objects.filter(event=source).first()
    if seating is None:
        return
    types = rows["ticket_types"]
    old = list(EventSeat.objects.filter(event=source).order_by("position"))
    for event in copies:
        own = {pk: new.pk for (pk, event_id), new in types.items() if event_id == event.pk}
        EventSeating.objects.create(
            event=event,
            prices=_prices(seating.prices, own),
            **{name: getattr(seating, name) for name in _SEATING},
        )
        EventSeat.objects.bulk_create((_seat(each, event, own) for each in old), batch_size=_BATCH)


def _prices(rules: list[dict[str, Any]], own: dict[Any, Any]) -> list[dict[str, Any]]:
    """The rules with the copy's ticket types; one whose type is gone says nothing."""
    by_text = {str(old): str(new) for old, new in own.items()}
    return [{**rule, "ticket_type": by_text[rule["ticket_type"]]} for rule in rules if rule["ticket_type"] in by_text]


def _seat(old: EventSeat, event: Event, own: dict[Any, Any]) -> EventSeat:
    kept = old.status in _KEPT
    return EventSeat(
        event=event,
        ticket_type_id=own[old.ticket_type_id] if old.ticket_type_id else None,
        status=old.status if kept else EventSeat.Status.FREE,
        reason=old.reason if kept else "",
        **{name: getattr(old, name) for name in _SEAT},
    )
