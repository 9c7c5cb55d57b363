"""The API face of payments: parse, call, serialize. Charging and refunding stand with what is sold (`/orders/…`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from payments import sandbox_payer, webhooks
from payments.access import listed_payments, reachable_payments
from payments.errors import BadSignature, BadWebhook
from payments.filters import PaymentFilter
from payments.gateways.stripe import StripeGateway
from payments.models import Payment
from payments.serializers import (
    CONFIRMATION,
    RECORDED,
    SUCCEEDED,
    ConfirmSerializer,
    PaymentRecordSerializer,
    PaymentSerializer,
    ReceivedSerializer,
)
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.keyset import LongListPagination
from trufan.lib.schema import documented


class PaymentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """The books, read-only."""

    queryset = Payment.objects.none()
    serializer_class = PaymentRecordSerializer
    pagination_class = LongListPagination
    filterset_class = PaymentFilter
    search_fields = ["reference", "provider_id"]
    ordering_fields = ["created_at", "settled_at", "amount"]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Payment.objects.none()
        if self.action == "list":
            return listed_payments(self.request.user, self.request.query_params.get("venue"))
        return reachable_payments(self.request.user)

    @documented(
        "List payments",
        permission="Anyone signed in sees their own; `venue` needs the right to see that venue's payments.",
        response=PaymentRecordSerializer(many=True),
        errors=[Forbidden, Invalid],
        response_example=RECORDED,
        parameters=[OpenApiParameter("venue", UUID, description="All payments to this venue instead of mine.")],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a payment",
        permission="The payer, and staff with the right to see the venue's payments.",
        response=PaymentRecordSerializer,
        errors=[Missing],
        response_example=RECORDED,
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)


class WebhookView(APIView):
    """Where a provider speaks to us, proven by a signature on the raw bytes: nothing is parsed here."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    provider = "sandbox"

    @documented(
        "Receive a webhook of the sandbox",
        permission="The sandbox itself: the header `Sandbox-Signature` carries an HMAC-SHA256 of time and body.",
        description="Kept once by its event id, answered at once, acted on afterwards. What it says of a payment is "
        "not believed but asked again. Not served in production.",
        request={"application/json": {"type": "object"}},
        response=ReceivedSerializer,
        errors=[BadSignature, BadWebhook, Missing],
        request_example={"id": "evt_sandbox_1", "type": "payment_intent.succeeded", "data": {"object": {}}},
        response_example={"received": True},
    )
    def post(self, request: Request) -> Response:
        webhooks.receive(self.provider, request.body, request.headers, timezone.now())
        return Response({"received": True})


class StripeWebhookView(WebhookView):
    """Where Stripe speaks to us."""

    provider = StripeGateway.name

    @documented(
        "Receive a webhook of Stripe",
        permission="Stripe itself: the header `Stripe-Signature` is checked against every live signing secret.",
        description="Kept once by its event id, answered at once, acted on afterwards. What it says of a payment is "
        "not believed but asked again. Not served without a key of Stripe's.",
        request={"application/json": {"type": "object"}},
        response=ReceivedSerializer,
        errors=[BadSignature, BadWebhook, Missing],
        request_example={
            "id": "evt_1",
            "object": "event",
            "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
        },
        response_example={"received": True},
    )
    def post(self, request: Request) -> Response:
        return super().post(request)


class SandboxConfirmView(APIView):
    """What a provider's own script does in the payer's browser."""

    permission_classes = [AllowAny]

    @documented(
        "Play the payer's second step",
        permission="Whoever holds the payment's client secret. Not served in production.",
        description="Confirms a payment that is `requires_action`, as its payer would in the browser; the sandbox then "
        "sends its webhook.",
        request=ConfirmSerializer,
        response=PaymentSerializer,
        errors=[Missing, InvalidMove],
        request_example=CONFIRMATION,
        response_example=SUCCEEDED,
        idempotent=True,
    )
    @idempotent(atomic=False)
    def post(self, request: Request, pk: UUID) -> Response:
        asked = ConfirmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        payment = sandbox_payer.confirm(pk, **asked.validated_data, now=timezone.now())
        return Response(PaymentSerializer(payment).data)
