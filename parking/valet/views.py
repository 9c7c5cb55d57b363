"""The API face of cars in our hands: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from parking.errors import (
    AlreadyParked,
    LotNotOpen,
    LotNotReady,
    NoSpace,
    NotValetParked,
    PinLocked,
    ReasonNeeded,
    StayPaidFor,
    StayUnpaid,
    WrongPin,
)
from parking.stays import charging
from parking.stays.permissions import ACCESS_CODE, run_lot
from parking.valet import moves, pins
from parking.valet.answers import LOT, STAFF, asked, for_holder, for_staff
from parking.valet.examples import DROP_OFF, LISTED, NEW_TICKET, STAFF_TICKET, TICKET
from parking.valet.filters import TicketFilter
from parking.valet.models import ValetTicket
from parking.valet.permissions import is_holder, lot_asked, own_ticket, reachable_ticket, run_ticket
from parking.valet.serializers import (
    CancelValetSerializer,
    DropOffSerializer,
    HandOverSerializer,
    ListedTicketSerializer,
    ParkSerializer,
    StaffTicketSerializer,
    ValetTicketSerializer,
    ValetTipSerializer,
    WantSerializer,
)
from payments.errors import GatewayRefused, GatewayUnavailable, PaymentInProgress
from payments.serializers import SUCCEEDED, PaymentSerializer
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

HOLDER = "Whose car it is: signed in, or with the access code of the stay."
MOVES: list[Any] = [Missing, Forbidden, InvalidMove]
CREATED = status.HTTP_201_CREATED
_OF_HOLDERS = ("retrieve", "want", "tip")


class ValetTicketViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Cars in our hands, moved on by staff; a move that was made already answers as it did."""

    queryset = ValetTicket.objects.none()
    serializer_class = ListedTicketSerializer
    filterset_class = TicketFilter
    search_fields = ["vehicle", "session__plate", "place", "key_tag", "notes"]
    ordering_fields = ["created_at", "number", "wanted_at"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in _OF_HOLDERS else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet[ValetTicket]:
        if getattr(self, "swagger_fake_view", False):
            return ValetTicket.objects.none()
        return ValetTicket.objects.filter(lot=lot_asked(self.request)).select_related("session")

    @documented("List the valet's tickets", permission=STAFF, response=ListedTicketSerializer(many=True),
                description="Of one lot, the latest first; `here=true`: cars in our hands.",
                errors=[Missing, Forbidden, Invalid], response_example=LISTED, parameters=[LOT])  # fmt: skip
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented("Take a car", permission=STAFF, request=DropOffSerializer, response=StaffTicketSerializer,
                status=CREATED, description="Its stay begins. It gets the smallest number that is free at the lot; the "
                "answer carries the PIN, this once, to be printed.",
                errors=[Missing, Forbidden, LotNotOpen, LotNotReady, NoSpace, AlreadyParked, Invalid],
                request_example=DROP_OFF, response_example=NEW_TICKET, idempotent=True)  # fmt: skip
    @idempotent
    def create(self, request: Request) -> Response:
        given = asked(DropOffSerializer, request)
        lot = run_lot(request.user, given.validated_data["lot"])
        ticket = moves.drop_off(lot, given.car(), by=request.user, now=timezone.now())
        return Response(for_staff(ticket, is_new=True), status=CREATED)

    @documented("Show a valet ticket", permission=f"{STAFF} {HOLDER}", response=StaffTicketSerializer,
                description="Its holder sees where it is in the queue and what is to be paid; staff all of it.",
                errors=[Missing], response_example=STAFF_TICKET, parameters=[ACCESS_CODE])  # fmt: skip
    def retrieve(self, request: Request, pk: UUID) -> Response:
        ticket = reachable_ticket(request, pk)
        return Response(for_holder(ticket) if is_holder(request, ticket) else for_staff(ticket))

    @documented("Park it", permission=STAFF, request=ParkSerializer, response=StaffTicketSerializer,
                description="Or move it: it stands there from now on. One that was asked for is not wanted any more.",
                errors=[*MOVES, Invalid], request_example={"place": "P2 row C"},
                response_example={**STAFF_TICKET, "status": "parked"}, idempotent=True)  # fmt: skip
    @idempotent
    def park(self, request: Request, pk: UUID) -> Response:
        ticket, given = run_ticket(request.user, pk), asked(ParkSerializer, request).validated_data
        return Response(for_staff(moves.park(ticket, **given, by=request.user, now=timezone.now())))

    @documented("Ask for a car", permission=f"{STAFF} {HOLDER}", request=WantSerializer,
                response=ValetTicketSerializer, errors=[Missing, InvalidMove, Invalid],
                description="Now, or for a time. Who owes nothing then does not pay for the time until it is there.",
                request_example={"wanted_at": None}, response_example=TICKET, parameters=[ACCESS_CODE],
                idempotent=True)  # fmt: skip
    @idempotent
    def want(self, request: Request, pk: UUID) -> Response:
        ticket, given = reachable_ticket(request, pk), asked(WantSerializer, request).validated_data
        channel = ValetTicket.Channel.APP if is_holder(request, ticket) else ValetTicket.Channel.DESK
        row = moves.request(ticket, channel=channel, **given, by=_caller(request), now=timezone.now())
        return Response(for_holder(row))

    @documented("Go and fetch it", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                response_example={**STAFF_TICKET, "status": "retrieving"}, idempotent=True)  # fmt: skip
    @idempotent
    def fetch(self, request: Request, pk: UUID) -> Response:
        return Response(for_staff(moves.fetch(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("Do not fetch it yet", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                description="Nobody is on the way after all; it keeps its place in the queue.",
                response_example=STAFF_TICKET, idempotent=True)  # fmt: skip
    @idempotent
    def put_back(self, request: Request, pk: UUID) -> Response:
        return Response(for_staff(moves.put_back(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("It is ready", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                description="It stands at the front, and its holder is told, with what is to be paid.",
                response_example={**STAFF_TICKET, "status": "ready"}, idempotent=True)  # fmt: skip
    @idempotent
    def ready(self, request: Request, pk: UUID) -> Response:
        return Response(for_staff(moves.ready(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("Hand it over", permission=STAFF, request=HandOverSerializer, response=StaffTicketSerializer,
                description="With the PIN that its holder says, else with a reason; and nothing to pay, or `unpaid` "
                "for a reason. Its stay ends. "
                "The detail of `stay_unpaid` has the amount.",
                errors=[*MOVES, WrongPin, PinLocked, StayUnpaid], request_example={"pin": "04711"},
                response_example={**STAFF_TICKET, "status": "handed_over"}, idempotent=True)  # fmt: skip
    @idempotent(atomic=False)
    def hand_over(self, request: Request, pk: UUID) -> Response:
        ticket, given = run_ticket(request.user, pk), asked(HandOverSerializer, request).validated_data
        if given["pin"]:
            pins.check(ticket, given["pin"])
        said = {"pin_checked": bool(given.pop("pin")), **given}
        row = moves.hand_over(ticket, **said, by=request.user, now=timezone.now())
        return Response(for_staff(row))

    @documented("Give it back unparked", permission=STAFF, request=CancelValetSerializer,
                response=StaffTicketSerializer, errors=[*MOVES, ReasonNeeded, StayPaidFor, PaymentInProgress],
                description="It was not taken after all: the stay never was, and a reservation may come again.",
                request_example={"reason": "Changed their mind"},
                response_example={**STAFF_TICKET, "status": "cancelled"}, idempotent=True)  # fmt: skip
    @idempotent
    def cancel(self, request: Request, pk: UUID) -> Response:
        ticket, given = run_ticket(request.user, pk), asked(CancelValetSerializer, request).validated_data
        return Response(for_staff(moves.cancel(ticket, **given, by=request.user, now=timezone.now())))

    @documented("Let the PIN be tried again", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                response_example=STAFF_TICKET, idempotent=True)  # fmt: skip
    @idempotent
    def reset_pin(self, request: Request, pk: UUID) -> Response:
        return Response(for_staff(moves.reset_pin(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("Tip the valet", permission=HOLDER, request=ValetTipSerializer, response=PaymentSerializer,
                description="All of it is the lot's, without fee or tax.",
                errors=[Missing, NotValetParked, GatewayRefused, GatewayUnavailable, Invalid],
                request_example={"amount": 500, "payment_method": "pm_card_visa"},
                response_example={**SUCCEEDED, "amount": 500}, parameters=[ACCESS_CODE], idempotent=True)  # fmt: skip
    @idempotent(atomic=False)
    def tip(self, request: Request, pk: UUID) -> Response:
        ticket, given = own_ticket(request, pk), asked(ValetTipSerializer, request).validated_data
        payment = charging.tip(ticket.session, **given, payer=_caller(request), now=timezone.now())
        return Response(PaymentSerializer(payment).data)


def _caller(request: Request) -> Any:
    return request.user if request.user.is_authenticated else None
