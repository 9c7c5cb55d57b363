"""The API face of waiting rooms: parse, call, serialize."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from events.errors import EventClosed
from ticketing.permissions import staff_event
from ticketing.waitingroom import admitting, challenges, entering, running
from ticketing.waitingroom.errors import PlaceEnded, ProofRefused, WaitingRoomClosed, WaitingRoomNotOpen
from ticketing.waitingroom.examples import ADMITTED, CHALLENGE, PLACE, ROOM_FOR_STAFF
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from ticketing.waitingroom.permissions import listed_room, managed_room
from ticketing.waitingroom.serializers import (
    AdmitSerializer,
    AdmittedSerializer,
    ChallengeSerializer,
    EnterSerializer,
    Place,
    PlaceSerializer,
    SetUpSerializer,
    WaitingRoomSerializer,
)
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

STAFF = "Staff with `manage_events` at the event's venue."
WHOSE = "Whose place it is: its token, and the account where it was taken with one."


class WaitingRoomView(APIView):
    """The waiting room of one event."""

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.request.method == "PUT" else [AllowAny()]

    @documented(
        "Show an event's waiting room",
        permission="Anyone, while the event is public. Staff of the venue see how it goes.",
        description="While it is not `closed`, the event's tickets are sold only with a pass of it.",
        response=WaitingRoomSerializer,
        errors=[Missing],
        response_example=ROOM_FOR_STAFF,
    )
    def get(self, request: Request, event_id: UUID) -> Response:
        return _shown(request, listed_room(request.user, event_id))

    @documented(
        "Enter the waiting room",
        permission="Anyone.",
        description="Gives a place, or the one that is held already: by account, or by the `token` that this device "
        "keeps. Until `starts_at` all who come have the same chance and no `position`; then the order is drawn, and "
        "who comes later stands behind. Ask `GET /waiting-room/{token}` every `poll_after` seconds; once `state` is "
        "`admitted`, its `admission_token` goes into the cart.",
        request=EnterSerializer,
        response=PlaceSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, WaitingRoomClosed, WaitingRoomNotOpen, ProofRefused],
        request_example={},
        response_example=PLACE,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, event_id: UUID) -> Response:
        room, now = listed_room(request.user, event_id), timezone.now()
        asked = EnterSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        user = request.user if request.user.is_authenticated else None
        visitor = entering.Visitor(user, given.get("token", ""), **given.get("proof", {}))
        return _place(entering.enter(room, visitor, now), now, status.HTTP_201_CREATED)

    @documented(
        "Set up or change an event's waiting room",
        permission=STAFF,
        description="From then on the event's tickets need a pass. What is left out stays as it is. `starts_at` stands "
        "once it is reached.",
        request=SetUpSerializer,
        response=WaitingRoomSerializer,
        errors=[Missing, Forbidden, EventClosed, Invalid],
        request_example={"opens_at": "2026-06-20T11:30", "starts_at": "2026-06-20T12:00", "at_once": 100},
        response_example=ROOM_FOR_STAFF,
    )
    def put(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        asked = SetUpSerializer(data=request.data, context={"event": event})
        asked.is_valid(raise_exception=True)
        return _shown(request, running.set_up(event, request.user, timezone.now(), **asked.validated_data))


class CloseWaitingRoomView(APIView):
    @documented(
        "Close a waiting room",
        permission=STAFF,
        description="Everybody buys at once. Places are kept for when it is opened again.",
        response=WaitingRoomSerializer,
        errors=[Missing, Forbidden, InvalidMove],
        response_example={**ROOM_FOR_STAFF, "status": "closed"},
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        room = managed_room(request.user, event_id)
        return _shown(request, running.close(room, request.user, timezone.now()))


class OpenWaitingRoomView(APIView):
    @documented(
        "Open a closed waiting room again",
        permission=STAFF,
        response=WaitingRoomSerializer,
        errors=[Missing, Forbidden, InvalidMove, EventClosed],
        response_example=ROOM_FOR_STAFF,
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        room = managed_room(request.user, event_id)
        return _shown(request, running.reopen(room, request.user, timezone.now()))


class AdmitView(APIView):
    @documented(
        "Let more people in at once",
        permission=STAFF,
        description="The next so many in line, beyond `at_once`. A room that has not started starts.",
        request=AdmitSerializer,
        response=AdmittedSerializer,
        errors=[Missing, Forbidden, WaitingRoomClosed],
        request_example={"people": 50},
        response_example={"admitted": 50},
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, event_id: UUID) -> Response:
        room = managed_room(request.user, event_id)
        asked = AdmitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        admitted = admitting.admit_more(room, asked.validated_data["people"], request.user, timezone.now())
        return Response(AdmittedSerializer({"admitted": admitted}).data)


class ChallengeView(APIView):
    permission_classes = [AllowAny]

    @documented(
        "Get a riddle to solve before entering",
        permission="Anyone.",
        description="Where the room has `proof_of_work_bits`: find a `nonce` for which SHA-256 of challenge, colon and "
        "nonce begins with so many zero bits. Each is good once, for five minutes.",
        response=ChallengeSerializer,
        errors=[Missing],
        response_example=CHALLENGE,
    )
    def get(self, request: Request, event_id: UUID) -> Response:
        room, now = listed_room(request.user, event_id), timezone.now()
        made = {
            "challenge": challenges.make(room, now),
            "bits": room.proof_of_work_bits,
            "expires_at": datetime.fromtimestamp(challenges.expires(now), UTC),
        }
        return Response(ChallengeSerializer(made).data)


class PlaceView(APIView):
    """One place in a waiting room."""

    permission_classes = [AllowAny]

    @documented(
        "Show my place in the waiting room",
        permission=WHOSE,
        description="The first answer with `admitted` starts the pass's time; it has to be asked for within five "
        "minutes. `closed`: there is no room any more, buy without a pass.",
        response=PlaceSerializer,
        errors=[Missing],
        response_example=ADMITTED,
    )
    def get(self, request: Request, token: str) -> Response:
        return _place(entering.found(token, request.user), timezone.now())

    @documented(
        "Leave the waiting room",
        permission=WHOSE,
        description="The place, or the pass, goes to the next.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, PlaceEnded],
    )
    def delete(self, request: Request, token: str) -> Response:
        entering.leave(entering.found(token, request.user), timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(request: Request, room: WaitingRoom) -> Response:
    return Response(WaitingRoomSerializer(room, context={"request": request}).data)


def _place(entry: WaitingRoomEntry, now: datetime, code: int = status.HTTP_200_OK) -> Response:
    """The place as it is once the step that is due was taken."""
    return Response(PlaceSerializer(Place(admitting.looked_at(entry, now), now)).data, status=code)
