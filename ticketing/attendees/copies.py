"""Questions go along when an event is copied over dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.models import Event
from ticketing.attendees.models import Question


def questions(source: Event, copies: Sequence[Event], rows: dict[str, Any]) -> None:
    """Those that are still asked, for the copies of the ticket types that they are for."""
    types = rows["ticket_types"]
    asked = list(Question.objects.active().filter(event=source).in_order())
    made = [(old, _copy(old, event)) for event in copies for old in asked]
    Question.objects.bulk_create(new for _, new in made)
    through: Any = Question.ticket_types.through
    through.objects.bulk_create(
        through(question_id=new.pk, tickettype_id=types[kind.pk, new.event_id].pk)
        for old, new in made
        for kind in old.ticket_types.all()
    )


def _copy(old: Question, event: Event) -> Question:
    return Question(
        event=event,
        text=old.text,
        kind=old.kind,
        choices=list(old.choices),
        required=old.required,
        position=old.position,
    )
