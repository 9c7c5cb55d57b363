"""Moves of events as the API reads and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.calloffs.serializers import ChoicesSerializer
from orders.moves.models import EventMove, MoveAnswer
from trufan.lib.serializing import ModelSerializer


class MoveAskedSerializer(ChoicesSerializer):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(required=False, help_text="Left out: it lasts as long as before.")
    doors_at = serializers.DateTimeField(required=False, help_text="Left out: as long before the start as before.")
    answer_by = serializers.DateTimeField(help_text="Until then buyers may give back; later they keep.")


class EventMoveSerializer(ModelSerializer):
    event = serializers.UUIDField(source="event_id")
    also = serializers.ListField(child=serializers.CharField())
    kept = serializers.IntegerField(help_text="Orders whose buyers said that they keep.")
    given_back = serializers.IntegerField(help_text="Orders whose buyers gave back.")

    class Meta:
        model = EventMove
        fields = [
            "id", "event", "was_starts_at", "was_ends_at", "was_doors_at", "starts_at", "answer_by", "also",
            "keep_fees", "kept", "given_back", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class OrderMoveSerializer(serializers.Serializer):
    """A move as the buyer of an order sees it: an `EventMove` with the order's answer."""

    id = serializers.UUIDField()
    event = serializers.UUIDField(source="event_id")
    name = serializers.CharField(source="event.name")
    was_starts_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField()
    is_open = serializers.BooleanField(help_text="Whether an answer is still taken.")
    answer = serializers.ChoiceField(choices=MoveAnswer.Answer.choices, allow_null=True)
    refund = serializers.UUIDField(allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        move, given, now = instance
        move.is_open = move.is_open(now)
        move.answer, move.refund = (given.answer, given.refund_id) if given else (None, None)
        return super().to_representation(move)


class AnswerSerializer(serializers.Serializer):
    answer = serializers.ChoiceField(choices=MoveAnswer.Answer.choices)
