"""The API face of tips and ratings: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from orders.aftersale import rating, tipping
from orders.aftersale.examples import RATING, RATING_ASKED, TIP
from orders.aftersale.serializers import RatingSerializer, TipSerializer
from orders.aftersale.tip_serializers import TipAskedSerializer, TipRefundSerializer
from orders.errors import AlreadyTipped, NotRateable, NotRefundable, TipNotTaken, WindowClosed
from orders.models import OrderRating, OrderTip
from orders.permissions import own_order, reachable_order
from orders.views import ACCESS_CODE, BUYER
from payments.errors import GatewayRefused, GatewayUnavailable, PaymentInProgress
from payments.serializers import SUCCEEDED, PaymentSerializer
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues.permissions import require

READERS = BUYER + " Staff with the right to see the venue's orders."


def _caller(request: Request) -> Any:
    return request.user if request.user.is_authenticated else None


class OrderTipViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Tips on one order that come after it was paid."""

    queryset = OrderTip.objects.none()
    permission_classes = [AllowAny]
    serializer_class = TipSerializer

    def get_queryset(self) -> QuerySet[OrderTip]:
        if getattr(self, "swagger_fake_view", False):
            return OrderTip.objects.none()
        return OrderTip.objects.filter(order=reachable_order(self.request, self.kwargs["order_id"]))

    @documented(
        "List an order's tips",
        permission=READERS,
        description="Those that came after the sale; a tip in the cart is the order's own `tip`.",
        response=TipSerializer(many=True),
        errors=[Missing],
        response_example=TIP,
        parameters=[ACCESS_CODE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Tip after the sale",
        permission=BUYER,
        description="For an order with food or drink, once, while its window is open (the order's `tip_until`): an "
        "`amount`, or a `percent` of what that cost before tax, and at most all of it. Charged like the order; asked "
        "again while unpaid, it is the same tip over the amount asked for last.",
        request=TipAskedSerializer,
        response=PaymentSerializer,
        errors=[
            Missing, TipNotTaken, AlreadyTipped, WindowClosed, Invalid, PaymentInProgress, GatewayRefused,
            GatewayUnavailable,
        ],
        request_example={"percent": "15", "payment_method": "pm_card_visa"},
        response_example={**SUCCEEDED, "amount": 450},
        parameters=[ACCESS_CODE],
        idempotent=True,
    )  # fmt: skip
    @idempotent(atomic=False)
    def create(self, request: Request, order_id: UUID) -> Response:
        asked = TipAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = own_order(request, order_id)
        payment = tipping.give(order, **asked.asked(), payer=_caller(request), now=timezone.now())
        return Response(PaymentSerializer(payment).data)

    @documented(
        "Refund a tip",
        permission="Staff with the right to refund orders.",
        description="All of it goes back; the money goes out once this is answered.",
        request=TipRefundSerializer,
        response=TipSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NotRefundable],
        request_example={"reason": "Given by mistake"},
        response_example=TIP,
        idempotent=True,
    )
    @idempotent
    def refund(self, request: Request, order_id: UUID, pk: UUID) -> Response:
        asked = TipRefundSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        tip = get_object_or_404(self.get_queryset().select_related("order"), pk=pk)
        require(request.user, Permission.REFUND_ORDERS, tip.order.venue_id)
        tipping.refund(tip, by=request.user, reason=asked.validated_data["reason"], now=timezone.now())
        return Response(TipSerializer(tip).data, status=status.HTTP_201_CREATED)


class OrderRatingView(viewsets.GenericViewSet):
    """What the buyer thinks of it."""

    queryset = OrderRating.objects.none()
    permission_classes = [AllowAny]
    serializer_class = RatingSerializer

    @documented(
        "Rate an order",
        permission=BUYER,
        description="The whole order, or the part of one `outlet`; sent again while the window is open (the order's "
        "`tip_until`), it changes what was said.",
        request=RatingSerializer,
        response=RatingSerializer,
        errors=[Missing, NotRateable, WindowClosed],
        request_example=RATING_ASKED,
        response_example=RATING,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, order_id: UUID) -> Response:
        asked = RatingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = own_order(request, order_id)
        given = rating.rate(order, **asked.validated_data, by=_caller(request), now=timezone.now())
        return Response(RatingSerializer(given).data)
