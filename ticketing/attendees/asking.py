"""What the holders of a ticket type are asked, and what is wrong with what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from events.attendee_policy import NONE, REQUIRED, AttendeePolicy, policy_of
from events.models import Event
from ticketing.attendees.models import MAX_VALUE, Question
from trufan.lib.errors import Detail

Value = str | bool


@dataclass(frozen=True)
class Given:
    """What was said of one person who comes. `answers`: question → what was answered; nothing, or "", is no answer."""

    name: str = ""
    email: str = ""
    answers: Mapping[UUID, Value] = field(default_factory=dict)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Given:
        """From its JSON form, `{"name", "email", "answers": {id: value}}`, in which each may be left out."""
        answers = {UUID(key): value for key, value in (said.get("answers") or {}).items() if value not in ("", None)}
        return cls(said.get("name") or "", (said.get("email") or "").lower(), answers)

    def plain(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            "name": self.name,
            "email": self.email,
            "answers": {str(key): said for key, said in self.answers.items()},
        }


@dataclass(frozen=True)
class Asked:
    """What is asked of one person: the event's policy, and those of its questions that are for their ticket type."""

    policy: AttendeePolicy
    questions: tuple[Question, ...] = ()

    @property
    def anything(self) -> bool:
        return bool(self.questions) or (self.policy.names, self.policy.emails) != (NONE, NONE)

    @property
    def requires(self) -> list[str]:
        """The fields that must be filled in: `name`, `email`, `answers.<id>`."""
        fields = [name for name, wish in self._fields() if wish == REQUIRED]
        return [*fields, *(f"answers.{question.pk}" for question in self.questions if question.required)]

    def missing(self, given: Given) -> list[str]:
        """Which of them are not. To a consent that is required, no is no answer."""
        filled: dict[str, Value] = {"name": given.name, "email": given.email}
        filled |= {f"answers.{key}": value for key, value in given.answers.items()}
        return [name for name in self.requires if not filled.get(name)]

    def problems(self, given: Given, *, complete: bool) -> list[Detail]:
        """What is wrong, field by field. `complete`: what is required must be there."""
        found = [
            Detail(name, "not_asked", gettext("This event does not ask for the {name}.").format(name=name))
            for name, wish in self._fields()
            if wish == NONE and getattr(given, name)
        ]
        known = {question.pk: question for question in self.questions}
        for key, value in given.answers.items():
            if words := _why_not(known.get(key), value):
                found.append(Detail(f"answers.{key}", "invalid" if key in known else "not_asked", words))
        if complete:
            found += [Detail(name, "required", gettext("This is required.")) for name in self.missing(given)]
        return found

    def _fields(self) -> list[tuple[str, str]]:
        return [("name", self.policy.names), ("email", self.policy.emails)]


class Askings:
    """What several events ask, read in two queries however many there are."""

    def __init__(self, event_ids: Iterable[UUID]) -> None:
        self._by_event: defaultdict[UUID, list[Question]] = defaultdict(list)
        events = set(event_ids)
        for question in Question.objects.active().filter(event__in=events).in_order() if events else ():
            self._by_event[question.event_id].append(question)

    def of(self, event: Event, type_id: UUID) -> Asked:
        """What the holders of this ticket type of the event are asked."""
        return Asked(policy_of(event), tuple(each for each in self._by_event[event.pk] if is_for(each, type_id)))


def asked_of(event: Event, type_id: UUID) -> Asked:
    """The same for one ticket type alone."""
    return Askings([event.pk]).of(event, type_id)


def is_for(question: Question, type_id: UUID) -> bool:
    """Whether holders of the ticket type are asked this; reads the question's ticket types."""
    types = [each.pk for each in question.ticket_types.all()]
    return not types or type_id in types


def _why_not(question: Question | None, value: Value) -> str:
    """What is wrong with this answer; nothing, if it is good."""
    if question is None:
        return gettext("This is not asked.")
    if question.kind == Question.Kind.CONSENT:
        return "" if isinstance(value, bool) else gettext("Say true or false.")
    if not isinstance(value, str):
        return gettext("Give a text.")
    if question.kind == Question.Kind.CHOICE:
        return (
            ""
            if value in question.choices
            else gettext("Choose one of: {names}.").format(names=", ".join(question.choices))
        )
    return (
        "" if len(value) <= MAX_VALUE else gettext("Give at most {max_value} characters.").format(max_value=MAX_VALUE)
    )
