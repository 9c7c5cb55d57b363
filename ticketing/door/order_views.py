"""The API face of whole orders at the door: let in together, and taken back. Parse, call, serialize."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ticketing.door import whole_orders
from ticketing.door.errors import ListClosed, NothingToTakeBack
from ticketing.door.examples import ORDER_ADMISSION, ORDER_ADMISSION_REQUEST, ORDER_UNDO, ORDER_UNDO_REQUEST
from ticketing.door.lists import open_list
from ticketing.door.serializers import (
    OrderAdmissionRequestSerializer,
    OrderAdmissionSerializer,
    OrderUndoRequestSerializer,
)
from ticketing.door.sync_serializers import StandingSerializer
from ticketing.errors import ReasonNeeded
from ticketing.permissions import admissible_order
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

STEWARD = "Staff with `check_in` at the event's venue."


class TakenBackSerializer(serializers.Serializer):
    """What was taken back of an admission."""

    order = serializers.CharField(source="order.number")
    undone = StandingSerializer(many=True)
    left = StandingSerializer(many=True, help_text="Tickets that have moved since, and stay as they are.")


class OrderAdmissionsView(APIView):
    """Where stewards let in all who come with one order."""

    @documented(
        "Admit a whole order",
        permission=STEWARD,
        description="Each ticket of the order for this event, by the rules of a scan of its code: its own scan, "
        "accepted or refused with the reason. Those that went back are left out. One that may not come in keeps no "
        "other out.",
        request=OrderAdmissionRequestSerializer,
        response=OrderAdmissionSerializer,
        errors=[Forbidden, Missing, ListClosed],
        request_example=ORDER_ADMISSION_REQUEST,
        response_example=ORDER_ADMISSION,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = OrderAdmissionRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        order = admissible_order(request.user, given["event"], given["order"])
        chosen = open_list(request.user, given["list"], given["event"]) if given["list"] else None
        admission = whole_orders.admit(
            order,
            by=request.user,
            now=timezone.now(),
            event_id=given["event"],
            gate=given["gate"],
            reason=given["reason"],
            checkin_list=chosen,
        )
        return Response(OrderAdmissionSerializer(admission).data)


class OrderUndosView(APIView):
    """Where stewards take such an admission back."""

    @documented(
        "Take a whole order's admission back",
        permission=STEWARD,
        description="Whoever came in by it and has not moved since, as if they had not: their tickets admit again. "
        "Without `admission` it is the last that stands.",
        request=OrderUndoRequestSerializer,
        response=TakenBackSerializer,
        errors=[Forbidden, Missing, NothingToTakeBack, ReasonNeeded],
        request_example=ORDER_UNDO_REQUEST,
        response_example=ORDER_UNDO,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = OrderUndoRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        order = admissible_order(request.user, given["event"], given["order"])
        done = whole_orders.take_back(
            order,
            by=request.user,
            now=timezone.now(),
            reason=given["reason"],
            event_id=given["event"],
            admission_id=given["admission"],
        )
        return Response(TakenBackSerializer(done).data)
