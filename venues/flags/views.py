"""The API face of switches: what is there for whoever asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trufan.lib import flags
from trufan.lib.errors import Invalid
from trufan.lib.schema import documented
from trufan.lib.words import lazy as _


class FlagsSerializer(serializers.Serializer):
    flags = serializers.DictField(
        child=serializers.BooleanField(), help_text=_("By name, whether the capability is there for you.")
    )


class _AskedSerializer(serializers.Serializer):
    venue = serializers.UUIDField(required=False)


class FlagsView(APIView):
    """So that an app hides what is switched off. It may be switched at any moment: refusals have to be read too."""

    permission_classes = [AllowAny]

    @documented(
        "List what is switched on",
        permission="Anyone; the answer is about who asks.",
        description="Without `venue`, about no venue: what is switched for some venues alone is as elsewhere. "
        "A request for what is switched off is refused with `switched_off`.",
        response=FlagsSerializer,
        errors=[Invalid],
        parameters=[OpenApiParameter("venue", UUID, description=_("At which venue."))],
        response_example={"flags": {"drive_up_by_phone": True, "sign_ups": True, "wallet_passes": False}},
    )
    def get(self, request: Request) -> Response:
        asked = _AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        venue_id: Any = asked.validated_data.get("venue")
        states = {each.name: each.is_on(user=request.user, venue_id=venue_id) for each in flags.declared()}
        return Response(FlagsSerializer({"flags": states}).data)
