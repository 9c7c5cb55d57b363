"""The API face of orders: parse, call, serialize."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from orders import cancellation, changing, checkout, forgetting
from orders.errors import (
    BuyerHasAccount,
    BuyerStillNeeded,
    CartRefused,
    NotPayable,
    OrderNotChangeable,
    PromoUsedUp,
    SoldOut,
)
from orders.examples import AFTER_SALE, CART, FULFILMENT, ORDER, PENDING, PLACED, PREVIEW, RECEIPT
from orders.filters import OrderFilter
from orders.models import Order
from orders.permissions import ACCESS_HEADER, listed_orders, own_order, reachable_order
from orders.promos.guessing import entering
from orders.serializers import (
    CartSerializer,
    ChangeOrderSerializer,
    OrderSerializer,
    OrderSummarySerializer,
    PaySerializer,
    PlacedOrderSerializer,
    PlaceOrderSerializer,
    PreviewSerializer,
)
from payments import charges
from payments.errors import GatewayRefused, GatewayUnavailable, PaymentInProgress
from payments.payable import CannotFulfil
from payments.serializers import RECORDED, SUCCEEDED, PaymentSerializer
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.keyset import LongListPagination
from trufan.lib.languages import asked_for
from trufan.lib.schema import documented
from trufan.lib.serializing import shown

ACCESS_CODE = OpenApiParameter(
    ACCESS_HEADER, str, OpenApiParameter.HEADER, description="A guest's access code, from the answer to `POST /orders`."
)
BUYER = "The buyer: signed in, or with the order's access code."


class OrderViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Orders of the caller, or of a guest who holds an access code."""

    queryset = Order.objects.none()
    serializer_class = OrderSummarySerializer
    pagination_class = LongListPagination
    filterset_class = OrderFilter
    search_fields = ["number"]
    ordering_fields = ["created_at", "amount_total"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.action == "list" else [AllowAny()]

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Order.objects.none()
        return listed_orders(self.request).prefetch_related("items")

    @documented(
        "List my orders",
        permission="Anyone signed in sees their own; `venue` needs the right to see that venue's orders.",
        response=OrderSummarySerializer(many=True),
        errors=[Forbidden, Invalid],
        response_example=ORDER,
        parameters=[OpenApiParameter("venue", UUID, description="All orders of this venue instead of mine.")],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Place an order",
        permission="Anyone. Without an account, `contact.email` and `contact.phone` are required.",
        description="Holds every line for ten minutes, or none. A free order is complete at once. The answer to a "
        "guest carries the `access_code` that opens the order from then on.",
        request=PlaceOrderSerializer,
        response=PlacedOrderSerializer,
        status=status.HTTP_201_CREATED,
        errors=[CartRefused, SoldOut, PromoUsedUp, CannotFulfil],
        request_example={**CART, "contact": {"email": "fay@example.com", "phone": "+12125550123", "name": "Fay Fan"}},
        response_example=PLACED,
        idempotent=True,
    )
    @idempotent(whole=True)
    def create(self, request: Request) -> Response:
        asked = PlaceOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = request.user if request.user.is_authenticated else None
        with entering(asked.extras(), request):
            contact = replace(asked.contact_given(), language=asked_for(request))
            order = checkout.place_order(
                asked.lines(), user=user, contact=contact, now=timezone.now(), extras=asked.extras()
            )
        return Response(shown(PlacedOrderSerializer, order), status=status.HTTP_201_CREATED)

    @documented(
        "Price a cart",
        permission="Anyone.",
        description="What the cart would cost now, with every amount. Nothing is held.",
        request=CartSerializer,
        response=PreviewSerializer,
        errors=[CartRefused, SoldOut, PromoUsedUp],
        request_example=CART,
        response_example=PREVIEW,
    )
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        asked = CartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = request.user if request.user.is_authenticated else None
        with entering(asked.extras(), request):
            cart = checkout.preview(asked.lines(), timezone.now(), asked.extras(), user=user)
        return Response(PreviewSerializer(cart).data)

    @documented(
        "Show an order",
        permission=BUYER + " Staff with the right to see the venue's orders.",
        response=OrderSerializer,
        errors=[Missing],
        response_example={**ORDER, "contact": {"email": "fay@example.com", "phone": "", "name": "Fay Fan"},
                          "payments": [RECORDED], "refunds": [], "dispute": None,
                          "fulfilments": [FULFILMENT], **AFTER_SALE,
                          "receipts": [RECEIPT], "tip_until": "2026-11-22T18:01:30Z"},
        parameters=[ACCESS_CODE],
    )  # fmt: skip
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(OrderSerializer(reachable_order(request, pk)).data)

    @documented(
        "Change a pending order",
        permission=BUYER,
        description="What is given takes the place of what was: `items` as a whole, `tip`, `delivery`, `promo_code`; "
        "`null` takes it away. Everything is priced as it is now, or nothing changes. What stays is never let go of, "
        "and the hold ends when it would have ended. A payment that waits for its payer takes the new total, under the "
        "same `client_secret`; while one is `processing` nothing changes. After a 503 send the same again.",
        request=ChangeOrderSerializer,
        response=OrderSerializer,
        errors=[
            Missing, OrderNotChangeable, PaymentInProgress, CartRefused, SoldOut, PromoUsedUp,
            GatewayUnavailable,
        ],
        request_example={"items": [{**CART["items"][0], "quantity": 1}], "promo_code": "WELCOME10"},
        response_example={**PENDING, "contact": {"email": "fay@example.com", "phone": "", "name": "Fay Fan"},
                          "payments": [], "refunds": [], "dispute": None, "fulfilments": [], **AFTER_SALE},
        parameters=[ACCESS_CODE],
        idempotent=True,
    )  # fmt: skip
    @idempotent(atomic=False)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        asked = ChangeOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order, now = own_order(request, pk), timezone.now()
        buyer = request.user if request.user.is_authenticated else None
        with entering(asked.extras(), request):
            changed = changing.change_order(order, **asked.changes(), by=buyer, now=now)
        charges.follow(changed, now)
        return Response(OrderSerializer(changed).data)

    @documented(
        "Cancel a pending order",
        permission=BUYER,
        description="Gives the hold back. Money that still arrives is returned in full.",
        response=OrderSerializer,
        errors=[Missing, InvalidMove],
        response_example={
            **ORDER,
            "status": "cancelled",
            "contact": {},
            "payments": [],
            "refunds": [],
            "dispute": None,
            "fulfilments": [],
            **AFTER_SALE,
        },
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request: Request, pk: UUID) -> Response:
        order = own_order(request, pk)
        buyer = request.user if request.user.is_authenticated else None
        return Response(OrderSerializer(cancellation.cancel(order, by=buyer, now=timezone.now())).data)

    @documented(
        "Erase the buyer of an order",
        permission="A guest who bought, with the order's access code. With an account, `DELETE /users/me` erases all.",
        description="Takes name, addresses and notes off the order, its tickets, reservations and messages. Amounts "
        "and receipts stay, as the books must. Nobody can be written to about the order any more. Cannot be undone.",
        request=None,
        response=OrderSerializer,
        errors=[Missing, BuyerHasAccount, BuyerStillNeeded],
        response_example={**ORDER, "contact": {}, "payments": [], "refunds": [],
                          "dispute": None, "fulfilments": [], **AFTER_SALE},
        parameters=[ACCESS_CODE],
        idempotent=True,
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="erase-buyer")
    @idempotent
    def erase_buyer(self, request: Request, pk: UUID) -> Response:
        order = own_order(request, pk)
        erased = forgetting.erase_buyer(order, by=None, now=timezone.now())
        return Response(OrderSerializer(erased).data)

    @documented(
        "Pay an order",
        permission=BUYER,
        description="Charges the whole order. `requires_action`: the buyer confirms with `client_secret`. "
        "`processing`: the money comes later. `failed`: pay again with another method; the hold stays.",
        request=PaySerializer,
        response=PaymentSerializer,
        errors=[Missing, NotPayable, GatewayRefused, GatewayUnavailable],
        request_example={"payment_method": "pm_card_visa"},
        response_example=SUCCEEDED,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @action(detail=True, methods=["post"])
    @idempotent(atomic=False)
    def pay(self, request: Request, pk: UUID) -> Response:
        asked = PaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = own_order(request, pk)
        payment = charges.start(
            order,
            payer=request.user if request.user.is_authenticated else None,
            payment_method=asked.validated_data["payment_method"],
            now=timezone.now(),
        )
        return Response(PaymentSerializer(payment).data)
