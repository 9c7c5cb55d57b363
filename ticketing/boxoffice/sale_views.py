"""The API face of door sales: parse, call, serialize."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from orders.errors import CartRefused, PromoUsedUp, SoldOut
from orders.examples import PREVIEW
from orders.serializers import PreviewSerializer
from payments.errors import NothingForTheTill
from payments.payable import CannotFulfil
from ticketing.boxoffice import drawer, papers, selling
from ticketing.boxoffice.errors import TooLittleTendered
from ticketing.boxoffice.examples import SALE, SELL, SUMMARY
from ticketing.boxoffice.filters import DoorSaleFilter
from ticketing.boxoffice.models import DoorSale
from ticketing.boxoffice.permissions import made_sale
from ticketing.boxoffice.serializers import (
    CounterCartSerializer,
    DaySerializer,
    DoorSaleSerializer,
    SellSerializer,
    SummarySerializer,
)
from ticketing.permissions import staff_event
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.languages import asked_for
from trufan.lib.schema import documented
from venues.permissions import venue_for

SELLERS = "Staff with `sell_at_door` at the event's venue."


class DoorSaleViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What was sold over the counter for an event."""

    queryset = DoorSale.objects.none()
    serializer_class = DoorSaleSerializer
    filterset_class = DoorSaleFilter
    search_fields = ["order__number", "terminal_reference"]
    ordering_fields = ["created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return DoorSale.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.SELL_AT_DOOR)
        return DoorSale.objects.of_event(event.pk).with_order().order_by("-created_at", "-pk")

    @documented(
        "List an event's door sales",
        permission=SELLERS,
        response=DoorSaleSerializer(many=True),
        errors=[Forbidden, Missing],
        response_example=SALE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Sell at the door",
        permission=SELLERS,
        description="Sells tickets for the event and issues them at once, also before and after the public's time to "
        "buy; limits per order and the stock hold. The money stays at the venue: `cash`, of which `change` is to be "
        "given back, or `card_terminal`, with what the terminal printed. Send an `Idempotency-Key`: a sale that was "
        "sent twice is one.",
        request=SellSerializer,
        response=DoorSaleSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Forbidden, Missing, Invalid, CartRefused, SoldOut, TooLittleTendered, NothingForTheTill, CannotFulfil],
        request_example=SELL,
        response_example=SALE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.SELL_AT_DOOR)
        asked = SellSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sale = selling.sell(
            event,
            asked.lines(),
            choice=asked.choice(),
            taken=asked.taken(),
            by=request.user,
            now=timezone.now(),
            contact=replace(asked.contact_given(), language=asked_for(request)),
        )
        return Response(DoorSaleSerializer(_shown(sale.pk)).data, status=status.HTTP_201_CREATED)

    @documented(
        "Preview a door sale",
        permission=SELLERS,
        description="What the choice would come to at the counter, by the rules and prices of the sale. Holds nothing.",
        request=CounterCartSerializer,
        response=PreviewSerializer,
        errors=[Forbidden, Missing, Invalid, CartRefused, SoldOut, PromoUsedUp],
        request_example={"items": SELL["items"]},
        response_example=PREVIEW,
    )
    def preview(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.SELL_AT_DOOR)
        asked = CounterCartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        cart = selling.preview(event, asked.lines(), asked.choice(), timezone.now())
        return Response(PreviewSerializer(cart).data)


class DoorSaleView(APIView):
    """One sale, for handing it out once more."""

    @documented(
        "Show a door sale", permission=SELLERS, response=DoorSaleSerializer, errors=[Forbidden, Missing],
        response_example=SALE,
    )  # fmt: skip
    def get(self, request: Request, sale_id: UUID) -> Response:
        return Response(DoorSaleSerializer(made_sale(request.user, sale_id)).data)


class DoorSaleTicketsView(APIView):
    """Its tickets on paper."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Paper is asked for as application/pdf, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, True)

    @documented(
        "Print a door sale's tickets",
        permission=SELLERS,
        description="One page for each that is still valid.",
        errors=[Forbidden, Missing],
        media_type="application/pdf",
    )
    def get(self, request: Request, sale_id: UUID) -> HttpResponse:
        return papers.tickets_of(made_sale(request.user, sale_id))


class DrawerView(APIView):
    """What should be in the drawers."""

    @documented(
        "Sum up a day at the box office",
        permission="Staff with `sell_at_door` at the venue.",
        description="By seller and method, for one day by the venue's clocks, today's by default. A refund stands with "
        "whoever paid it back, on the day they did.",
        response=SummarySerializer,
        errors=[Forbidden, Missing, Invalid],
        response_example=SUMMARY,
        parameters=[OpenApiParameter("day", {"type": "string", "format": "date"}, description="Such as 2026-11-20.")],
    )
    def get(self, request: Request, venue_id: UUID) -> Response:
        venue = venue_for(request.user, venue_id, Permission.SELL_AT_DOOR)
        asked = DaySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = drawer.summary(venue, asked.validated_data.get("day"), timezone.now())
        return Response(SummarySerializer(found).data)


def _shown(pk: UUID) -> DoorSale:
    found: DoorSale = DoorSale.objects.with_order().get(pk=pk)
    return found
