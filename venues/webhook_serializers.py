"""How a venue's webhook endpoints, and what was sent to them, look to its staff."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from notifications.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks import kinds
from notifications.webhooks.addresses import LONGEST
from trufan.lib.serializing import ModelSerializer

_TYPES = "What it is told of, such as `order.paid`; empty: everything, also what comes in later."


class WebhookEndpointSerializer(ModelSerializer):
    """Where a venue's own system is told what happens. Its secret is never shown here."""

    status = serializers.ChoiceField(
        choices=WebhookEndpoint.Health.choices, source="health", help_text="`failing` since the latest attempts failed."
    )
    off_reason = serializers.ChoiceField(
        choices=["", *WebhookEndpoint.OffReason.values], help_text="Why it is switched off; empty while it is on."
    )
    event_types = serializers.ListField(child=serializers.CharField(), help_text=_TYPES)
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret from before the last rotation signs along."
    )

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id", "url", "description", "event_types", "is_active", "status", "off_reason", "off_at", "failing_since",
            "last_success_at", "last_failure_at", "former_secret_until", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class WebhookEndpointWithSecretSerializer(WebhookEndpointSerializer):
    """The same with the secret that signs its messages: keep it, it is not shown again."""

    secret = serializers.CharField(help_text="`whsec_…`")

    class Meta(WebhookEndpointSerializer.Meta):
        fields = [*WebhookEndpointSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class WebhookEndpointRequestSerializer(serializers.Serializer):
    """What is sent to add an endpoint."""

    url = serializers.CharField(
        max_length=LONGEST, help_text="An https address that is public; port 443, or 1024 or higher."
    )
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200, help_text=_TYPES
    )
    is_active = serializers.BooleanField(required=False, help_text="Whether it is told anything; true unless given.")


class WebhookEventTypeSerializer(serializers.Serializer):
    """One type of message."""

    name = serializers.CharField()
    description = serializers.CharField()
    example = serializers.DictField(help_text="The `data` of such a message.")


class WebhookMessageSerializer(ModelSerializer):
    """One message to one endpoint."""

    message_id = serializers.CharField(help_text="The header `webhook-id` that it is sent with.")
    status = serializers.ChoiceField(
        choices=WebhookMessage.Status.choices,
        help_text="`pending` waits for its next attempt; `failed` is not tried again by itself.",
    )
    attempts = serializers.IntegerField(help_text="Since it was announced, or last sent by hand.")
    next_attempt_at = serializers.SerializerMethodField(help_text="Null once it is over.")

    class Meta:
        model = WebhookMessage
        fields = [
            "id", "message_id", "type", "status", "attempts", "next_attempt_at", "delivered_at", "error", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_attempt_at(self, message: WebhookMessage) -> Any:
        over = message.status in (WebhookMessage.Status.DELIVERED, WebhookMessage.Status.FAILED)
        return None if over else serializers.DateTimeField().to_representation(message.next_attempt_at)


class WebhookAttemptSerializer(ModelSerializer):
    """One post of a message."""

    status_code = serializers.IntegerField(allow_null=True, help_text="Null: no answer.")
    duration_ms = serializers.IntegerField(help_text="Milliseconds.")

    class Meta:
        model = WebhookAttempt
        fields = ["number", "created_at", "duration_ms", "status_code", "answer", "error"]
        read_only_fields = fields


class WebhookMessageDetailSerializer(WebhookMessageSerializer):
    """The same with what is posted, and with every attempt."""

    body = serializers.CharField(help_text="What is posted, byte by byte.")
    tries = WebhookAttemptSerializer(many=True, help_text="Oldest first.")

    class Meta(WebhookMessageSerializer.Meta):
        fields = [*WebhookMessageSerializer.Meta.fields, "body", "tries"]
        read_only_fields = fields


class WebhookReplaySerializer(serializers.Serializer):
    """From when on what failed is sent again."""

    since = serializers.DateTimeField(help_text="When it happened; a month is kept.")


class WebhookReplayedSerializer(serializers.Serializer):
    """How much is sent again."""

    messages = serializers.IntegerField()


def types_shown() -> list[dict[str, Any]]:
    """All types of messages, by name."""
    return [
        {"name": each.name, "description": each.description, "example": dict(each.example)} for each in kinds.known()
    ]
