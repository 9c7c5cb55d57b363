"""The API face of many promo codes changed at once. Parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from orders.promos import bulk
from orders.promos.managing import MAX_BATCH
from orders.promos.models import PromoCode
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues.permissions import venue_for

STAFF = "Staff with `manage_promos` there."
REQUEST: dict[str, Any] = {"deed": "pause", "batch": "Sponsors"}
ANSWER: dict[str, Any] = {"chosen": 200, "changing": 198, "spared": 2, "used": 41, "pending": 3}


class BulkSerializer(serializers.Serializer):
    """Which codes, by their ids or by their batch, and what is done to them."""

    deed = serializers.ChoiceField(choices=bulk.Deed.choices)
    ids = serializers.ListField(child=serializers.UUIDField(), required=False, min_length=1, max_length=MAX_BATCH)
    batch = serializers.CharField(required=False, max_length=60)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in given) == ("batch" in given):
            raise serializers.ValidationError({"ids": gettext("Give either ids or batch.")})
        return given


class FiguresSerializer(serializers.Serializer):
    """What it comes to."""

    chosen = serializers.IntegerField(help_text="Codes of the venue that were meant.")
    changing = serializers.IntegerField()
    spared = serializers.IntegerField(help_text="They are so already, or are over for good.")
    used = serializers.IntegerField(help_text="How often those that change were used so far.")
    pending = serializers.IntegerField(help_text="Unpaid orders that have one; they keep what it took off.")


class _BulkView(APIView):
    permission_classes = [IsAuthenticated]

    def chosen(self, request: Request, venue_id: UUID) -> tuple[Any, str]:
        """The codes that are meant, of the venue in the path alone, and the deed."""
        venue = venue_for(request.user, venue_id, Permission.MANAGE_PROMOS)
        asked = BulkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        which = {"pk__in": given["ids"]} if "ids" in given else {"batch": given["batch"]}
        return PromoCode.objects.filter(venue=venue, **which).order_by("pk"), given["deed"]


class BulkPreviewView(_BulkView):
    """What would happen."""

    @documented(
        "Preview a change of many promo codes",
        permission=STAFF,
        description="What `…/bulk` would do now, in figures. Nothing is changed.",
        request=BulkSerializer,
        response=FiguresSerializer,
        errors=[Missing, Forbidden],
        request_example=REQUEST,
        response_example=ANSWER,
    )
    def post(self, request: Request, venue_id: UUID) -> Response:
        rows, deed = self.chosen(request, venue_id)
        return Response(FiguresSerializer(bulk.foretell(rows, deed, timezone.now())).data)


class BulkView(_BulkView):
    """Where it happens."""

    @documented(
        "Pause, resume or end many promo codes",
        permission=STAFF,
        description=f"Up to {MAX_BATCH}, by `ids` or by `batch`: all that it changes, or none. `pause` and `resume` "
        "switch them off and on; `end` is for good. Ids of other venues are passed over.",
        request=BulkSerializer,
        response=FiguresSerializer,
        errors=[Missing, Forbidden],
        request_example=REQUEST,
        response_example=ANSWER,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, venue_id: UUID) -> Response:
        rows, deed = self.chosen(request, venue_id)
        return Response(FiguresSerializer(bulk.apply(rows, deed, by=request.user, now=timezone.now())).data)
