"""The questions of an event: asked, changed, retired, and deleted as long as nobody answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.errors import EventClosed
from events.lifecycle import locked
from events.models import Event
from orders.models import OrderItem
from ticketing.attendees.errors import QuestionAnswered
from ticketing.attendees.keeping import HAS_IT
from ticketing.attendees.models import Question
from ticketing.models import TicketType
from trufan.lib.errors import Invalid, Missing

#: Of one event; and of one question.
MOST, MOST_CHOICES, LONGEST_CHOICE = 50, 50, 200
FIELDS = frozenset({"text", "kind", "choices", "required", "ticket_types", "position", "is_active"})


def create(event: Event, by: Any, *, ticket_types: Sequence[TicketType] = (), **fields: Any) -> Question:
    """Ask one thing more. Raises `EventClosed`, and `Invalid` on a question that can't be asked like that."""
    row = Question(event=event, **fields)
    _refuse_unclear(row, ticket_types)
    with transaction.atomic():
        _open(event)
        if Question.objects.filter(event=event).count() >= MOST:
            raise Invalid(gettext("An event asks at most {MOST} questions.").format(MOST=MOST))
        row.save(force_insert=True)
        row.ticket_types.set(ticket_types)
        said = {**fields, "ticket_types": _names(ticket_types)}
        record("question.created", row, new=said, actor=by, venue_id=event.venue_id)
    return row


def change(question: Question, by: Any, **fields: Any) -> Question:
    """Change some of it; the history keeps what it said, and so do the answers.

    Raises `EventClosed`, `QuestionAnswered` (another kind, once somebody answered), `Invalid`.
    """
    with transaction.atomic():
        _open(question.event)
        row = _locked(question.pk)
        before = {name: _value(row, name) for name in fields}
        types = fields.pop("ticket_types", None)
        for name, value in fields.items():
            setattr(row, name, value)
        _refuse_unclear(row, list(row.ticket_types.all()) if types is None else types)
        if "kind" in fields and before["kind"] != row.kind and _is_answered(row):
            raise QuestionAnswered(gettext("Somebody answered this question; retire it, and ask another one."))
        row.save()
        if types is not None:
            row.ticket_types.set(types)
        after = {name: _value(row, name) for name in before}
        if after != before:
            old = {name: value for name, value in before.items() if value != after[name]}
            new = {name: after[name] for name in old}
            record("question.changed", row, old=old, new=new, actor=by, venue_id=row.event.venue_id)
    return row


def delete(question: Question, by: Any) -> None:
    """Take back a question that nobody answered, nor is about to. Raises `EventClosed`, `QuestionAnswered`."""
    with transaction.atomic():
        _open(question.event)
        row = _locked(question.pk)
        if _is_answered(row):
            raise QuestionAnswered
        record("question.deleted", row, old={"text": row.text}, actor=by, venue_id=row.event.venue_id)
        row.delete()


def _is_answered(question: Question) -> bool:
    """Whether there is an answer, or a cart for this event that may hold one."""
    carts = OrderItem.objects.filter(
        item_type=TicketType.sellable_type,
        item_id__in=question.event.ticket_types.values("pk"),
        status=OrderItem.Status.HELD,
        **HAS_IT,
    )
    return question.answers.exists() or carts.exists()


def _open(event: Event) -> None:
    if locked(event).status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        raise EventClosed


def _locked(question_id: UUID) -> Question:
    rows = Question.objects.select_for_update(of=("self",)).select_related("event__venue")
    row = rows.filter(pk=question_id).first()
    if row is None:
        raise Missing(gettext("There is no such question."))
    return row


def _value(row: Question, name: str) -> Any:
    return _names(row.ticket_types.all()) if name == "ticket_types" else getattr(row, name)


def _names(types: Any) -> list[str]:
    return sorted(str(each.pk) for each in types)


def _refuse_unclear(row: Question, types: Sequence[TicketType]) -> None:
    if any(each.event_id != row.event_id for each in types):
        raise Invalid.field("ticket_types", "There is no such ticket type for this event.", "not_found")
    if row.kind != Question.Kind.CHOICE:
        if row.choices:
            raise Invalid.field("choices", "Only a question of the kind choice has these.")
        return
    if not isinstance(row.choices, list) or not 2 <= len(row.choices) <= MOST_CHOICES:
        raise Invalid.field("choices", f"Give a list of 2 to {MOST_CHOICES} choices.")
    if not all(isinstance(each, str) and 0 < len(each.strip()) <= LONGEST_CHOICE for each in row.choices):
        raise Invalid.field("choices", f"A choice is a text of 1 to {LONGEST_CHOICE} characters.")
    if len(set(row.choices)) < len(row.choices):
        raise Invalid.field("choices", "One of these stands here twice.")
