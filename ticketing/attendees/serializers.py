"""Questions, and those who come, as the API reads and shows them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.attendee_policy import policy_of
from ticketing.attendees import keeping
from ticketing.attendees.asking import Given, asked_of
from ticketing.attendees.models import MAX_TEXT, MAX_VALUE, Answer, Question
from ticketing.attendees.questions import LONGEST_CHOICE, MOST, MOST_CHOICES
from ticketing.models import Ticket, TicketType
from ticketing.serializers import TicketTypeNameSerializer
from trufan.lib.names import NoteField, PersonNameField
from trufan.lib.serializing import ModelSerializer

_VALUE = {"oneOf": [{"type": "string", "maxLength": MAX_VALUE}, {"type": "boolean"}]}
ANSWERS_HELP = "Question → what is answered: a text, one of the choices, or true and false for a consent."


@extend_schema_field(_VALUE)
class ValueField(serializers.Field):
    """A text of one line, or true and false."""

    _text = NoteField(allow_blank=True, max_length=MAX_VALUE)

    def to_internal_value(self, given: Any) -> str | bool:
        return given if isinstance(given, bool) else self._text.run_validation(given)

    def to_representation(self, value: str | bool) -> str | bool:
        return value


@extend_schema_field({"type": "object", "additionalProperties": _VALUE, "maxProperties": MOST})
class AnswersField(serializers.DictField):
    """`{question id: value}`"""

    child = ValueField()
    default_error_messages = {
        "too_many": "There are at most {most} answers.",
        "no_id": "“{given}” is no question's id.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = super().to_internal_value(data)
        if len(given) > MOST:
            self.fail("too_many", most=MOST)
        for key in given:
            if not _is_id(key):
                self.fail("no_id", given=key[:50])
        return {str(UUID(key)): value for key, value in given.items()}


def _is_id(key: str) -> bool:
    try:
        UUID(key)
    except ValueError:
        return False
    return True


class AttendeeGivenSerializer(serializers.Serializer):
    """Who comes with one ticket."""

    name = PersonNameField(required=False, allow_blank=True, max_length=160)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    answers = AnswersField(required=False, help_text=ANSWERS_HELP)


class QuestionSerializer(ModelSerializer):
    """A question as everybody sees it."""

    event = serializers.UUIDField(source="event_id")
    ticket_types = serializers.SerializerMethodField(help_text="Whose holders are asked; empty: all.")

    class Meta:
        model = Question
        fields = ["id", "event", "text", "kind", "choices", "required", "ticket_types", "position", "is_active"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_ticket_types(self, row: Question) -> list[str]:
        return [str(each.pk) for each in row.ticket_types.all()]


class QuestionChangeSerializer(ModelSerializer):
    """What may be said about a question; needs the `event` in its context."""

    text = NoteField(max_length=MAX_TEXT)
    choices = serializers.ListField(child=NoteField(max_length=LONGEST_CHOICE), required=False, max_length=MOST_CHOICES)
    ticket_types = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=100, help_text="Whose holders are asked; empty: all."
    )
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)

    class Meta:
        model = Question
        fields = ["text", "kind", "choices", "required", "ticket_types", "position", "is_active"]

    def validate_ticket_types(self, ids: list[UUID]) -> list[TicketType]:
        found = list(TicketType.objects.filter(event=self.context["event"], pk__in=ids))
        if len(found) < len(set(ids)):
            raise serializers.ValidationError(gettext("There is no such ticket type for this event."), "not_found")
        return found


class AskedSerializer(serializers.Serializer):
    """What the event asks of the holder of this ticket."""

    names = serializers.CharField(source="policy.names", help_text="`required`, `optional` or `none`.")
    emails = serializers.CharField(source="policy.emails", help_text="Likewise.")
    questions = QuestionSerializer(many=True)


class AnsweredSerializer(ModelSerializer):
    """One answer with the words that were answered to."""

    question = serializers.UUIDField(source="question_id")
    value = ValueField(source="shown")

    class Meta:
        model = Answer
        fields = ["question", "asked", "value", "answered_at"]
        read_only_fields = fields


class AttendeeSerializer(serializers.Serializer):
    """A ticket's attendee: what is known, what is asked, and what is still missing. Needs `now` in its context."""

    ticket = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    email = serializers.CharField()
    answers = AnswersField(help_text=ANSWERS_HELP)
    answered = AnsweredSerializer(many=True, help_text="The same with the words and the time: what was agreed to.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Required, and not there yet.")
    asked = AskedSerializer()
    editable_until = serializers.DateTimeField()
    is_editable = serializers.BooleanField(help_text="Whether its holder may change it now.")

    def to_representation(self, ticket: Ticket) -> dict[str, Any]:
        given = keeping.given_for(ticket)
        asked = asked_of(ticket.event, ticket.ticket_type_id)
        shown = {
            "pk": ticket.pk,
            **given.plain(),
            "answered": list(ticket.answers.all()),
            "missing": asked.missing(given),
            "asked": asked,
            "editable_until": policy_of(ticket.event).deadline(ticket.event.starts_at),
            "is_editable": keeping.is_editable(ticket, self.context["now"]),
        }
        return super().to_representation(shown)


class AttendeeRowSerializer(ModelSerializer):
    """A ticket of an event and who comes with it, for staff. Needs `askings` in its context."""

    ticket = serializers.UUIDField(source="pk")
    ticket_type = TicketTypeNameSerializer()
    order = serializers.CharField(source="order.number")
    name = serializers.CharField(source="holder_name")
    email = serializers.SerializerMethodField()
    answered = AnsweredSerializer(source="answers", many=True)
    missing = serializers.SerializerMethodField(help_text="Required, and not there yet.")

    class Meta:
        model = Ticket
        fields = [
            "ticket", "number", "status", "ticket_type", "seat", "order", "name", "email", "answered", "missing",
        ]  # fmt: skip
        read_only_fields = fields

    def get_email(self, ticket: Ticket) -> str:
        return keeping.given_for(ticket).email

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, ticket: Ticket) -> list[str]:
        asked = self.context["askings"].of(ticket.event, ticket.ticket_type_id)
        return asked.missing(keeping.given_for(ticket))


def given(data: Any) -> Given:
    """What a request says of one who comes. Raises `ValidationError`."""
    asked = AttendeeGivenSerializer(data=data)
    asked.is_valid(raise_exception=True)
    return Given.read(asked.validated_data)
