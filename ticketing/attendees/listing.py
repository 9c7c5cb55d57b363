"""Everybody who comes to an event, as a list and as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch

from events.models import Event
from ticketing.attendees import keeping
from ticketing.attendees.models import Answer, Question
from ticketing.models import Ticket
from ticketing.querysets import TicketQuerySet

#: Tickets read at a time for the spreadsheet.
BATCH = 500
HEAD = ["ticket", "status", "ticket_type", "seat", "order", "name", "email"]


def people_of(event: Event) -> TicketQuerySet:
    """The event's tickets with all that is known of who comes, in the order in which they were sold."""
    answers = Prefetch("answers", queryset=Answer.objects.with_question())
    tickets: TicketQuerySet = Ticket.objects.with_event().select_related("attendee").prefetch_related(answers)
    return tickets.filter(event=event).order_by("created_at", "ordinal", "id")


def table(event: Event) -> Iterator[list[Any]]:
    """The spreadsheet: a head, then a row for each ticket that admits or admitted somebody; a column a question.

    Retired questions have theirs, for what they were answered.
    """
    questions = list(Question.objects.filter(event=event).order_by("position", "created_at", "pk"))
    yield [*HEAD, *(question.text for question in questions)]
    for ticket in people_of(event).live().iterator(chunk_size=BATCH):
        answers = {answer.question_id: answer.value for answer in ticket.answers.all()}
        yield [
            ticket.number,
            ticket.status,
            ticket.ticket_type.name,
            ticket.seat,
            ticket.order.number,
            ticket.holder_name,
            keeping.given_for(ticket).email,
            *(answers.get(question.pk, "") for question in questions),
        ]
