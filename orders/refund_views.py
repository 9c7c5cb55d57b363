"""The API face of refunds: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders import refunding
from orders.errors import AlreadyRefunded, NotRefundable, RefundRefused
from orders.examples import REFUND, REFUND_ASKED, REFUND_PREVIEW
from orders.models import OrderRefund
from orders.permissions import reachable_order, refundable_order, retriable_order
from orders.refund_plan import plan
from orders.refund_serializers import (
    RefundAskedSerializer,
    RefundPreviewAskedSerializer,
    RefundPreviewSerializer,
    RefundSerializer,
    shown_refunds,
)
from orders.views import ACCESS_CODE, BUYER
from payments.errors import RefundExceedsPayment
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

WHO = "Staff with the right to refund orders. The buyer, signed in or with the access code, within the venue's policy."
READERS = BUYER + " Staff with the right to see the venue's orders."
REFUSALS = [Missing, Forbidden, Invalid, NotRefundable, RefundRefused, RefundExceedsPayment]


class OrderRefundViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The refunds of one order."""

    queryset = OrderRefund.objects.none()
    permission_classes = [AllowAny]
    serializer_class = RefundSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return OrderRefund.objects.none()
        return shown_refunds(reachable_order(self.request, self.kwargs["order_id"]))

    @documented(
        "List an order's refunds",
        permission=READERS,
        response=RefundSerializer(many=True),
        errors=[Missing],
        response_example={**REFUND, "status": "succeeded"},
        parameters=[ACCESS_CODE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a refund",
        permission=READERS,
        response=RefundSerializer,
        errors=[Missing],
        response_example={**REFUND, "status": "succeeded"},
        parameters=[ACCESS_CODE],
    )
    def retrieve(self, request: Request, order_id: UUID, pk: UUID) -> Response:
        return Response(RefundSerializer(get_object_or_404(self.get_queryset(), pk=pk)).data)

    @documented(
        "Refund an order",
        permission=WHO,
        description="Some lines (all that is left of each, or a `quantity`, or the `tickets` named), an `amount` "
        "(staff only; nothing is taken back), or without either all that is left. The money goes out once this is "
        "answered: `pending`, until the refund itself says `succeeded`. Then its tickets are void and on sale again.",
        request=RefundAskedSerializer,
        response=RefundSerializer,
        status=status.HTTP_201_CREATED,
        errors=REFUSALS,
        request_example=REFUND_ASKED,
        response_example=REFUND,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, order_id: UUID) -> Response:
        asked = RefundAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order, by_buyer = refundable_order(request, order_id)
        refund = refunding.request(
            order,
            **asked.asked(),
            by=request.user if request.user.is_authenticated else None,
            by_buyer=by_buyer,
            reason=asked.validated_data["reason"],
            now=timezone.now(),
        )
        return Response(RefundSerializer(shown_refunds(order).get(pk=refund.pk)).data, status=status.HTTP_201_CREATED)

    @documented(
        "Retry a refund",
        permission="Staff with the right to refund orders.",
        description="Asks the provider once more for what of a refund did not arrive: it was refused (`failed`), or "
        "the buyer's bank sent it back (`came_back`). What arrived is left alone.",
        request=None,
        response=RefundSerializer,
        errors=[Missing, Forbidden, NotRefundable, AlreadyRefunded, RefundExceedsPayment],
        response_example=REFUND,
        idempotent=True,
    )
    @idempotent
    def retry(self, request: Request, order_id: UUID, pk: UUID) -> Response:
        order = retriable_order(request, order_id)
        refund = get_object_or_404(shown_refunds(order), pk=pk)
        refunding.retry(refund, by=request.user, now=timezone.now())
        return Response(RefundSerializer(shown_refunds(order).get(pk=pk)).data)

    @documented(
        "Preview a refund",
        permission=WHO,
        description="What would go back now and what the venue would keep, line by line; or why not. Nothing is done.",
        request=RefundPreviewAskedSerializer,
        response=RefundPreviewSerializer,
        errors=REFUSALS,
        request_example={"items": REFUND_ASKED["items"]},
        response_example=REFUND_PREVIEW,
        parameters=[ACCESS_CODE],
    )
    def preview(self, request: Request, order_id: UUID) -> Response:
        asked = RefundPreviewAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order, by_buyer = refundable_order(request, order_id)
        return Response(
            RefundPreviewSerializer(plan(order, **asked.asked(), by_buyer=by_buyer, now=timezone.now())).data
        )
