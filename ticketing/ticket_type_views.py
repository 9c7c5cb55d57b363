"""The API face of ticket types: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events.errors import EventClosed
from events.models import Event
from orders.promos.guessing import guessing
from ticketing import ticket_types
from ticketing.errors import CapacityExceeded, NameTaken, QuantityTooSmall, TicketTypeInUse
from ticketing.examples import TICKET_TYPE, TICKET_TYPE_FOR_STAFF, TICKET_TYPE_REQUEST
from ticketing.filters import TicketTypeFilter
from ticketing.models import TicketType
from ticketing.permissions import listed_event, listed_ticket_type, managed_ticket_type, staff_event
from ticketing.prices import priced
from ticketing.pricing.errors import UnlockNotValid
from ticketing.pricing.unlocking import opened_types
from ticketing.serializers import TicketTypeChangeSerializer, TicketTypeSerializer
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.kept_reads import kept_briefly
from trufan.lib.schema import documented

SEEN = "Anyone sees the open types of a public event; staff of the venue see hidden ones, and the counters."
STAFF = "Staff with `manage_events` at the event's venue."


class TicketTypeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What is sold for an event."""

    queryset = TicketType.objects.none()
    serializer_class = TicketTypeSerializer
    filterset_class = TicketTypeFilter
    search_fields = ["name", "description"]
    ordering_fields = ["position", "price", "name"]
    ordering_columns = {"price": "price_now"}

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve"} else [IsAuthenticated()]

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return TicketType.objects.none()
        event = listed_event(self.request.user, self.kwargs["event_id"])
        shown = TicketType.objects.readable_by(self.request.user).filter(event=event)
        if code := self.request.query_params.get("unlock"):
            with guessing(self.request):
                opened = opened_types(event.pk, code, timezone.now())
            shown = TicketType.objects.filter(Q(pk__in=shown.values("pk")) | Q(pk__in=opened), event=event)
        types = shown.with_fees().prefetch_related("addon_of")
        return priced(types, timezone.now()).order_by("position", "name", "pk")

    def _asked(self, event: Event, row: TicketType | None = None) -> dict[str, Any]:
        asked = TicketTypeChangeSerializer(
            row, data=self.request.data, partial=row is not None, context={"event": event}
        )
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    @documented(
        "List an event's ticket types",
        permission=SEEN,
        description="`availability`: `available`, `few` or `sold_out`. A type can be bought while `is_on_sale` and "
        "not sold out. `price` is that of the release that is open.",
        response=TicketTypeSerializer(many=True),
        errors=[Missing, UnlockNotValid],
        response_example=TICKET_TYPE,
        parameters=[OpenApiParameter("unlock", str, description="A code: the hidden types that it opens show too.")],
    )
    @kept_briefly("skip", "limit", "ordering")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a ticket type",
        permission=STAFF,
        description="All ticket types together may not sell more than the event's capacity.",
        request=TicketTypeChangeSerializer,
        response=TicketTypeSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, EventClosed, CapacityExceeded, NameTaken],
        request_example=TICKET_TYPE_REQUEST,
        response_example=TICKET_TYPE_FOR_STAFF,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        row = ticket_types.create(event, request.user, **self._asked(event))
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Show a ticket type",
        permission=SEEN,
        response=TicketTypeSerializer,
        errors=[Missing],
        response_example=TICKET_TYPE_FOR_STAFF,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(listed_ticket_type(request.user, pk)).data)

    @documented(
        "Change a ticket type",
        permission=STAFF,
        description="Orders already placed keep the price they were placed at.",
        request=TicketTypeChangeSerializer(partial=True),
        response=TicketTypeSerializer,
        errors=[Missing, Forbidden, EventClosed, CapacityExceeded, QuantityTooSmall, NameTaken],
        request_example={"quantity": 900, "price": 5500},
        response_example=TICKET_TYPE_FOR_STAFF,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_ticket_type(request.user, pk)
        row = ticket_types.change(row, request.user, **self._asked(row.event, row))
        return Response(self.get_serializer(row).data)

    @documented(
        "Delete a ticket type",
        permission=STAFF,
        description="Only one that nobody ever ordered; hide it otherwise.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden, EventClosed, TicketTypeInUse],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        ticket_types.delete(managed_ticket_type(request.user, pk), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
