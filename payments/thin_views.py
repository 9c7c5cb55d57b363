"""Where Stripe tells of the recipients of shares."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from payments import webhooks
from payments.errors import BadSignature, BadWebhook
from payments.gateways import stripe_thin
from payments.gateways.stripe import StripeGateway
from payments.serializers import ReceivedSerializer
from payments.views import WebhookView
from trufan.lib.errors import Missing
from trufan.lib.schema import documented


class StripeThinWebhookView(WebhookView):
    """Where Stripe sends events that only name what changed."""

    provider = StripeGateway.name

    @documented(
        "Receive a thin event of Stripe",
        permission="Stripe itself: the header `Stripe-Signature` is checked against this endpoint's own secrets.",
        description="Kept once by its event id, answered at once, acted on afterwards: Stripe is asked how the "
        "account that it names stands. Not served without a key of Stripe's.",
        request={"application/json": {"type": "object"}},
        response=ReceivedSerializer,
        errors=[BadSignature, BadWebhook, Missing],
        request_example={
            "id": "evt_test_65T1",
            "object": "v2.core.event",
            "type": "v2.core.account[configuration.recipient].capability_status_updated",
            "created": "2026-11-22T20:15:04.000Z",
            "livemode": False,
            "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
        },
        response_example={"received": True},
    )
    def post(self, request: Request) -> Response:
        webhooks.receive(self.provider, request.body, request.headers, timezone.now(), stripe_thin.read)
        return Response({"received": True})
