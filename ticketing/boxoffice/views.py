"""The API face of house holds and comps: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from events.errors import EventClosed
from events.models import Event
from orders.errors import CartRefused, SoldOut
from ticketing.boxoffice import comps, house
from ticketing.boxoffice.errors import HoldTooSmall
from ticketing.boxoffice.examples import COMP, GIVE, HOLD, HOLD_ASKED
from ticketing.boxoffice.filters import CompFilter, HouseHoldFilter
from ticketing.boxoffice.models import Comp, HouseHold
from ticketing.boxoffice.permissions import kept_hold
from ticketing.boxoffice.serializers import (
    CompSerializer,
    GiveSerializer,
    HouseHoldSerializer,
    KeepSerializer,
    ReleaseSerializer,
)
from ticketing.models import TicketType
from ticketing.permissions import staff_event
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

GIVERS = "Staff with `comp_tickets` at the event's venue."


class HouseHoldViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What an event keeps back for the house."""

    queryset = HouseHold.objects.none()
    serializer_class = HouseHoldSerializer
    filterset_class = HouseHoldFilter
    search_fields = ["label"]
    ordering_fields = ["created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return HouseHold.objects.none()
        event = _event(self.request, self.kwargs["event_id"])
        return HouseHold.objects.of_event(event.pk).with_type().order_by("-created_at", "-pk")

    @documented(
        "List an event's house holds",
        permission=GIVERS,
        response=HouseHoldSerializer(many=True),
        errors=[Forbidden, Missing],
        response_example=HOLD,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Keep tickets back",
        permission=GIVERS,
        description="Takes tickets of one type from sale. They can be given away, or released to the public.",
        request=KeepSerializer,
        response=HouseHoldSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Forbidden, Missing, Invalid, SoldOut, EventClosed],
        request_example=HOLD_ASKED,
        response_example=HOLD,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = _event(request, event_id)
        asked = KeepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        ticket_type = _type(event, given.pop("ticket_type"))
        hold = house.keep(ticket_type, **given, by=request.user, now=timezone.now())
        return Response(HouseHoldSerializer(hold).data, status=status.HTTP_201_CREATED)


class ReleaseView(APIView):
    """The way back on sale."""

    @documented(
        "Release a house hold",
        permission=GIVERS,
        description="Puts a `quantity` of it back on sale, or all: people on the waiting list come first.",
        request=ReleaseSerializer,
        response=HouseHoldSerializer,
        errors=[Forbidden, Missing, Invalid, HoldTooSmall],
        request_example={"quantity": 5},
        response_example=HOLD,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, hold_id: UUID) -> Response:
        asked = ReleaseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        hold = kept_hold(request.user, hold_id)
        quantity = asked.validated_data.get("quantity")
        done = house.release(hold, quantity=quantity, by=request.user, now=timezone.now())
        return Response(HouseHoldSerializer(done).data)


class CompViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What was given away for an event."""

    queryset = Comp.objects.none()
    serializer_class = CompSerializer
    filterset_class = CompFilter
    search_fields = ["order__number", "order__contact_name", "order__contact_email"]
    ordering_fields = ["created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Comp.objects.none()
        event = _event(self.request, self.kwargs["event_id"])
        return Comp.objects.of_event(event.pk).with_order().order_by("-created_at", "-pk")

    @documented(
        "List an event's comps",
        permission=GIVERS,
        response=CompSerializer(many=True),
        errors=[Forbidden, Missing],
        response_example=COMP,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Give tickets away",
        permission=GIVERS,
        description="An order of nothing, without a fee, for a named person: out of a `house_hold`, or of what is on "
        "sale. The tickets are sent as any others; `POST /orders/{id}/refunds` takes them back.",
        request=GiveSerializer,
        response=CompSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Forbidden, Missing, Invalid, CartRefused, SoldOut, HoldTooSmall],
        request_example=GIVE,
        response_example=COMP,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = _event(request, event_id)
        asked = GiveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        ticket_type, hold_id = _type(event, given.pop("ticket_type")), given.pop("house_hold", None)
        hold = kept_hold(request.user, hold_id) if hold_id else None
        comp = comps.give(ticket_type, **given, hold=hold, by=request.user, now=timezone.now())
        return Response(CompSerializer(Comp.objects.with_order().get(pk=comp.pk)).data, status=status.HTTP_201_CREATED)


def _event(request: Request, event_id: UUID) -> Event:
    return staff_event(request.user, event_id, Permission.COMP_TICKETS)


def _type(event: Event, type_id: UUID) -> TicketType:
    row = TicketType.objects.with_fees().filter(event=event, pk=type_id).first()
    if row is None:
        raise Invalid.field("ticket_type", "This event has no such ticket type.", "not_found")
    return row
