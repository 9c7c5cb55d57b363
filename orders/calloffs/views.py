"""The API face of call-offs: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events.models import Event
from events.permissions import listed_event, staff_event
from orders.calloffs import figures, starting, working
from orders.calloffs.errors import AlreadyCalledOff, NothingToRetry
from orders.calloffs.examples import ASKED, CALL_OFF, PREVIEW, ROW
from orders.calloffs.models import CallOff, CallOffOrder
from orders.calloffs.serializers import (
    CallOffAskedSerializer,
    CallOffOrderSerializer,
    CallOffPreviewSerializer,
    CallOffSerializer,
    ChoicesSerializer,
)
from trufan.lib.errors import Forbidden, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented
from venues.permissions import require

BOTH = "Staff with `manage_events` and `refund_orders` at the event's venue."
READERS = "Staff with `view_orders` at the event's venue."


class CallOffOrderFilter(FilterSet):
    status = django_filters.ChoiceFilter(choices=CallOffOrder.Status.choices)
    order = django_filters.UUIDFilter(field_name="order_id")


def for_both(user: Any, event_id: UUID) -> Event:
    event = listed_event(user, event_id)
    require(user, Permission.MANAGE_EVENTS, event.venue_id)
    require(user, Permission.REFUND_ORDERS, event.venue_id)
    return event


def _of(event: Event) -> CallOff:
    found = CallOff.objects.select_related("event__venue").filter(event=event).first()
    if found is None:
        raise Missing(gettext("The orders of this event are not being refunded."))
    return found


class CallOffViewSet(viewsets.GenericViewSet):
    """Calling an event off and making all of its orders right."""

    queryset = CallOff.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = CallOffSerializer

    @documented(
        "Preview calling an event off",
        permission=BOTH,
        description="How many orders and how much money it is about, kind by kind, and what stays. Nothing is done.",
        request=ChoicesSerializer,
        response=CallOffPreviewSerializer,
        errors=[Missing, Forbidden],
        request_example={"also": ["parking"], "keep_fees": False},
        response_example=PREVIEW,
    )
    def preview(self, request: Request, event_id: UUID) -> Response:
        event = for_both(request.user, event_id)
        asked = ChoicesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(CallOffPreviewSerializer(figures.preview(event, **asked.validated_data)).data)

    @documented(
        "Call an event off and refund its orders",
        permission=BOTH,
        description="Cancels the event, unless it is cancelled already, tells all holders, and works through every "
        "order by itself, however often it is interrupted. Tickets always go back; `also` says what goes with them.",
        request=CallOffAskedSerializer,
        response=CallOffSerializer,
        status=status.HTTP_202_ACCEPTED,
        errors=[Missing, Forbidden, AlreadyCalledOff, InvalidMove],
        request_example=ASKED,
        response_example=CALL_OFF,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = for_both(request.user, event_id)
        asked = CallOffAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = starting.call_off(event, **asked.validated_data, by=request.user, now=timezone.now())
        return Response(CallOffSerializer(row).data, status=status.HTTP_202_ACCEPTED)

    @documented(
        "Show how far the refunds of an event have come",
        permission=READERS,
        response=CallOffSerializer,
        errors=[Missing, Forbidden],
        response_example=CALL_OFF,
    )
    def retrieve(self, request: Request, event_id: UUID) -> Response:
        return Response(CallOffSerializer(_of(staff_event(request.user, event_id, Permission.VIEW_ORDERS))).data)

    @documented(
        "Retry the refunds of an event that failed",
        permission=BOTH,
        description="Orders of which nothing could be asked back are tried again; refunds that the provider refused "
        "are asked for once more. What went is left alone.",
        request=None,
        response=CallOffSerializer,
        errors=[Missing, Forbidden, NothingToRetry],
        response_example=CALL_OFF,
        idempotent=True,
    )
    @idempotent
    def retry(self, request: Request, event_id: UUID) -> Response:
        row = _of(for_both(request.user, event_id))
        working.retry(row, by=request.user, now=timezone.now())
        row.refresh_from_db()
        return Response(CallOffSerializer(row).data)


class CallOffOrderViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What became of each order of an event that was called off."""

    queryset = CallOffOrder.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = CallOffOrderSerializer
    filterset_class = CallOffOrderFilter

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return CallOffOrder.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.VIEW_ORDERS)
        return CallOffOrder.objects.filter(call_off=_of(event)).shown().order_by("order_id")

    @documented(
        "List the orders of a called-off event",
        permission=READERS,
        response=CallOffOrderSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=ROW,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
