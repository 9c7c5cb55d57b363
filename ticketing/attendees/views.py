"""The API face of questions and of those who come: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework import generics, mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from events.errors import EventClosed
from events.models import Event
from orders.views import ACCESS_CODE
from ticketing.attendees import keeping, listing, questions
from ticketing.attendees.asking import Askings
from ticketing.attendees.errors import AttendeesClosed, AttendeesIncomplete, QuestionAnswered
from ticketing.attendees.examples import ATTENDEE, ATTENDEE_REQUEST, ATTENDEE_ROW, QUESTION, QUESTION_REQUEST
from ticketing.attendees.filters import AttendeeFilter
from ticketing.attendees.models import Question
from ticketing.attendees.permissions import held_ticket, managed_question, readable_question
from ticketing.attendees.serializers import (
    AttendeeGivenSerializer,
    AttendeeRowSerializer,
    AttendeeSerializer,
    QuestionChangeSerializer,
    QuestionSerializer,
    given,
)
from ticketing.errors import TicketRefunded, TicketUsed
from ticketing.models import Ticket
from ticketing.permissions import listed_event, staff_event
from trufan.lib import spreadsheets
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.keyset import LongListPagination
from trufan.lib.schema import documented

HOLDER = "Who holds the ticket: signed in, or a guest with the order's access code."
SEEN = "Anyone sees what a public event asks; staff of the venue see drafts and retired questions."
STAFF = "Staff with `manage_events` at the event's venue."
READER = "Staff with `view_orders` at the event's venue."


class TicketAttendeeView(APIView):
    """Who comes with one ticket."""

    permission_classes = [AllowAny]

    @documented(
        "Show who comes with a ticket",
        permission=HOLDER,
        description="What the event asks, what is known, and what is `missing`.",
        response=AttendeeSerializer,
        errors=[Missing],
        response_example=ATTENDEE,
        parameters=[ACCESS_CODE],
    )
    def get(self, request: Request, ticket_id: UUID) -> Response:
        return Response(_shown(held_ticket(request, ticket_id).pk))

    @documented(
        "Say who comes with a ticket",
        permission=HOLDER,
        description="In place of what was said before, until `editable_until`. All that is required must be in it.",
        request=AttendeeGivenSerializer,
        response=AttendeeSerializer,
        errors=[Missing, AttendeesClosed, AttendeesIncomplete, TicketRefunded, TicketUsed],
        request_example=ATTENDEE_REQUEST,
        response_example=ATTENDEE,
        parameters=[ACCESS_CODE],
    )
    def put(self, request: Request, ticket_id: UUID) -> Response:
        ticket = held_ticket(request, ticket_id)
        by = request.user if request.user.is_authenticated else None
        return Response(_shown(keeping.put(ticket, given(request.data), by, timezone.now()).pk))


class QuestionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What an event asks those who come."""

    queryset = Question.objects.none()
    serializer_class = QuestionSerializer
    search_fields = ["text"]
    ordering_fields = ["position"]

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve"} else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Question.objects.none()
        event = listed_event(self.request.user, self.kwargs["event_id"])
        return Question.objects.readable_by(self.request.user).filter(event=event).in_order()

    def _asked(self, event: Event, row: Question | None = None) -> dict[str, Any]:
        asked = QuestionChangeSerializer(row, data=self.request.data, partial=row is not None, context={"event": event})
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    @documented(
        "List an event's questions",
        permission=SEEN,
        description="In the order in which they are asked. `ticket_types` says whose holders are; empty: all.",
        response=QuestionSerializer(many=True),
        errors=[Missing],
        response_example=QUESTION,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a question",
        permission=STAFF,
        description="Of the kind `text`, `choice` (with `choices`) or `consent` (yes or no; a required one is yes).",
        request=QuestionChangeSerializer,
        response=QuestionSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, EventClosed, Invalid],
        request_example=QUESTION_REQUEST,
        response_example=QUESTION,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        row = questions.create(event, request.user, **self._asked(event))
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Show a question", permission=SEEN, response=QuestionSerializer, errors=[Missing], response_example=QUESTION
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(readable_question(request.user, pk)).data)

    @documented(
        "Change a question",
        permission=STAFF,
        description="Answers keep the words that they were given to. `is_active` false retires it: nobody is asked.",
        request=QuestionChangeSerializer(partial=True),
        response=QuestionSerializer,
        errors=[Missing, Forbidden, EventClosed, QuestionAnswered, Invalid],
        request_example={"is_active": False},
        response_example={**QUESTION, "is_active": False},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_question(request.user, pk)
        row = questions.change(row, request.user, **self._asked(row.event, row))
        return Response(self.get_serializer(row).data)

    @documented(
        "Delete a question",
        permission=STAFF,
        description="Only one that nobody answered; retire it otherwise.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden, EventClosed, QuestionAnswered],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        questions.delete(managed_question(request.user, pk), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AttendeesView(generics.ListAPIView):
    """Everybody who comes to an event."""

    queryset = Ticket.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = AttendeeRowSerializer
    pagination_class = LongListPagination
    filterset_class = AttendeeFilter
    search_fields = ["number", "holder_name", "attendee__email", "order__number"]
    ordering_fields = ["created_at", "holder_name"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Ticket.objects.none()
        return listing.people_of(_readers_event(self.request, self.kwargs["event_id"]))

    def get_serializer_context(self) -> dict[str, Any]:
        events = [] if getattr(self, "swagger_fake_view", False) else [self.kwargs["event_id"]]
        return {**super().get_serializer_context(), "askings": Askings(events)}

    @documented(
        "List those who come to an event",
        permission=READER,
        description="A row for each ticket, refunded ones too: `status` narrows it.",
        response=AttendeeRowSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=ATTENDEE_ROW,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class AttendeesFileView(APIView):
    """The same as a spreadsheet."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """It is asked for as text/csv, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force=True)

    @documented(
        "Download those who come to an event",
        permission=READER,
        description="CSV: a row for each ticket that admits or admitted somebody, a column for each question. No text "
        "in it is taken for a formula.",
        media_type="text/csv",
        errors=[Missing, Forbidden],
    )
    def get(self, request: Request, event_id: UUID) -> StreamingHttpResponse:
        event = _readers_event(request, event_id)
        return spreadsheets.download(listing.table(event), f"attendees-{event.starts_at:%Y-%m-%d}.csv")


def _readers_event(request: Request, event_id: UUID) -> Event:
    return staff_event(request.user, event_id, Permission.VIEW_ORDERS)


def _shown(ticket_id: UUID) -> Any:
    ticket = Ticket.objects.with_event().select_related("attendee").prefetch_related("answers__question")
    return AttendeeSerializer(ticket.get(pk=ticket_id), context={"now": timezone.now()}).data
