"""The API face of stays: parse, call, serialize."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from parking.errors import (
    AlreadyParked,
    CarNotSeen,
    EndsAtTheGate,
    LotNotOpen,
    LotNotReady,
    NoSpace,
    NoSuchStay,
    SessionOver,
    SpaceTaken,
    StayPaidFor,
    StayUnpaid,
)
from parking.stays import correcting, leaving, starting
from parking.stays.examples import FOUND, LOOK_UP, OF_STAFF, START, STARTED, STAY, SUMMARY
from parking.stays.filters import SessionFilter
from parking.stays.models import ParkingSession
from parking.stays.permissions import (
    ACCESS_CODE,
    is_driver,
    listed_sessions,
    lot_of_staff,
    reachable_session,
    run_session,
    runs,
)
from parking.stays.serializers import (
    EndStaySerializer,
    FoundStaySerializer,
    LookUpSerializer,
    MoveSerializer,
    StartedStaySerializer,
    StartStaySerializer,
    StayNoteSerializer,
    StayReasonSerializer,
    StaySerializer,
    StaySummarySerializer,
)
from payments.errors import PaymentInProgress
from trufan.lib.errors import DomainError, Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.flags import SwitchedOff
from trufan.lib.idempotency import idempotent
from trufan.lib.keyset import LongListPagination
from trufan.lib.schema import documented
from trufan.lib.throttling import guarded

DRIVER = "Whose stay it is: signed in, or with the stay's access code."
STAFF = "Staff with `run_parking` there."
LISTED = "Anyone signed in sees their own; `venue` and `lot` need `run_parking` there."
NARROWED = [
    OpenApiParameter("venue", UUID, description="All stays at this venue instead of mine."),
    OpenApiParameter("lot", UUID, description="All stays on this lot instead of mine."),
]
_PUBLIC = ("create", "lookup", "retrieve", "end")
#: Refusals that tell somebody who tries plates that he was wrong.
_GUESSES = (CarNotSeen, NoSuchStay, Missing, AlreadyParked)


class SessionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Stays of cars: mine, those I hold the code of, and for staff those of their lots."""

    queryset = ParkingSession.objects.none()
    serializer_class = StaySummarySerializer
    pagination_class = LongListPagination
    filterset_class = SessionFilter
    search_fields = ["number", "plate", "lot__name", "space__number"]
    ordering_fields = ["started_at", "ended_at", "expires_at"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in _PUBLIC else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet[ParkingSession]:
        if getattr(self, "swagger_fake_view", False):
            return ParkingSession.objects.none()
        rows = listed_sessions(self.request)
        return rows.active() if self.action == "active" else rows

    @documented("List stays", permission=LISTED, description="The latest first.", errors=[Forbidden, Missing, Invalid],
                response=StaySummarySerializer(many=True), response_example=SUMMARY, parameters=NARROWED)  # fmt: skip
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented("List cars that are there", permission=LISTED, description="Stays that go on, the latest first.",
                errors=[Forbidden, Missing, Invalid], response=StaySummarySerializer(many=True),
                response_example=SUMMARY, parameters=NARROWED)  # fmt: skip
    def active(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Begin a stay",
        permission="Anyone: a guest by the `sign_code` and with e-mail or phone in `contact`; with `run_parking` and "
        "the `lot`, staff take a car in.",
        description="Where there is a barrier the camera begins the stay, and the driver joins it by the plate; one "
        "that is somebody's is not told of. `until` prepays: the space is taken until then, and `due` is its price. "
        "Tariff and multiplier are those of the entry from then on. The answer carries the `access_code` that opens "
        "the stay, as `X-Parking-Access-Code`.",
        request=StartStaySerializer,
        response=StartedStaySerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, CarNotSeen, AlreadyParked, SwitchedOff, LotNotOpen, LotNotReady, NoSpace, SpaceTaken],
        request_example=START,
        response_example={**STARTED, "origin": "sign"},
        idempotent=True,
        limited="parked_car",
    )
    @idempotent
    def create(self, request: Request) -> Response:
        asked = StartStaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, wanted, now = asked.validated_data, asked.wanted(), timezone.now()
        lot = lot_of_staff(request.user, given["lot"])
        if lot is not None:
            stay = starting.by_staff(lot, wanted, by=request.user, now=now)
        else:
            stay = self._of_driver(request, asked, now)
        return Response(self._shown(stay, StartedStaySerializer).data, status=status.HTTP_201_CREATED)

    @documented(
        "Look a parked car up",
        permission="Anyone who stands before it: by the lot's sign and the plate.",
        description="What is due for the car's stay, and an access code that pays it; nothing of whose it is. Every "
        "plate without a stay here gets the same answer.",
        request=LookUpSerializer,
        response=FoundStaySerializer,
        errors=[NoSuchStay],
        request_example=LOOK_UP,
        response_example=FOUND,
        limited="parked_car",
    )
    def lookup(self, request: Request) -> Response:
        asked = LookUpSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        with self._guessing():
            stay = starting.look_up(given["lot"], given["sign_code"], given["plate"])
        return Response(FoundStaySerializer(stay, context={"now": timezone.now()}).data)

    @documented(
        "Show a stay",
        permission=f"{DRIVER} {STAFF}",
        description="What it costs now, and how it is paid. Staff see its history too.",
        response=StaySerializer,
        errors=[Missing],
        response_example=OF_STAFF,
        parameters=[ACCESS_CODE],
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._shown(reachable_session(request, pk)).data)

    @documented(
        "End a stay",
        permission=f"{DRIVER} {STAFF}",
        description="A driver ends it where there is no barrier, and nothing is due; the detail of `stay_unpaid` has "
        "the amount. Staff end it whatever is due, and say why.",
        request=EndStaySerializer,
        response=StaySerializer,
        errors=[Missing, Forbidden, SessionOver, EndsAtTheGate, StayUnpaid],
        request_example={},
        response_example={**STAY, "status": "ended", "ended_at": "2026-11-20T20:10:00Z"},
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent
    def end(self, request: Request, pk: UUID) -> Response:
        asked = self._asked(EndStaySerializer)
        stay = reachable_session(request, pk)
        is_staff = runs(request.user, stay.venue_id)
        if not is_staff and not is_driver(request, stay):
            raise Forbidden(gettext("You may pay this stay, and no more."))
        by = request.user if request.user.is_authenticated else None
        ended = leaving.end(stay, by=by, by_staff=is_staff, reason=asked["reason"], now=timezone.now())
        return Response(self._shown(ended).data)

    @documented("Reopen a stay", permission=STAFF, description="It was ended by mistake: the car is still there.",
                request=StayReasonSerializer, response=StaySerializer,
                errors=[Missing, Forbidden, InvalidMove, AlreadyParked],
                request_example={"reason": "It only changed its space"}, response_example=OF_STAFF,
                idempotent=True)  # fmt: skip
    @idempotent
    def reopen(self, request: Request, pk: UUID) -> Response:
        asked, stay = self._asked(StayReasonSerializer), run_session(request.user, pk)
        return self._answer(correcting.reopen(stay, **asked, by=request.user, now=timezone.now()))

    @documented("Make a stay void", permission=STAFF, description="It never was: a misread plate, a car that turned "
                "round. What was paid is refunded first.", request=StayReasonSerializer, response=StaySerializer,
                errors=[Missing, Forbidden, InvalidMove, StayPaidFor, PaymentInProgress],
                request_example={"reason": "Misread plate"}, response_example={**OF_STAFF, "status": "void"},
                idempotent=True)  # fmt: skip
    @idempotent
    def void(self, request: Request, pk: UUID) -> Response:
        asked, stay = self._asked(StayReasonSerializer), run_session(request.user, pk)
        return self._answer(correcting.void(stay, **asked, by=request.user, now=timezone.now()))

    @documented("Note something about a stay", permission=STAFF, request=StayNoteSerializer, response=StaySerializer,
                errors=[Missing, Forbidden], request_example={"note": "Scratch on the left door, seen at entry"},
                response_example=OF_STAFF, idempotent=True)  # fmt: skip
    @idempotent
    def note(self, request: Request, pk: UUID) -> Response:
        asked, stay = self._asked(StayNoteSerializer), run_session(request.user, pk)
        correcting.note(stay, asked["note"], by=request.user)
        return self._answer(stay)

    @documented("Move a car to another space", permission=STAFF, description="A numbered one, or none. Its price stays "
                "that of its entry.", request=MoveSerializer, response=StaySerializer,
                errors=[Missing, Forbidden, SessionOver, SpaceTaken, NoSpace],
                request_example={"space": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f0a"},
                response_example={**OF_STAFF, "space": "B12"}, idempotent=True)  # fmt: skip
    @idempotent
    def move(self, request: Request, pk: UUID) -> Response:
        asked, stay = self._asked(MoveSerializer), run_session(request.user, pk)
        return self._answer(correcting.move(stay, asked["space"], by=request.user, now=timezone.now()))

    def _of_driver(self, request: Request, asked: StartStaySerializer, now: Any) -> ParkingSession:
        given, user = asked.validated_data, request.user if request.user.is_authenticated else None
        if user is None and not given["sign_code"]:
            raise Invalid.field("sign_code", "Give the code that stands on the lot's sign.", "required")
        with self._guessing():
            lot = starting.find_lot(given["lot"], given["sign_code"])
            return starting.by_driver(lot, asked.wanted(), user=user, from_app=not given["sign_code"], now=now)

    def _guessing(self) -> AbstractContextManager[None]:
        return guarded("parked_car", self.request, _is_a_guess)

    def _asked(self, kind: type) -> dict[str, Any]:
        asked = kind(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def _answer(self, stay: ParkingSession) -> Response:
        return Response(self._shown(stay).data)

    def _shown(self, stay: ParkingSession, kind: type[StaySerializer] = StaySerializer) -> StaySerializer:
        """The stay as it stands now, with what its reader may see of it."""
        user, is_staff = self.request.user, runs(self.request.user, stay.venue_id)
        is_owner = user.is_authenticated and stay.user_id == user.pk
        sees_code = is_staff or kind is StartedStaySerializer or is_driver(self.request, stay)
        said = {"sees_contact": is_staff or is_owner, "sees_history": is_staff, "sees_code": sees_code}
        return kind(ParkingSession.objects.with_lot().get(pk=stay.pk), context={**said, "now": timezone.now()})


def _is_a_guess(refusal: DomainError) -> bool:
    return isinstance(refusal, _GUESSES) and not refusal.details
