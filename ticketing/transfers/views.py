"""The API face of handing tickets on: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.views import ACCESS_CODE
from ticketing.transfers import access, answering, offering
from ticketing.transfers.errors import (
    AlreadyHeld,
    TicketNotTransferable,
    TransferClosed,
    TransferNotOffered,
    TransferOpen,
)
from ticketing.transfers.examples import OFFER_REQUEST, TAKEN, TRANSFER
from ticketing.transfers.filters import TicketTransferFilter
from ticketing.transfers.models import TicketTransfer
from ticketing.transfers.permissions import held_ticket, meant_transfer, reachable_transfer, sent_transfer
from ticketing.transfers.serializers import OfferTicketSerializer, TicketTransferSerializer
from trufan.lib.errors import Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

TRANSFER_CODE = OpenApiParameter(
    access.HEADER, str, OpenApiParameter.HEADER, description="The code behind the # of the link in the message."
)
HOLDER = "Who holds the ticket: signed in, or a guest with the order's access code."
SENDER = "Who offered it: signed in, or a guest with the order's access code."
MEANT = "Whom it was offered to: known by a verified address or number, or by the code of the message."


class OfferTicketView(APIView):
    """Handing on one ticket."""

    permission_classes = [AllowAny]

    @documented(
        "Offer a ticket to somebody",
        permission=HOLDER,
        description="The recipient gets a message with a link. The ticket stays yours, and admits, until they accept; "
        "then it has a new code, and the old one is refused. The event's `transfer_policy` says whether, until when "
        "and how often.",
        request=OfferTicketSerializer,
        response=TicketTransferSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, TransferNotOffered, TicketNotTransferable, TransferOpen, Invalid],
        request_example=OFFER_REQUEST,
        response_example=TRANSFER,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, ticket_id: UUID) -> Response:
        ticket = held_ticket(request, ticket_id)
        asked = OfferTicketSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        by = request.user if request.user.is_authenticated else None
        message = asked.validated_data.get("message", "")
        made = offering.offer(ticket, asked.recipient(), by=by, message=message, now=timezone.now())
        return Response(_shown(request, made), status=status.HTTP_201_CREATED)


class TicketTransferViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Offers that the caller made, and those made to the caller."""

    queryset = TicketTransfer.objects.none()
    serializer_class = TicketTransferSerializer
    filterset_class = TicketTransferFilter
    search_fields = ["ticket__number", "ticket__event__name"]
    ordering_fields = ["created_at", "expires_at"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.action in {"list", "accept"} else [AllowAny()]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return TicketTransfer.objects.none()
        return TicketTransfer.objects.of(self.request.user).with_ticket()

    @documented(
        "List offers of tickets",
        permission="Anyone signed in sees those they made, and those made to an address or number they verified.",
        response=TicketTransferSerializer(many=True),
        response_example=TRANSFER,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show an offer of a ticket",
        permission=f"{SENDER} {MEANT}",
        response=TicketTransferSerializer,
        errors=[Missing],
        response_example=TRANSFER,
        parameters=[ACCESS_CODE, TRANSFER_CODE],
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(_shown(request, reachable_transfer(request, pk)))

    @documented(
        "Accept a ticket",
        permission=f"{MEANT} In both cases signed in: a ticket has a holder.",
        description="The ticket is the caller's from now on, under a new code.",
        request=None,
        response=TicketTransferSerializer,
        errors=[Missing, TransferClosed, AlreadyHeld, TransferNotOffered, TicketNotTransferable],
        response_example=TAKEN,
        parameters=[TRANSFER_CODE],
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def accept(self, request: Request, pk: UUID) -> Response:
        transfer = meant_transfer(request, pk)
        return Response(_shown(request, answering.accept(transfer, request.user, timezone.now())))

    @documented(
        "Decline a ticket",
        permission=MEANT,
        request=None,
        response=TicketTransferSerializer,
        errors=[Missing, TransferClosed],
        response_example={**TAKEN, "status": "declined"},
        parameters=[TRANSFER_CODE],
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def decline(self, request: Request, pk: UUID) -> Response:
        transfer = meant_transfer(request, pk)
        by = request.user if request.user.is_authenticated else None
        return Response(_shown(request, answering.decline(transfer, by, timezone.now())))

    @documented(
        "Take an offer back",
        permission=SENDER,
        request=None,
        response=TicketTransferSerializer,
        errors=[Missing, TransferClosed],
        response_example={**TRANSFER, "status": "withdrawn", "decided_at": "2026-06-21T09:12:00Z"},
        parameters=[ACCESS_CODE],
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def withdraw(self, request: Request, pk: UUID) -> Response:
        transfer = sent_transfer(request, pk)
        by = request.user if request.user.is_authenticated else None
        return Response(_shown(request, offering.withdraw(transfer, by, timezone.now())))


def _shown(request: Request, transfer: TicketTransfer) -> Any:
    by_code = bool(request.headers.get(access.HEADER))
    return TicketTransferSerializer(transfer, context={"request": request, "is_recipient": by_code}).data
