"""The API face of an event's door: its numbers, its scans, finding tickets, and what scanners tell later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from ticketing.door import attendance, counts, search, sync, sync_serializers
from ticketing.door.examples import COUNTS, FOUND, SYNC_ANSWER, SYNC_REQUEST
from ticketing.door.serializers import (
    AttendanceSerializer,
    CountsSerializer,
    FoundTicketSerializer,
    ScanRowSerializer,
)
from ticketing.door.views import STEWARD
from ticketing.examples import ATTENDANCE, SCAN_ROW
from ticketing.filters import ScanFilter
from ticketing.models import Scan, Ticket
from ticketing.permissions import staff_event
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.keyset import LongListPagination
from trufan.lib.schema import documented
from venues.devices.models import VenueDevice
from venues.devices.opening import open_to

DOOR = "Staff with `check_in` or `view_orders` at the event's venue."


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
    pagination_class = LongListPagination
    filterset_class = ScanFilter
    search_fields = ["ticket__number", "gate"]
    ordering_fields = ["scanned_at", "created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Scan.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.CHECK_IN, Permission.VIEW_ORDERS)
        return Scan.objects.filter(event=event).with_row().order_by("-created_at", "-pk")

    @documented(
        "List an event's scans",
        permission=DOOR,
        description="Newest first, those by hand too, and what was taken back (`method` `undo`).",
        response=ScanRowSerializer(many=True),
        errors=[Forbidden, Missing],
        response_example=SCAN_ROW,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ConflictsView(EventScansView):
    """Who was let in and should not have been."""

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().exclude(conflict="")

    @documented(
        "List an event's conflicts",
        permission=DOOR,
        description="What scanners without a network let through and, with all facts on the table, should not have: "
        "`double_entry`, `reentry_not_allowed`, `exit_without_entry`, `revoked_ticket_admitted`, "
        "`revoked_after_entry`, `outdated_code_admitted`, `wrong_event_admitted`, `forged_code_admitted`, "
        "`unknown_code_admitted`. Newest first. A conflict that later facts explain is none any more.",
        response=ScanRowSerializer(many=True),
        errors=[Forbidden, Missing],
        response_example={**SCAN_ROW, "result": "accepted", "reason": "", "conflict": "double_entry"},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return generics.ListAPIView.get(self, request, *args, **kwargs)


class CountsView(APIView):
    """The door in numbers."""

    @open_to(VenueDevice.Scope.SCAN)
    @documented(
        "Count an event's door",
        permission=STEWARD,
        description="Where the tickets stand now, and the last 60 minutes one by one. To follow it, watch the topic "
        "`door` (docs/live.md).",
        response=CountsSerializer,
        errors=[Forbidden, Missing],
        response_example=COUNTS,
    )
    def get(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.CHECK_IN)
        return Response(CountsSerializer(counts.count(event, timezone.now())).data)


class SearchView(generics.ListAPIView):
    """Finding somebody's ticket."""

    queryset = Ticket.objects.none()
    serializer_class = FoundTicketSerializer

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Ticket.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.CHECK_IN)
        words = self.request.query_params.get("q", "").strip()
        if not search.LEAST <= len(words) <= search.MOST:
            raise Invalid.field("q", f"Give {search.LEAST} to {search.MOST} characters.", "length")
        return search.find(event, words)

    @documented(
        "Find a ticket at the door",
        permission=STEWARD,
        description="By the beginning of the holder's name (or of the second word of it), of the ticket's or the "
        "order's number, or, with an `@`, of an e-mail address. Admit it by its number: `POST /checkin/admissions`.",
        parameters=[
            OpenApiParameter("q", str, required=True, description="2 to 100 characters."),
        ],
        response=FoundTicketSerializer(many=True),
        errors=[Forbidden, Missing, Invalid],
        response_example=FOUND,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SyncView(APIView):
    """Where scanners that had no network tell what they did."""

    @open_to(VenueDevice.Scope.SCAN)
    @documented(
        "Send scans made without a network",
        permission=STEWARD,
        description="Up to 1000 scans, each with what the scanner `decided`. All are kept as what happened; where a "
        "ticket stands follows from all scans of it, in the order in which they were made, in whichever order they "
        "come. Safe to repeat, in whole or in part: a `nonce` is kept once. Who was let in and should not have been "
        "is a `conflict`. A scan that makes no sense is `invalid` and keeps no other out. See docs/door.md.",
        request=sync_serializers.SyncRequestSerializer,
        response=sync_serializers.SyncAnswerSerializer,
        errors=[Forbidden, Missing],
        request_example=SYNC_REQUEST,
        response_example=SYNC_ANSWER,
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.CHECK_IN)
        asked = sync_serializers.EnvelopeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, now = asked.validated_data, timezone.now()
        corrected_by = sync.correction(given["device_clock"], now)
        scans = sync_serializers.read(given["scans"], corrected_by, now)
        outcomes = sync.receive_all(event, scans, request.user, given["device"])
        return Response(sync_serializers.SyncAnswerSerializer(sync.summed(outcomes)).data)
