"""The API face of events: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events import calendars, lifecycle, offers, planning, readiness
from events.errors import CapacityTooSmall, EventClosed, EventNotStarted, NotSellable
from events.examples import DRAFT, EVENT, EVENT_FOR_STAFF, EVENT_REQUEST, ICS, READINESS
from events.filters import EventFilter, EventOrdering
from events.message_views import MessageActions
from events.models import Event
from events.serializers import (
    CancelSerializer,
    EventChangeSerializer,
    EventCreateSerializer,
    EventSerializer,
    ReadinessSerializer,
)
from trufan.lib.errors import Forbidden, InvalidMove, Missing, NotAuthenticated
from trufan.lib.idempotency import idempotent
from trufan.lib.kept_reads import kept_briefly
from trufan.lib.listing import Search
from trufan.lib.schema import documented
from venues.permissions import HoldsAtVenue, require

STAFF = "Staff with `manage_events` at the event's venue."


class EventViewSet(MessageActions, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What happens where, and when."""

    http_method_names = ["get", "head", "post", "patch"]
    queryset = Event.objects.none()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    filter_backends = [DjangoFilterBackend, Search, EventOrdering]
    search_fields = ["name", "description", "venue__name"]
    ordering_fields = ["starts_at", "price_from", "name"]
    lookup_value_converter = "uuid"
    needs = {
        "create": None,
        "partial_update": Permission.MANAGE_EVENTS,
        "publish": Permission.MANAGE_EVENTS,
        "cancel": Permission.MANAGE_EVENTS,
        "complete": Permission.MANAGE_EVENTS,
        "readiness": Permission.MANAGE_EVENTS,
        "messages": Permission.MANAGE_EVENTS,
        "preview_message": Permission.MANAGE_EVENTS,
        "messages_so_far": Permission.MANAGE_EVENTS,
        "pause_message": Permission.MANAGE_EVENTS,
        "resume_message": Permission.MANAGE_EVENTS,
        "cancel_message": Permission.MANAGE_EVENTS,
    }

    def get_permissions(self) -> list[Any]:
        return [HoldsAtVenue()] if self.action in self.needs else [AllowAny()]

    def filter_queryset(self, events: QuerySet) -> QuerySet:
        """Filters narrow the list, and nothing else."""
        return super().filter_queryset(events) if self.action == "list" else events

    def get_queryset(self) -> QuerySet:
        events = Event.objects.select_related("venue")
        if self.action == "list":  # there, the filter decides between everybody's and mine
            return events
        return offers.annotate(events.readable_by(self.request.user), timezone.now())

    def paginate_queryset(self, queryset: Any) -> Any:
        """Prices are worked out for the page, unless the whole list went by them."""
        page = super().paginate_queryset(queryset)
        offers.note(page or [], timezone.now())
        return page

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A calendar asks for text/calendar, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action == "calendar")

    def _answer(self, event: Event, code: int = status.HTTP_200_OK) -> Response:
        """The event as it now stands, with its prices."""
        return Response(self.get_serializer(self.get_queryset().get(pk=event.pk)).data, status=code)

    @documented(
        "List events",
        permission="Anyone. `mine` needs a signed-in user and shows the drafts of their venues too.",
        description="Published events that are not over, soonest first. Prices are all-in: with the service fee, "
        "before tax, in minor units of the venue's currency.",
        response=EventSerializer(many=True),
        errors=[NotAuthenticated],
        response_example=EVENT,
    )
    @kept_briefly("skip", "limit", "ordering", "category", "when", "available")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show an event",
        permission="Anyone, once it was published; drafts only staff of the venue. Capacity, configuration and "
        "allotment are shown to staff only.",
        response=EventSerializer,
        errors=[Missing],
        response_example=EVENT_FOR_STAFF,
    )
    @kept_briefly()
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @documented(
        "Draw up an event",
        permission="Staff with `manage_events` at the venue.",
        description="A draft, which nobody else sees until it is published. A time without an offset is by the "
        "venue's clocks: one that happens twice is the first of the two, one that clocks skip is refused.",
        request=EventCreateSerializer,
        response=EventSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Forbidden],
        request_example=EVENT_REQUEST,
        response_example=DRAFT,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        asked = EventCreateSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        require(request.user, Permission.MANAGE_EVENTS, fields["venue"])
        return self._answer(planning.create(by=request.user, **fields), status.HTTP_201_CREATED)

    @documented(
        "Change an event",
        permission=STAFF,
        description="A draft or a published event. Times as when it was drawn up. The capacity may not fall below "
        "the tickets already allotted.",
        request=EventChangeSerializer(partial=True),
        response=EventSerializer,
        errors=[Missing, Forbidden, EventClosed, CapacityTooSmall],
        request_example={"starts_at": "2026-07-03T20:00:00", "capacity": 1200},
        response_example=EVENT_FOR_STAFF,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        event = self.get_object()
        asked = EventChangeSerializer(event, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return self._answer(planning.change(event, request.user, **asked.validated_data))

    @documented(
        "Show what an event lacks",
        permission=STAFF,
        description="All that is missing before the event can be published: what `blocks` is what `publish` refuses it "
        "for, under the same codes; the rest are warnings. `place` says where it is mended, `id` of which row there.",
        response=ReadinessSerializer,
        errors=[Missing, Forbidden],
        response_example=READINESS,
    )
    @action(detail=True, methods=["get"])
    def readiness(self, request: Request, pk: UUID) -> Response:
        found = readiness.lacks(self.get_object(), timezone.now())
        return Response(ReadinessSerializer({"lacks": found}).data)

    @documented(
        "Publish an event",
        permission=STAFF,
        description="Puts a draft on sale. Refused, with the reasons, while it cannot be sold: `GET …/readiness` tells "
        "them beforehand.",
        response=EventSerializer,
        errors=[Missing, Forbidden, NotSellable, InvalidMove],
        response_example=EVENT_FOR_STAFF,
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: UUID) -> Response:
        return self._answer(lifecycle.publish(self.get_object(), request.user, timezone.now()))

    @documented(
        "Cancel an event",
        permission=STAFF,
        request=CancelSerializer,
        response=EventSerializer,
        errors=[Missing, Forbidden, InvalidMove],
        request_example={"reason": "The headliner is ill."},
        response_example={**EVENT_FOR_STAFF, "status": "cancelled"},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        event = self.get_object()
        asked = CancelSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self._answer(lifecycle.cancel(event, request.user, timezone.now(), **asked.validated_data))

    @documented(
        "Complete an event",
        permission=STAFF,
        description="Closes an event that has begun.",
        response=EventSerializer,
        errors=[Missing, Forbidden, EventNotStarted, InvalidMove],
        response_example={**EVENT_FOR_STAFF, "status": "completed"},
    )
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: UUID) -> Response:
        return self._answer(lifecycle.complete(self.get_object(), request.user, timezone.now()))

    @documented(
        "Put an event in a calendar",
        permission="Whoever may see the event.",
        description="One entry in iCalendar format (RFC 5545); a cancelled event says so.",
        errors=[Missing],
        response_example=ICS,
        media_type="text/calendar",
        operation_id="events_calendar",
    )
    @action(detail=True, methods=["get"], url_path="calendar.ics")
    def calendar(self, request: Request, pk: UUID) -> HttpResponse:
        answer = HttpResponse(calendars.ics(self.get_object()), content_type=calendars.CONTENT_TYPE)
        answer["Content-Disposition"] = 'attachment; filename="event.ics"'
        return answer
