"""The API face of an event's seats: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from events.errors import EventClosed
from ticketing.errors import CapacityExceeded, QuantityTooSmall, ReasonNeeded, SeatTaken
from ticketing.models import EventSeat
from ticketing.permissions import staff_event
from ticketing.seats import keeping, pictures, planning
from ticketing.seats.errors import StandingTicketsSold
from ticketing.seats.examples import KEEP_REQUEST, MAP, SEAT, SEATING, SEATING_REQUEST, STATUSES
from ticketing.seats.permissions import managed_event, seen_event
from ticketing.seats.pictures import Picture
from ticketing.seats.serializers import (
    EventSeatSerializer,
    KeepSeatsSerializer,
    KeptSeatsSerializer,
    SeatingChangeSerializer,
    SeatingSerializer,
    SeatMapSerializer,
    SeatStatusesSerializer,
)
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented
from venues.permissions import holds
from venues.seating.errors import SeatsInUse

ANYONE = "Anyone, where the event is public; staff of the venue."
STAFF = "Staff with `manage_events` at the event's venue."
JSON = "application/json"
#: How long a client may show what it has without asking, in seconds.
MAP_FRESH, SEATS_FRESH = 60, 1


class SeatMapView(APIView):
    """The map of an event's seats, and setting seats aside."""

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method in {"GET", "HEAD"} else [IsAuthenticated()]

    @documented(
        "Show the map of an event's seats",
        permission=ANYONE,
        description="What stands where, and what it is sold as; `docs/seats.md` explains its form. Who sits where is "
        "at `/events/{id}/seats/statuses`, in the same order. It has an `ETag`: ask with `If-None-Match`.",
        response=SeatMapSerializer,
        errors=[Missing],
        response_example=MAP,
    )
    def get(self, request: Request, event_id: UUID) -> HttpResponse:
        event, _ = seen_event(request.user, event_id)
        return _sent(request, pictures.of_map(pictures.seating_of(event.pk)), JSON, MAP_FRESH)

    @documented(
        "Keep seats from sale, or give them back",
        permission=STAFF,
        description="`blocked`: nobody sits there. `house`: for the venue's own guests. All of the seats or none; only "
        "those that nobody holds or bought.",
        request=KeepSeatsSerializer,
        response=KeptSeatsSerializer,
        errors=[Missing, Forbidden, SeatTaken, ReasonNeeded, CapacityExceeded, EventClosed, Invalid],
        request_example=KEEP_REQUEST,
        response_example={"changed": 25},
    )
    def patch(self, request: Request, event_id: UUID) -> Response:
        event = managed_event(request.user, event_id)
        asked = KeepSeatsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        changed = keeping.keep(
            event, given["seats"], given["status"], request.user, timezone.now(), reason=given["reason"]
        )
        return Response({"changed": changed})


class SeatStatusesView(APIView):
    """Who sits where."""

    permission_classes = [AllowAny]

    @documented(
        "Show which seats are free",
        permission=ANYONE,
        description="A letter for each seat, in the order of the map of the same `version`. It has an `ETag`: ask as "
        "often as once a second, with `If-None-Match`.",
        response=SeatStatusesSerializer,
        errors=[Missing],
        response_example=STATUSES,
    )
    def get(self, request: Request, event_id: UUID) -> HttpResponse:
        event, is_staff = seen_event(request.user, event_id)
        found = pictures.of_statuses(pictures.seating_of(event.pk), for_staff=is_staff)
        return _sent(request, found, JSON, SEATS_FRESH, is_private=is_staff)


class SeatDrawingView(APIView):
    """The seats as a picture."""

    permission_classes = [AllowAny]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A picture is asked for as such, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force=True)

    @documented(
        "Draw an event's seats",
        permission=ANYONE,
        description="A colour for each ticket type, grey what is taken, and on each seat what it is.",
        errors=[Missing],
        media_type="image/svg+xml",
    )
    def get(self, request: Request, event_id: UUID) -> HttpResponse:
        event, is_staff = seen_event(request.user, event_id)
        found = pictures.of_drawing(pictures.seating_of(event.pk), for_staff=is_staff)
        return _sent(request, found, "image/svg+xml", SEATS_FRESH, is_private=is_staff)


class SeatingView(APIView):
    """By which plan an event is seated."""

    permission_classes = [IsAuthenticated]

    @documented(
        "Show how an event is seated",
        permission="Staff with `view_venue` at the event's venue.",
        response=SeatingSerializer,
        errors=[Missing, Forbidden],
        response_example=SEATING,
    )
    def get(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.VIEW_VENUE)
        return Response(SeatingSerializer(pictures.seating_of(event.pk)).data)

    @documented(
        "Seat an event by a plan",
        permission=STAFF,
        description="`prices` say what each seat is sold as: a whole section, rows of one, or single seats; a later "
        "rule wins. Seats that none speaks of are not sold. A ticket type with seats has as many tickets as it has "
        "seats that are not kept from sale; types without seats are standing. What is held, sold or kept stays.",
        request=SeatingChangeSerializer,
        response=SeatingSerializer,
        errors=[
            Missing, Forbidden, SeatsInUse, StandingTicketsSold, CapacityExceeded, QuantityTooSmall, EventClosed,
            Invalid,
        ],
        request_example=SEATING_REQUEST,
        response_example=SEATING,
    )  # fmt: skip
    def put(self, request: Request, event_id: UUID) -> Response:
        event = managed_event(request.user, event_id)
        asked = SeatingChangeSerializer(data=request.data, context={"event": event})
        asked.is_valid(raise_exception=True)
        seating = planning.assign(event, asked.validated_data["plan"], asked.validated_data["prices"], request.user)
        return Response(SeatingSerializer(seating).data)

    @documented(
        "Take the numbered seats off an event",
        permission=STAFF,
        description="While nobody holds or bought one. Its ticket types keep their quantities, and are standing.",
        errors=[Missing, Forbidden, SeatsInUse, EventClosed],
        status=status.HTTP_204_NO_CONTENT,
    )
    def delete(self, request: Request, event_id: UUID) -> Response:
        planning.remove(managed_event(request.user, event_id), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EventSeatFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=EventSeat.Status.choices)
    section = django_filters.CharFilter(max_length=40)
    row = django_filters.CharFilter(max_length=12)
    ticket_type = django_filters.UUIDFilter(field_name="ticket_type_id")

    class Meta:
        model = EventSeat
        fields: list[str] = []


class EventSeatViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The seats of an event, one by one, for its staff."""

    queryset = EventSeat.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = EventSeatSerializer
    filterset_class = EventSeatFilter
    search_fields = ["label"]
    ordering_fields = ["position", "label", "updated_at"]

    def get_serializer_context(self) -> dict[str, Any]:
        venue_id = getattr(self, "venue_id", None)
        return {
            **super().get_serializer_context(),
            "sees_orders": venue_id is not None and holds(self.request.user, Permission.VIEW_ORDERS, venue_id),
        }

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return EventSeat.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.VIEW_VENUE)
        self.venue_id = event.venue_id
        return EventSeat.objects.filter(event=event).select_related("order_item", "ticket").order_by("position")

    @documented(
        "List an event's seats",
        permission="Staff with `view_venue` at the event's venue.",
        response=EventSeatSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=SEAT,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


def _sent(request: Request, found: Picture, kind: str, fresh: int, *, is_private: bool = False) -> HttpResponse:
    """The bytes, or 304 to who has them. What staff see is nobody else's to keep."""
    headers = {
        "ETag": found.etag,
        "Cache-Control": f"{'private, ' if is_private else ''}max-age={fresh}",
        "Vary": "Authorization",
    }
    unchanged = get_conditional_response(request._request, etag=found.etag)
    if unchanged is not None:
        return HttpResponse(status=unchanged.status_code, headers=headers)
    return HttpResponse(found.body, content_type=kind, headers=headers)
