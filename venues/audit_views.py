"""The API face of a venue's audit trail. Parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from audit.browsing import naming
from audit.browsing.questions import BadMark, Question, page
from audit.models import AuditLog
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.schema import documented
from venues.models import VenueDevice
from venues.permissions import venue_for

ENTRY: dict[str, Any] = {
    "id": "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958",
    "created_at": "2026-11-21T09:30:00Z",
    "action": "order.refunded",
    "actor": {"id": "019c1f3e-7a52-7c11-9d3b-5f0e6c2a1b40", "name": "Olga Operator", "device": None},
    "entity_type": "orders.order",
    "entity_id": "019c1f3e-9c21-7a13-9b55-1e2d3c4b5a69",
    "old_values": {"status": "paid"},
    "new_values": {"status": "refunded"},
    "correlation_id": "5f0e6c2a1b404c119d3b7a52019c1f3e",
}
PAGE: dict[str, Any] = {"results": [ENTRY], "older": "MjAyNi0xMS0yMVQwOTozMDowMCswMDowMCAwMTljMWYzZQ"}


class MakerSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ActingDeviceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    made_by = MakerSerializer()


class ActorSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    device = ActingDeviceSerializer(allow_null=True, help_text="The device that did it, and who made that.")


class AuditEntrySerializer(serializers.Serializer):
    """Something that was done at the venue."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    action = serializers.CharField(help_text="What was meant: `order.refunded`.")
    actor = ActorSerializer(allow_null=True, help_text="Null: TruFan itself.")
    entity_type = serializers.CharField(help_text="What it is about: `orders.order`.")
    entity_id = serializers.UUIDField(allow_null=True)
    old_values = serializers.DictField()
    new_values = serializers.DictField()
    correlation_id = serializers.CharField(help_text="The same in everything that one request did.")


class AuditPageSerializer(serializers.Serializer):
    """One page, the newest first."""

    results = AuditEntrySerializer(many=True)
    older = serializers.CharField(help_text="Give it back as `older` for the next page; empty: there is none.")


class AuditQuestionSerializer(serializers.Serializer):
    """What the caller wants to know."""

    entity_type = serializers.CharField(max_length=60, required=False, default="")
    entity = serializers.CharField(max_length=60, required=False, default="")
    actor = serializers.UUIDField(required=False, default=None)
    action = serializers.CharField(max_length=80, required=False, default="")
    since = serializers.DateTimeField(required=False, default=None)
    until = serializers.DateTimeField(required=False, default=None)
    correlation_id = serializers.CharField(max_length=64, required=False, default="")
    older = serializers.CharField(max_length=200, required=False, default="")
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, default=50)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["entity"] and not given["entity_type"]:
            raise serializers.ValidationError({"entity": "Say with entity_type what it is."})
        return given


def _words(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description)


class AuditView(APIView):
    """The trail of one venue."""

    permission_classes = [IsAuthenticated]

    @documented(
        "Read a venue's audit trail",
        permission="Staff with `view_audit` there.",
        description="Who did what, the newest first. Pages are found by mark, so the last one costs what the first "
        "does; nothing is counted.",
        response=AuditPageSerializer,
        errors=[Missing, Forbidden, Invalid],
        response_example=PAGE,
        parameters=[
            _words("entity_type", "What it is about, such as `orders.order`."),
            _words("entity", "Its id, or the number, code or slug people know it by; needs `entity_type`."),
            _words("actor", "The id of who did it."),
            _words("action", "What was done, such as `order.refunded`."),
            _words("since", "From this moment on."),
            _words("until", "Before this moment."),
            _words("correlation_id", "Everything that one request did."),
            _words("older", "The mark that the page before gave."),
            OpenApiParameter("limit", int, description="How many on a page, at most 100; 50 by default."),
        ],
    )
    def get(self, request: Request, venue_id: UUID) -> Response:
        venue = venue_for(request.user, venue_id, Permission.VIEW_AUDIT)
        asked = AuditQuestionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        question = Question(
            venue_ids=[venue.pk],
            entity_type=given["entity_type"],
            entity_ids=naming.rows_named(given["entity_type"], given["entity"]) if given["entity"] else None,
            actor_ids=[given["actor"]] if given["actor"] else None,
            action=given["action"],
            begins=given["since"],
            ends=given["until"],
            correlation_id=given["correlation_id"],
        )
        try:
            found = page(question, given["limit"], older_than=given["older"])
        except BadMark as error:
            raise Invalid.field("older", "This is no mark that a page has given.", "invalid_mark") from error
        body = {"results": _shown(found.entries), "older": found.older}
        return Response(AuditPageSerializer(body).data)


def _shown(entries: list[AuditLog]) -> list[dict[str, Any]]:
    names = [name for name in ENTRY if name != "actor"]
    acting = {entry.actor_id for entry in entries if entry.actor_id}
    devices = (
        VenueDevice.objects.filter(account_id__in=acting).select_related("created_by").in_bulk(field_name="account_id")
    )
    return [
        {name: getattr(entry, name) for name in names} | {"actor": _actor(entry, devices.get(entry.actor_id))}
        for entry in entries
    ]


def _actor(entry: AuditLog, device: VenueDevice | None) -> dict[str, Any] | None:
    if entry.actor_id is None:
        return None
    maker = {"id": device.created_by_id, "name": str(device.created_by)} if device else None
    acting = {"id": device.pk, "made_by": maker} if device else None
    return {"id": entry.actor_id, "name": str(entry.actor), "device": acting}
