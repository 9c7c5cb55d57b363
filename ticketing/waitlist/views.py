"""The API face of the waiting list: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.errors import NotForSale
from ticketing.permissions import listed_ticket_type
from ticketing.waitlist import line
from ticketing.waitlist.errors import AlreadyWaiting, NotSoldOut, NotWaiting
from ticketing.waitlist.examples import ENTRY
from ticketing.waitlist.models import WaitlistEntry
from ticketing.waitlist.serializers import JoinWaitlistSerializer, WaitlistEntrySerializer
from trufan.lib.errors import Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented


class WaitlistFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=WaitlistEntry.Status.choices)
    event = django_filters.UUIDFilter(field_name="ticket_type__event_id")

    class Meta:
        model = WaitlistEntry
        fields: list[str] = []


class JoinWaitlistView(APIView):
    """The line for one ticket type."""

    @documented(
        "Wait for tickets that are sold out",
        permission="Anyone signed in.",
        description="Takes the last place in line. What comes free is offered in order, never to the public while "
        "people wait: when it is your turn an order is placed for you, which holds as many as there are, up to your "
        "`quantity`, and you are told to pay it in time. Free tickets are yours at once.",
        request=JoinWaitlistSerializer,
        response=WaitlistEntrySerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, NotForSale, NotSoldOut, AlreadyWaiting, Invalid],
        request_example={"quantity": 2},
        response_example=ENTRY,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, type_id: UUID) -> Response:
        ticket_type = listed_ticket_type(request.user, type_id)
        asked = JoinWaitlistSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry = line.join(ticket_type, request.user, asked.validated_data["quantity"], timezone.now())
        return Response(_shown(entry.pk), status=status.HTTP_201_CREATED)


class WaitlistViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The caller's places in line."""

    queryset = WaitlistEntry.objects.none()
    serializer_class = WaitlistEntrySerializer
    filterset_class = WaitlistFilter
    search_fields = ["ticket_type__name", "ticket_type__event__name"]
    ordering_fields = ["created_at"]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return WaitlistEntry.objects.none()
        own = WaitlistEntry.objects.of(self.request.user)
        return own.with_type().with_position().order_by("-created_at", "id")

    @documented(
        "List my places in line",
        permission="Anyone signed in.",
        response=WaitlistEntrySerializer(many=True),
        response_example=ENTRY,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show my place in line",
        permission="Whose place it is.",
        response=WaitlistEntrySerializer,
        errors=[Missing],
        response_example=ENTRY,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(_shown(_own(request, pk).pk))

    @documented(
        "Leave the line",
        permission="Whose place it is.",
        description="An order that was placed for you is cancelled like any other: `POST /orders/{id}/cancel`.",
        errors=[Missing, NotWaiting],
        status=status.HTTP_204_NO_CONTENT,
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        line.leave(_own(request, pk), request.user, timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: Request, pk: UUID) -> WaitlistEntry:
    entry = WaitlistEntry.objects.of(request.user).with_type().filter(pk=pk).first()
    if entry is None:
        raise Missing(gettext("You have no such place in line."))
    return entry


def _shown(pk: UUID) -> Any:
    return WaitlistEntrySerializer(WaitlistEntry.objects.with_type().with_position().get(pk=pk)).data
