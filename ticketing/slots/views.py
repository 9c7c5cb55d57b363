"""The API face of entry slots: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events.errors import EventClosed
from events.models import Event
from orders.errors import QuantityTooSmall
from ticketing.permissions import listed_event, staff_event
from ticketing.slots import timetable
from ticketing.slots.errors import SlotInUse, SlotTaken
from ticketing.slots.examples import GENERATE_REQUEST, SLOT, SLOT_FOR_STAFF, SLOT_REQUEST
from ticketing.slots.filters import EntrySlotFilter
from ticketing.slots.models import EntrySlot
from ticketing.slots.permissions import listed_slot, managed_slot
from ticketing.slots.serializers import (
    EntrySlotChangeSerializer,
    EntrySlotSerializer,
    GeneratedSlotsSerializer,
    GenerateSlotsSerializer,
)
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

SEEN = "Anyone sees those of a public event; staff of the venue see drafts, and the counters."
STAFF = "Staff with `manage_events` at the event's venue."


class EntrySlotViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """When people may come in."""

    queryset = EntrySlot.objects.none()
    serializer_class = EntrySlotSerializer
    filterset_class = EntrySlotFilter
    ordering_fields = ["starts_at"]

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve"} else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return EntrySlot.objects.none()
        event = listed_event(self.request.user, self.kwargs["event_id"])
        return EntrySlot.objects.with_event().filter(event=event).order_by("starts_at", "pk")

    def _asked(self, event: Event, **how: Any) -> dict[str, Any]:
        asked = EntrySlotChangeSerializer(data=self.request.data, context={"event": event}, **how)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    @documented(
        "List an event's entry slots",
        permission=SEEN,
        description="The line of a cart names one (`slot`) where its ticket type `needs_slot`. `left` is how many more "
        "people may come then; a ticket of the type must be left, too.",
        response=EntrySlotSerializer(many=True),
        errors=[Missing],
        response_example=SLOT,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add an entry slot",
        permission=STAFF,
        description="Between the opening of the doors and the end of the event.",
        request=EntrySlotChangeSerializer,
        response=EntrySlotSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, EventClosed, SlotTaken, Invalid],
        request_example=SLOT_REQUEST,
        response_example=SLOT_FOR_STAFF,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        row = timetable.create(event, request.user, **self._asked(event))
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Make a row of entry slots",
        permission=STAFF,
        description=f"One every so many minutes, by the venue's clock: all of them, or none. At most {timetable.MOST}.",
        request=GenerateSlotsSerializer,
        response=GeneratedSlotsSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, EventClosed, SlotTaken, Invalid],
        request_example=GENERATE_REQUEST,
        response_example={"slots": [SLOT_FOR_STAFF]},
        idempotent=True,
    )
    @idempotent
    def generate(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        asked = GenerateSlotsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = timetable.generate(event, request.user, **asked.validated_data)
        shown = GeneratedSlotsSerializer({"slots": rows}, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @documented(
        "Show an entry slot", permission=SEEN, response=EntrySlotSerializer, errors=[Missing], response_example=SLOT
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(listed_slot(request.user, pk)).data)

    @documented(
        "Change an entry slot",
        permission=STAFF,
        description="The capacity at any time, not below what is held and sold; the times while nobody has it.",
        request=EntrySlotChangeSerializer(partial=True),
        response=EntrySlotSerializer,
        errors=[Missing, Forbidden, EventClosed, SlotInUse, SlotTaken, QuantityTooSmall, Invalid],
        request_example={"capacity": 60},
        response_example={**SLOT_FOR_STAFF, "capacity": 60, "left": 48},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_slot(request.user, pk)
        row = timetable.change(row, request.user, **self._asked(row.event, partial=True))
        return Response(self.get_serializer(row).data)

    @documented(
        "Delete an entry slot",
        permission=STAFF,
        description="Only one that nobody has or had.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden, EventClosed, SlotInUse],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        timetable.delete(managed_slot(request.user, pk), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
