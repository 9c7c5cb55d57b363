"""The API face of a venue's payouts: where its money goes, and the way to the provider's form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from payments.errors import GatewayRefused, GatewayUnavailable, PayoutsUnavailable
from payments.models import ConnectedAccount
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.schema import documented
from venues import payouts
from venues.permissions import venue_for

STANDING: dict[str, Any] = {
    "status": "restricted",
    "requirements": ["external_account"],
    "currency": "USD",
    "checked_at": "2026-11-22T20:15:04Z",
}
LINK: dict[str, Any] = {
    "url": "https://payments.example.com/setup/01938d2e",
    "expires_at": "2026-11-22T20:25:04Z",
}


class PayoutsSerializer(serializers.Serializer):
    """How a venue's account stands with the payment provider."""

    status = serializers.ChoiceField(
        choices=["none", *ConnectedAccount.Status.values],
        help_text="What the venue is owed waits until it is `ready`; `none`: nobody has set anything up.",
    )
    requirements = serializers.ListField(
        child=serializers.CharField(), help_text="What the provider still asks for, by its own names."
    )
    currency = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True, help_text="When the provider last answered.")


class OnboardingLinkSerializer(serializers.Serializer):
    """Where the venue tells the payment provider about itself."""

    url = serializers.CharField(help_text="Open it in a browser. It is good once.")
    expires_at = serializers.DateTimeField()


class PayoutsView(APIView):
    """How the venue's account stands."""

    permission_classes = [IsAuthenticated]

    @documented(
        "Show a venue's payouts",
        permission="Staff with `manage_payouts` there.",
        description="Asks the payment provider; where it does not answer, what was last known.",
        response=PayoutsSerializer,
        errors=[Missing, Forbidden],
        response_example=STANDING,
    )
    def get(self, request: Request, venue_id: UUID) -> Response:
        venue = venue_for(request.user, venue_id, Permission.MANAGE_PAYOUTS)
        account = payouts.standing(venue, timezone.now())
        shown = {
            "status": account.status if account else "none",
            "requirements": account.requirements if account else [],
            "currency": account.default_currency if account else venue.currency,
            "checked_at": account.checked_at if account else None,
        }
        return Response(PayoutsSerializer(shown).data)


class OnboardingView(APIView):
    """The way to the provider's form."""

    permission_classes = [IsAuthenticated]

    @documented(
        "Set up a venue's payouts",
        permission="Staff with `manage_payouts` there.",
        description="Answers a fresh link to the payment provider's own form, where the venue says who it is and where "
        "its money goes. What it is owed meanwhile is kept and sent once its account is ready.",
        response=OnboardingLinkSerializer,
        errors=[Missing, Forbidden, GatewayUnavailable, GatewayRefused, PayoutsUnavailable],
        response_example=LINK,
    )
    def post(self, request: Request, venue_id: UUID) -> Response:
        venue = venue_for(request.user, venue_id, Permission.MANAGE_PAYOUTS)
        return Response(OnboardingLinkSerializer(payouts.begin(venue, by=request.user)).data)
