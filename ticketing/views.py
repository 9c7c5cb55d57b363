"""The API face of tickets, for who holds them: parse, call, serialize. Sale and door have views of their own."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import generics, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.permissions import own_order
from orders.views import ACCESS_CODE, BUYER
from ticketing import codes
from ticketing.errors import TicketRefunded
from ticketing.examples import TICKET, TICKET_KEY
from ticketing.filters import TicketFilter
from ticketing.models import Ticket
from ticketing.permissions import own_ticket, shown_ticket
from ticketing.rotation import texts
from ticketing.serializers import TicketKeySerializer, TicketSerializer
from trufan.lib import qr
from trufan.lib.errors import Missing
from trufan.lib.keyset import LongListPagination
from trufan.lib.schema import documented
from venues.models import Venue

HOLDER = "The ticket's holder: signed in, or a guest with the order's access code."
PICTURE = "Where codes rotate (`rotates`) it is the one of this moment: load it again every ten seconds."


class TicketViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Tickets of the caller, or of a guest who holds an order's access code."""

    queryset = Ticket.objects.none()
    serializer_class = TicketSerializer
    pagination_class = LongListPagination
    filterset_class = TicketFilter
    search_fields = ["number", "event__name", "event__venue__name", "ticket_type__name"]
    ordering_fields = ["starts_at", "created_at"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.action == "list" else [AllowAny()]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Ticket.objects.none()
        return Ticket.objects.of(self.request.user).with_event().annotate(starts_at=F("event__starts_at"))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A picture is asked for as image/*, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action in {"qr_svg", "qr_png"})

    @documented(
        "List my tickets",
        permission="Anyone signed in sees those they hold or bought.",
        description="Newest first.",
        response=TicketSerializer(many=True),
        response_example=TICKET,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a ticket",
        permission=HOLDER,
        response=TicketSerializer,
        errors=[Missing],
        response_example=TICKET,
        parameters=[ACCESS_CODE],
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(own_ticket(request, pk)).data)

    @documented(
        "Show a ticket's QR code as SVG",
        permission=HOLDER,
        description=PICTURE,
        errors=[Missing, TicketRefunded],
        parameters=[ACCESS_CODE],
        media_type="image/svg+xml",
    )
    @action(detail=True, methods=["get"], url_path="qr.svg", filter_backends=[], pagination_class=None)
    def qr_svg(self, request: Request, pk: UUID) -> HttpResponse:
        return self._picture(shown_ticket(request, pk), "svg", "image/svg+xml")

    @documented(
        "Show a ticket's QR code as PNG",
        permission=HOLDER,
        description=PICTURE,
        errors=[Missing, TicketRefunded],
        parameters=[ACCESS_CODE],
        media_type="image/png",
    )
    @action(detail=True, methods=["get"], url_path="qr.png", filter_backends=[], pagination_class=None)
    def qr_png(self, request: Request, pk: UUID) -> HttpResponse:
        return self._picture(shown_ticket(request, pk), "png", "image/png")

    def _picture(self, ticket: Ticket, kind: str, media_type: str) -> HttpResponse:
        text = texts.shown_at(ticket, timezone.now())
        answer = HttpResponse(qr.picture(text, kind, "Ticket"), content_type=media_type)
        answer["Cache-Control"] = "private, no-store"
        return answer


class OrderTicketsView(generics.ListAPIView):
    """The tickets of one order."""

    queryset = Ticket.objects.none()
    permission_classes = [AllowAny]
    serializer_class = TicketSerializer
    filterset_class = TicketFilter

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Ticket.objects.none()
        order = own_order(self.request, self.kwargs["order_id"])
        return Ticket.objects.with_event().filter(order=order).order_by("order_item__position", "ordinal")

    @documented(
        "List an order's tickets",
        permission=BUYER,
        description="In the order of its lines; none before it is paid.",
        response=TicketSerializer(many=True),
        errors=[Missing],
        response_example=TICKET,
        parameters=[ACCESS_CODE],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class TicketKeysView(APIView):
    """What a scanner needs to verify codes without a network."""

    permission_classes = [AllowAny]

    @documented(
        "List a venue's ticket keys",
        permission="Anyone: these are public keys.",
        description="The key that signs now comes first; codes that any of them signed are good. "
        "Decision 0004 in the documentation has the layout of a code.",
        response=TicketKeySerializer(many=True),
        errors=[Missing],
        response_example=[TICKET_KEY],
    )
    def get(self, request: Request, venue_id: UUID) -> Response:
        venue = Venue.objects.readable_by(request.user).filter(pk=venue_id).first()
        if venue is None:
            raise Missing(gettext("There is no such venue."))
        keys = [
            {
                "key_id": key.key_id.hex(),
                "algorithm": "Ed25519",
                "public_key": base64.urlsafe_b64encode(key.public).decode().rstrip("="),
            }
            for key in codes.venue_keys(venue.pk)
        ]
        return Response(TicketKeySerializer(keys, many=True).data)
