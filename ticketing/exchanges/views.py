"""The API face of exchanges: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orders.errors import CartRefused, NotRefundable, RefundRefused, SoldOut
from orders.permissions import ACCESS_HEADER, is_buyer, reachable_order, refundable_order
from orders.views import ACCESS_CODE, BUYER
from payments.payable import CannotFulfil
from ticketing.exchanges import asking
from ticketing.exchanges.errors import ExchangeNotOffered, ExchangeOpen, ExchangeTooLate
from ticketing.exchanges.examples import EXCHANGE, EXCHANGE_ASKED
from ticketing.exchanges.models import TicketExchange
from ticketing.exchanges.serializers import ExchangeAskedSerializer, TicketExchangeSerializer
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented


class OrderExchangeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The exchanges of one order's tickets."""

    queryset = TicketExchange.objects.none()
    permission_classes = [AllowAny]
    serializer_class = TicketExchangeSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "is_buyer": getattr(self, "is_buyer", False)}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return TicketExchange.objects.none()
        order = reachable_order(self.request, self.kwargs["order_id"])
        self.is_buyer = is_buyer(self.request.user, self.request.headers.get(ACCESS_HEADER, ""), order)
        return TicketExchange.objects.filter(old_order=order).shown().order_by("-created_at")

    @documented(
        "List the exchanges of an order's tickets",
        permission=BUYER + " Staff with the right to see the venue's orders.",
        response=TicketExchangeSerializer(many=True),
        errors=[Missing],
        response_example=EXCHANGE,
        parameters=[ACCESS_CODE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Exchange tickets",
        permission="The buyer, signed in or with the access code, within the event's `exchange_policy`. Staff with the "
        "right to refund orders.",
        description="As many tickets of another type, of this event or another of the venue, are held as an order of "
        "their own. Once it is paid the money of the old ones goes back, less what is kept; until then they stay good. "
        "Whoever does not pay keeps them.",
        request=ExchangeAskedSerializer,
        response=TicketExchangeSerializer,
        status=status.HTTP_201_CREATED,
        errors=[
            Missing, Forbidden, ExchangeNotOffered, ExchangeTooLate, ExchangeOpen, CartRefused, SoldOut, RefundRefused,
            NotRefundable, CannotFulfil,
        ],
        request_example=EXCHANGE_ASKED,
        response_example=EXCHANGE,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )  # fmt: skip
    @idempotent
    def create(self, request: Request, order_id: UUID) -> Response:
        order, by_buyer = refundable_order(request, order_id)
        asked = ExchangeAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = asking.ask(
            order,
            asked.validated_data["tickets"],
            asked.wanted(),
            by=request.user if request.user.is_authenticated else None,
            by_buyer=by_buyer,
            now=timezone.now(),
        )
        shown = TicketExchange.objects.shown().get(pk=row.pk)
        given = TicketExchangeSerializer(shown, context={"is_buyer": by_buyer})
        return Response(given.data, status=status.HTTP_201_CREATED)
