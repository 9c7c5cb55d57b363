"""The API face of an order's timeline: parse, call, serialize."""

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
from orders import timeline
from orders.permissions import reachable_order
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.schema import documented
from venues.permissions import holds, require

TIMELINE: dict[str, Any] = {
    "has_more": False,
    "moments": [
        {"at": "2026-11-20T18:01:30Z", "kind": "order", "text": "Paid.", "who": ""},
        {"at": "2026-11-20T18:00:00Z", "kind": "order", "text": "Placed online, $113.88.", "who": "Fay Fan"},
    ],
}


class TimelineAskedSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=timeline.Kind.choices, required=False, default="")
    first = serializers.ChoiceField(choices=["newest", "oldest"], required=False, default="newest")
    limit = serializers.IntegerField(min_value=1, max_value=timeline.ALL, required=False, default=timeline.SHOWN)


class MomentSerializer(serializers.Serializer):
    at = serializers.DateTimeField(help_text="When it happened.")
    kind = serializers.CharField(help_text="What it belongs to: `order`, `money`, `tickets`, `door`, `kitchen`, …")
    text = serializers.CharField(help_text="What happened, for people.")
    who = serializers.CharField(help_text="Who did it; empty: nobody, or not known.")


class TimelineSerializer(serializers.Serializer):
    has_more = serializers.BooleanField(help_text="Whether there are more moments than `limit`.")
    moments = MomentSerializer(many=True)


class OrderTimelineView(APIView):
    """What happened to one order."""

    permission_classes = [IsAuthenticated]

    @documented(
        "Show an order's timeline",
        permission="Staff with the right to see the venue's orders; what their other rights don't cover is left out.",
        description="Everything that happened to the order, newest first, from every part of the house.",
        response=TimelineSerializer,
        errors=[Missing, Forbidden, Invalid],
        response_example=TIMELINE,
        parameters=[
            OpenApiParameter("kind", str, enum=timeline.Kind.values, description="Only moments of this kind."),
            OpenApiParameter("first", str, enum=["newest", "oldest"], description="Which come first."),
            OpenApiParameter("limit", int, description="At most so many: 200 unless told, 5,000 at most."),
        ],
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        order = reachable_order(request, order_id)
        require(request.user, Permission.VIEW_ORDERS, order.venue_id)
        asked = TimelineAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        told = timeline.tell(
            order,
            lambda permission: holds(request.user, permission, order.venue_id),
            kind=asked.validated_data["kind"],
            oldest_first=asked.validated_data["first"] == "oldest",
            limit=asked.validated_data["limit"],
        )
        return Response(TimelineSerializer(told).data)
