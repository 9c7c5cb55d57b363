"""Who comes with a ticket, on the ticket's page of the console."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.grants import Permission
from ticketing.attendees import keeping
from ticketing.attendees.asking import Given, Value, asked_of
from ticketing.attendees.models import MAX_VALUE, Answer, Question
from ticketing.models import Ticket
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _

_PREFIX = "answer_"
_YES_OR_NO = [("", "–"), (Answer.YES, "yes"), (Answer.NO, "no")]


def _form(ticket: Ticket) -> type[Answers]:
    """What the event asks of this ticket's holder, filled in with what is known."""
    given, asked = keeping.given_for(ticket), asked_of(ticket.event, ticket.ticket_type_id)
    fields: dict[str, forms.Field] = {
        gettext("name"): forms.CharField(
            max_length=160, required=False, initial=given.name, widget=UnfoldAdminTextInputWidget()
        ),
        "email": forms.EmailField(required=False, initial=given.email, widget=UnfoldAdminEmailInputWidget()),
    }
    for question in asked.questions:
        fields[f"{_PREFIX}{question.pk.hex}"] = _field(question, given.answers.get(question.pk))
    return type("AttendeeAnswers", (Answers,), fields)


def _field(question: Question, value: Value | None) -> forms.Field:
    how: dict[str, Any] = {"label": question.text, "required": False, "initial": value}
    if question.kind == Question.Kind.TEXT:
        return forms.CharField(max_length=MAX_VALUE, widget=UnfoldAdminTextInputWidget(), **how)
    choices = [("", "–"), *((each, each) for each in question.choices)]
    if question.kind == Question.Kind.CONSENT:
        choices = _YES_OR_NO
        how["initial"] = None if value is None else Answer.YES if value else Answer.NO
    return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget(choices=choices), **how)


def _run(ticket: Ticket, by: Any, now: datetime, name: str, email: str, **answers: str) -> Ticket:
    said = {UUID(key.removeprefix(_PREFIX)): value for key, value in answers.items() if value}
    consents = Question.objects.filter(pk__in=said, kind=Question.Kind.CONSENT).values_list("pk", flat=True)
    agreed: dict[UUID, Value] = {key: said[key] == Answer.YES for key in consents}
    return keeping.put_by_staff(ticket, Given(name, email.lower(), {**said, **agreed}), by, now)


BUTTON = RowButton(
    name="attendee",
    label=_("Who comes"),
    permission=Permission.MANAGE_EVENTS,
    run=_run,
    consequence=_("Who comes with ticket {row} is noted as below, in place of what was said before."),
    done=_("Who comes with ticket {row} is noted."),
    available=lambda ticket: ticket.status != Ticket.Status.REFUNDED,
    form=_form,
    icon="badge",
)


def sections(ticket: Ticket) -> Iterable[Section]:
    """Who comes, and every answer with its time."""
    given = keeping.given_for(ticket)
    rows = [[gettext("name"), given.name, ""], [gettext("e-mail"), given.email, ""]]
    rows += [
        [each.asked, each.value, columns.local_time(each.answered_at, columns.zone_of(ticket))]
        for each in ticket.answers.all()
    ]
    yield Section(
        title=gettext("Who comes"),
        headers=[gettext("asked"), gettext("said"), gettext("when")],
        rows=[row for row in rows if row[1]],
        empty=gettext("Nobody said who comes with this ticket."),
    )
