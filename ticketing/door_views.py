"""The API face of the door: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from ticketing import attendance, checkin
from ticketing.door_serializers import (
    AdmissionRequestSerializer,
    AttendanceSerializer,
    ScanRequestSerializer,
    ScanRowSerializer,
    ScanSerializer,
)
from ticketing.errors import NonceReused, NotAdmitted
from ticketing.examples import ACCEPTED, ADMISSION_REQUEST, ATTENDANCE, SCAN_REQUEST, SCAN_ROW
from ticketing.filters import ScanFilter
from ticketing.models import Scan
from ticketing.permissions import admissible_ticket, staff_event
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

STEWARD = "Staff with `check_in` at the event's venue."
DOOR = "Staff with `check_in` or `view_orders` at the event's venue."


class ScansView(APIView):
    """Where scanners send what they read."""

    @documented(
        "Scan a ticket",
        permission="Staff with `check_in` at any venue; tickets of other venues are refused as `wrong_event`.",
        description="Always 200; `result` says whether the bearer may come in and `reason` why not: `already_used` "
        "(see `previous_scan`), `wrong_event`, `not_yet`, `too_late`, `event_cancelled`, `refunded`, "
        "`outdated_code`, `forged` (nobody we know signed it), `unknown` (no ticket of ours). Safe to repeat: the "
        "same `nonce` gets the same answer. Scans may come up to seven days late.",
        request=ScanRequestSerializer,
        response=ScanSerializer,
        errors=[Forbidden, Missing, NonceReused],
        request_example=SCAN_REQUEST,
        response_example=ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        asked = ScanRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        scan = checkin.scan(
            given["code"],
            by=request.user,
            nonce=given["nonce"],
            gate=given["gate"],
            event_id=given["event"],
            scanned_at=given["scanned_at"],
            now=timezone.now(),
        )
        return Response(ScanSerializer(scan).data)


class AdmissionsView(APIView):
    """Where stewards let people in whose code cannot be read."""

    @documented(
        "Admit by number",
        permission=STEWARD,
        description="For a dead phone or a torn print: the steward has made sure whose ticket it is. Not bound to "
        "the doors' times. Refused for a ticket that was used or refunded, or whose event was cancelled; the "
        "detail's code says which.",
        request=AdmissionRequestSerializer,
        response=ScanSerializer,
        errors=[Forbidden, Missing, NotAdmitted],
        request_example=ADMISSION_REQUEST,
        response_example={**ACCEPTED, "nonce": "by_hand:0199f3a2-a000-7d3a-a1b2-c3d4e5f60717"},
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = AdmissionRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        ticket = admissible_ticket(request.user, given["event"], given["number"])
        scan = checkin.admit(ticket, request.user, timezone.now(), gate=given["gate"], reason=given["reason"])
        return Response(ScanSerializer(scan).data)


class AttendanceView(APIView):
    """Who has come so far."""

    @documented(
        "Count an event's attendance",
        permission=DOOR,
        response=AttendanceSerializer,
        errors=[Forbidden, Missing],
        response_example=ATTENDANCE,
    )
    def get(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.CHECK_IN, Permission.VIEW_ORDERS)
        return Response(AttendanceSerializer(attendance.count(event)).data)


class EventScansView(generics.ListAPIView):
    """What happened at an event's door."""

    queryset = Scan.objects.none()
    serializer_class = ScanRowSerializer
    filterset_class = ScanFilter
    search_fields = ["ticket__number", "gate"]
    ordering_fields = ["scanned_at", "created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Scan.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.CHECK_IN, Permission.VIEW_ORDERS)
        return Scan.objects.filter(event=event).select_related("ticket", "scanned_by").order_by("-created_at", "-pk")

    @documented(
        "List an event's scans",
        permission=DOOR,
        description="Newest first, those by hand too.",
        response=ScanRowSerializer(many=True),
        errors=[Forbidden, Missing],
        response_example=SCAN_ROW,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
