"""The API face of the door: what scanners and stewards do. Parse, call, serialize."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ticketing.door import checkin
from ticketing.door.errors import ListClosed
from ticketing.door.examples import STANDING, UNDO_REQUEST
from ticketing.door.serializers import (
    AdmissionRequestSerializer,
    ScanRequestSerializer,
    ScanSerializer,
    UndoRequestSerializer,
)
from ticketing.door.sync_serializers import StandingSerializer
from ticketing.errors import NonceReused, NotAdmitted, ReasonNeeded
from ticketing.examples import ACCEPTED, ADMISSION_REQUEST, SCAN_REQUEST
from ticketing.models import Scan
from ticketing.permissions import admissible_ticket
from trufan.lib.errors import Forbidden, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from trufan.lib.serializing import shown
from venues.devices import places
from venues.devices.models import VenueDevice
from venues.devices.opening import open_to

STEWARD = "Staff with `check_in` at the event's venue."


class ScansView(APIView):
    """Where scanners send what they read."""

    @open_to(VenueDevice.Scope.SCAN)
    @documented(
        "Scan a ticket",
        permission="Staff with `check_in` at any venue; tickets of other venues are refused as `wrong_event`.",
        description="Always 200; `result` says whether the bearer may come in and `reason` why not: `already_used` "
        "(see `previous_scan`), `no_reentry`, `wrong_event`, `wrong_gate`, `not_on_list`, `wrong_slot`, `not_yet`, "
        "`too_late`, `event_cancelled`, `refunded`, `disputed`, `refund_pending`, `outdated_code`, `forged` (nobody we "
        "know signed it), `unknown` (no ticket of ours); of `direction` `out`, `not_inside`. Safe to repeat: the same "
        "`nonce` gets the same answer. Scans may come up to seven days late.",
        request=ScanRequestSerializer,
        response=ScanSerializer,
        errors=[Forbidden, Missing, ListClosed, NonceReused],
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
            event_id=places.settled(request.user, given["event"]),
            scanned_at=given["scanned_at"],
            direction=given["direction"],
            list_id=given["list"],
            now=timezone.now(),
        )
        return Response(shown(ScanSerializer, scan))


class AdmissionsView(APIView):
    """Where stewards let people in whose code cannot be read."""

    @documented(
        "Admit by number",
        permission=STEWARD,
        description="For a dead phone or a torn print: the steward has made sure whose ticket it is. Not bound to "
        "the doors' times, gates and lists. Refused for a ticket that was used or refunded, or whose event was "
        "cancelled; the detail's code says which. With `direction` `out` somebody is counted out.",
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
        pass_ = checkin.admit if given["direction"] == Scan.Direction.IN else checkin.let_out
        scan = pass_(ticket, request.user, timezone.now(), gate=given["gate"], reason=given["reason"])
        return Response(ScanSerializer(scan).data)


class UndosView(APIView):
    """Where stewards take back what was a mistake."""

    @documented(
        "Take a passage back",
        permission=STEWARD,
        description="The last one of the ticket, in or out, as if it had not been: taken back its only entry, the "
        "ticket admits again; taken back its exit, its holder is inside. Only of a ticket that was used.",
        request=UndoRequestSerializer,
        response=StandingSerializer,
        errors=[Forbidden, Missing, InvalidMove, ReasonNeeded],
        request_example=UNDO_REQUEST,
        response_example=STANDING,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked = UndoRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        ticket = admissible_ticket(request.user, given["event"], given["number"])
        ticket = checkin.undo(ticket, request.user, given["reason"], timezone.now())
        return Response(StandingSerializer(ticket).data)
