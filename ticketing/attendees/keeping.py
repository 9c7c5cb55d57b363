"""What is known of those who come: written with the order, by the holder until the deadline, by staff at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from events.attendee_policy import policy_of
from events.models import Event
from orders.models import Order, OrderItem
from ticketing.attendees.asking import Asked, Given, Value, asked_of
from ticketing.attendees.errors import AttendeesClosed, AttendeesIncomplete
from ticketing.attendees.models import Answer, Attendee, Question
from ticketing.errors import TicketRefunded, TicketUsed
from ticketing.models import Ticket

#: The field of a line of a cart, under `asked` in what the line keeps until there are tickets.
KEY = "attendees"
HAS_IT = {"options__asked__has_key": KEY}


def given_for(ticket: Ticket) -> Given:
    """What is known so far. Reads the ticket's `attendee` and `answers` with their questions."""
    attendee: Attendee | None = getattr(ticket, "attendee", None)
    answers = {answer.question_id: answer.shown for answer in ticket.answers.all()}
    return Given(attendee.name if attendee else "", attendee.email if attendee else "", answers)


def is_editable(ticket: Ticket, now: datetime) -> bool:
    """Whether its holder may still change it."""
    return ticket.status == Ticket.Status.VALID and _is_open(ticket.event, now)


def put(ticket: Ticket, given: Given, by: Any, now: datetime) -> Ticket:
    """The holder says who comes: all that the event requires, in place of what was said before.

    `by` is None for a guest. Raises `AttendeesClosed`, `TicketRefunded`, `TicketUsed`, `AttendeesIncomplete`.
    """
    with transaction.atomic():
        ticket = _locked(ticket)
        _refuse_gone(ticket)
        if ticket.status == Ticket.Status.USED:
            raise TicketUsed
        if not _is_open(ticket.event, now):
            raise AttendeesClosed
        return _write(ticket, given, by, now, complete=True)


def put_by_staff(ticket: Ticket, given: Given, by: Any, now: datetime) -> Ticket:
    """The same at any time; what is required may be left open. Raises `TicketRefunded`, `AttendeesIncomplete`."""
    with transaction.atomic():
        ticket = _locked(ticket)
        _refuse_gone(ticket)
        return _write(ticket, given, by, now, complete=False)


def clear(ticket: Ticket, by: Any) -> None:
    """The ticket is somebody else's from now on: what its former holder said goes. The caller names the new one."""
    gone = _forget([ticket.pk])
    if any(gone):
        told = {"attendees": gone[0], "answers": gone[1]}
        record("ticket.attendee_cleared", ticket, old=told, actor=by, venue_id=ticket.event.venue_id)


def forget(tickets: Any) -> None:
    """Take all that was said of who comes with these tickets, given by their ids."""
    _forget(tickets)


def export(ticket: Ticket) -> dict[str, Any]:
    """The same in full, for who asks what is kept about them."""
    given = given_for(ticket)
    answers = [
        {"asked": each.asked, "value": each.shown, "answered_at": each.answered_at} for each in ticket.answers.all()
    ]
    return {"name": given.name, "email": given.email, "answers": answers}


def forget_in_lines(orders: Any) -> None:
    """Take it off the lines of these orders, which never became tickets."""
    lines = list(OrderItem.objects.filter(order__in=orders, **HAS_IT))
    for item in lines:
        _strip(item)
    OrderItem.objects.bulk_update(lines, ["options"], batch_size=200)


def move_to_tickets(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """Tickets were issued: what their lines say of who comes is theirs from now on, and no longer the lines'.

    A question that was deleted since is left out. Two reads and a few bulk writes, however many tickets.
    """
    said = [(each, given) for each in tickets if (given := _of_line(each)) is not None]
    if not said:
        return
    questions = Question.objects.in_bulk({key for _, given in said for key in given.answers})
    Attendee.objects.bulk_create(
        Attendee(ticket=ticket, name=given.name, email=given.email)
        for ticket, given in said
        if given.name or given.email
    )
    Answer.objects.bulk_create(
        _answer(ticket, questions[key], value, now)
        for ticket, given in said
        for key, value in given.answers.items()
        if key in questions
    )
    named = [ticket for ticket, given in said if given.name]
    for ticket, given in said:
        ticket.holder_name = given.name or ticket.holder_name
    Ticket.objects.bulk_update(named, ["holder_name"])
    items = {ticket.order_item_id: ticket.order_item for ticket, _ in said}
    for item in items.values():
        _strip(item)
    OrderItem.objects.bulk_update(items.values(), ["options"])


def _of_line(ticket: Ticket) -> Given | None:
    """What the ticket's line says of the one who comes with it."""
    people = ticket.order_item.asked.get(KEY, [])
    return Given.read(people[ticket.ordinal - 1]) if ticket.ordinal <= len(people) else None


def _strip(item: OrderItem) -> None:
    item.options = {**item.options, "asked": {name: said for name, said in item.asked.items() if name != KEY}}


def _locked(ticket: Ticket) -> Ticket:
    return Ticket.objects.with_event().select_for_update(of=("self",)).get(pk=ticket.pk)


def _refuse_gone(ticket: Ticket) -> None:
    if ticket.status == Ticket.Status.REFUNDED:
        raise TicketRefunded


def _is_open(event: Event, now: datetime) -> bool:
    return event.status == Event.Status.PUBLISHED and now < policy_of(event).deadline(event.starts_at)


def _write(ticket: Ticket, given: Given, by: Any, now: datetime, *, complete: bool) -> Ticket:
    asked = asked_of(ticket.event, ticket.ticket_type_id)
    problems = asked.problems(given, complete=complete)
    if problems:
        raise AttendeesIncomplete(details=problems)
    changed = [*_write_person(ticket, given), *_write_answers(ticket, asked, given.answers, now)]
    if changed:
        told = {"fields": changed}
        record("ticket.attendee_changed", ticket, new=told, actor=by, venue_id=ticket.event.venue_id)
    return ticket


def _write_person(ticket: Ticket, given: Given) -> list[str]:
    """The fields that changed. Without a name of its own the ticket says whose it is, as before."""
    before = Attendee.objects.filter(ticket=ticket).first() or Attendee(ticket=ticket)
    changed = [name for name in ("name", "email") if getattr(before, name) != getattr(given, name)]
    if changed:
        before.name, before.email = given.name, given.email
        before.save()
    if "name" in changed:
        ticket.holder_name = given.name or _whose(ticket)
        ticket.save(update_fields=["holder_name", "updated_at"])
    return changed


def _whose(ticket: Ticket) -> str:
    return str(ticket.holder) if ticket.holder else ticket.order.contact_name


def _write_answers(ticket: Ticket, asked: Asked, answers: Mapping[UUID, Value], now: datetime) -> list[str]:
    """The answers that changed. One that says the same keeps its time, one to a question no longer asked stays."""
    before = {each.question_id: each for each in Answer.objects.filter(ticket=ticket)}
    changed = []
    for question in asked.questions:
        old, value = before.get(question.pk), answers.get(question.pk)
        if old and value is not None and old.value == _stored(value):
            continue
        if old is None and value is None:
            continue
        if old:
            old.delete()
        if value is not None:
            _answer(ticket, question, value, now).save(force_insert=True)
        changed.append(f"answers.{question.pk}")
    return changed


def _answer(ticket: Ticket, question: Question, value: Value, now: datetime) -> Answer:
    return Answer(ticket=ticket, question=question, value=_stored(value), asked=question.text, answered_at=now)


def _stored(value: Value) -> str:
    return value if isinstance(value, str) else Answer.YES if value else Answer.NO


def _forget(tickets: Any) -> tuple[int, int]:
    """How many names and addresses, and how many answers went."""
    people, _ = Attendee.objects.filter(ticket__in=tickets).delete()
    answers, _ = Answer.objects.filter(ticket__in=tickets).delete()
    return people, answers
