"""The API face of messages to all holders of an event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from events import announcing
from events.errors import NoMessagesNow, TooManyMessages
from events.examples import MESSAGE, MESSAGE_PREVIEW, MESSAGE_PROGRESS, MESSAGE_REQUEST, MESSAGES
from notifications.broadcasts import steering, working
from notifications.broadcasts.models import Broadcast
from trufan.lib.errors import Forbidden, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from trufan.lib.serializing import ModelSerializer

STAFF = "Staff with `manage_events` at the event's venue."


Steer = Callable[[Broadcast, Any, datetime], Broadcast]


class EventMessageSerializer(serializers.Serializer):
    """The operator's words."""

    subject = serializers.CharField(max_length=announcing.MAX_SUBJECT)
    text = serializers.CharField(max_length=announcing.MAX_TEXT, help_text="Plain text.")
    subject_es = serializers.CharField(max_length=announcing.MAX_SUBJECT, required=False, allow_blank=True)
    text_es = serializers.CharField(max_length=announcing.MAX_TEXT, required=False, allow_blank=True)


class MailPreviewSerializer(serializers.Serializer):
    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()


class PushPreviewSerializer(serializers.Serializer):
    title = serializers.CharField()
    text = serializers.CharField()


class EventMessagePreviewSerializer(serializers.Serializer):
    """How many it reaches, and how it reads."""

    people = serializers.IntegerField()
    mail = MailPreviewSerializer()
    sms = serializers.CharField()
    push = PushPreviewSerializer()


class EventMessageSentSerializer(ModelSerializer):
    """A message to all holders, being sent."""

    class Meta:
        model = Broadcast
        fields = ["id", "status", "created_at"]
        read_only_fields = fields


class EventMessageProgressSerializer(ModelSerializer):
    """A message to all holders, and how far it has come; `progress` is in the serializer's context by its id."""

    subject = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField(help_text="People it is for; 0 until the first batch has counted them.")
    queued = serializers.SerializerMethodField(help_text="People who were handed out.")
    waiting = serializers.SerializerMethodField(help_text="Messages that have not left yet.")
    sent = serializers.SerializerMethodField(help_text="Messages; a person may get one by each channel.")
    failed = serializers.SerializerMethodField()
    withheld = serializers.SerializerMethodField()

    class Meta:
        model = Broadcast
        fields = [
            "id", "status", "created_at", "subject", "finished_at", "total", "queued", "waiting", "sent", "failed",
            "withheld",
        ]  # fmt: skip
        read_only_fields = fields

    def get_subject(self, row: Broadcast) -> str:
        return str(row.context.get("subject") or row.template.replace("_", " "))

    def get_total(self, row: Broadcast) -> int:
        return self._figure(row, "total")

    def get_queued(self, row: Broadcast) -> int:
        return self._figure(row, "queued")

    def get_waiting(self, row: Broadcast) -> int:
        return self._figure(row, "waiting")

    def get_sent(self, row: Broadcast) -> int:
        return self._figure(row, "sent")

    def get_failed(self, row: Broadcast) -> int:
        return self._figure(row, "failed")

    def get_withheld(self, row: Broadcast) -> int:
        return self._figure(row, "withheld")

    def _figure(self, row: Broadcast, name: str) -> int:
        return self.context["progress"][row.pk][name]


class EventMessagesSerializer(serializers.Serializer):
    """The latest 20 messages to the holders, newest first."""

    messages = EventMessageProgressSerializer(many=True)


def _steered(name: str, does: str, description: str) -> Callable[[Any], Any]:
    """What the three endpoints that steer a message have in common."""

    def decorate(view: Any) -> Any:
        path = f"messages/<uuid:message_id>/{name}"
        described = documented(
            does,
            permission=STAFF,
            description=description,
            request=None,
            response=EventMessageProgressSerializer,
            errors=[Missing, Forbidden, InvalidMove],
            response_example=MESSAGE_PROGRESS,
            operation_id=f"events_message_{name}",
        )
        return described(action(detail=True, methods=["post"], url_path=path)(view))

    return decorate


class MessageActions:
    """Mixed into the events' view set: what is said to all who hold tickets of one."""

    get_object: Any

    @documented(
        "Message all holders of an event",
        permission=STAFF,
        description="Everybody who holds tickets is told once, by the channels they chose; in Spanish where they "
        "prefer it and the words are given. It leaves in batches; the list of messages and the console show how far.",
        request=EventMessageSerializer,
        response=EventMessageSentSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NoMessagesNow, TooManyMessages],
        request_example=MESSAGE_REQUEST,
        response_example=MESSAGE,
        idempotent=True,
        operation_id="events_message",
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def messages(self, request: Request, pk: UUID) -> Response:
        event, words = self.get_object(), _words(request)
        sent = announcing.announce(event, request.user, timezone.now(), **words)
        return Response(EventMessageSentSerializer(sent).data, status=status.HTTP_201_CREATED)

    @documented(
        "Preview a message to all holders",
        permission=STAFF,
        description="How many people it would reach and how it reads by each channel. Nothing is sent.",
        request=EventMessageSerializer,
        response=EventMessagePreviewSerializer,
        errors=[Missing, Forbidden],
        request_example=MESSAGE_REQUEST,
        response_example=MESSAGE_PREVIEW,
        operation_id="events_message_preview",
    )
    @action(detail=True, methods=["post"], url_path="messages/preview")
    def preview_message(self, request: Request, pk: UUID) -> Response:
        event, words = self.get_object(), _words(request)
        return Response(EventMessagePreviewSerializer(announcing.preview(event, **words)).data)

    @documented(
        "List the messages to all holders",
        permission=STAFF,
        description="The latest 20, newest first, each with how far it has come.",
        response=EventMessagesSerializer,
        errors=[Missing, Forbidden],
        response_example=MESSAGES,
        operation_id="events_messages_list",
    )
    @messages.mapping.get
    def messages_so_far(self, request: Request, pk: UUID) -> Response:
        rows = list(announcing.of(self.get_object()))
        seen = EventMessagesSerializer({"messages": rows}, context={"progress": working.progress_of(rows)})
        return Response(seen.data)

    @_steered("pause", "Pause a message to all holders", "Nobody else is told until it is resumed.")
    def pause_message(self, request: Request, pk: UUID, message_id: UUID) -> Response:
        return self._steer(request, steering.pause, message_id)

    @_steered("resume", "Resume a message to all holders", "It goes on behind the last person who was told.")
    def resume_message(self, request: Request, pk: UUID, message_id: UUID) -> Response:
        return self._steer(request, steering.resume, message_id)

    @_steered("cancel", "Call off a message to all holders", "What still waits is withheld. This is final.")
    def cancel_message(self, request: Request, pk: UUID, message_id: UUID) -> Response:
        return self._steer(request, steering.cancel, message_id)

    def _steer(self, request: Request, rule: Steer, message_id: UUID) -> Response:
        row = announcing.one_of(self.get_object(), message_id)
        moved = rule(row, request.user, timezone.now())
        seen = EventMessageProgressSerializer(moved, context={"progress": working.progress_of([moved])})
        return Response(seen.data)


def _words(request: Request) -> dict[str, str]:
    asked = EventMessageSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return asked.validated_data
