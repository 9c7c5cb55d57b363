"""The API face of the gate: parse, call, serialize."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parking.errors import NonceReused, PlateUnreadable
from parking.stays import gate
from parking.stays.examples import ENTERED, NOT_PAID, SEEN
from parking.stays.gate_serializers import GateAnswerSerializer, SeenSerializer
from parking.stays.models import GateEvent
from parking.stays.permissions import run_lot
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.schema import documented
from venues.devices import places
from venues.devices.errors import NotForDevices
from venues.devices.models import VenueDevice
from venues.devices.opening import open_to

CAMERA = "Staff with `run_parking` at the lot's venue, or a device with the scope `gate`. Only people may `override`."
_REFUSALS = [Missing, Forbidden, Invalid, NonceReused, PlateUnreadable]


class GateEntriesView(APIView):
    """Where cameras and stewards send who wants to come in."""

    @open_to(VenueDevice.Scope.GATE)
    @documented(
        "Ask whether the entry opens",
        permission=CAMERA,
        description="Always 200; `open` says whether it opens and `reason` why not: `full`, `closed`, `too_early`, "
        "`too_late`, `already_inside` and `no_reentry` (see `previous`), `wrong_lot`, `cancelled`, `disputed`, "
        "`refund_pending`, `outdated_code`, `forged` (nobody of us made it), `unknown`. A code counts before a plate. "
        "A car that is inside gets the same stay again. Safe to repeat: the same `nonce` gets the same answer. With "
        "`override` the steward opens whatever was said, and the stay begins; `reason` says what was overridden.",
        request=SeenSerializer,
        response=GateAnswerSerializer,
        errors=_REFUSALS,
        request_example=SEEN,
        response_example=ENTERED,
    )
    def post(self, request: Request) -> Response:
        return _answer(request, gate.enter)


class GateExitsView(APIView):
    """Where cameras and stewards send who wants to go out."""

    @open_to(VenueDevice.Scope.GATE)
    @documented(
        "Ask whether the exit opens",
        permission=CAMERA,
        description="Opens where nothing is due, and the stay is over. `not_paid`: `amount_due` is to be paid at "
        "`pay_url`. `unknown`: no stay of this plate; `not_inside`: the reservation's car is not here. Safe to "
        "repeat. With `override` it opens all the same; what was not paid stays due.",
        request=SeenSerializer,
        response=GateAnswerSerializer,
        errors=_REFUSALS,
        request_example={**SEEN, "gate": "North exit", "nonce": "cam8-000482", "seen_at": "2026-11-20T19:10:00Z"},
        response_example=NOT_PAID,
    )
    def post(self, request: Request) -> Response:
        return _answer(request, gate.leave)


def _answer(request: Request, decide: Callable[..., GateEvent]) -> Response:
    asked = SeenSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    lot = run_lot(request.user, asked.validated_data["lot"])
    if asked.validated_data["override"] and places.is_device(request.user):
        raise NotForDevices
    event = decide(lot, asked.seen(), by=request.user, now=timezone.now())
    return Response(GateAnswerSerializer(event).data)
