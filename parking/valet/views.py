"""The API face of the valet: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parking.errors import (
    AlreadyParked,
    LotNotOpen,
    LotNotReady,
    NoSpace,
    NotValetParked,
    PinLocked,
    ReasonNeeded,
    StayUnpaid,
    WrongPin,
)
from parking.stays import charging
from parking.stays.permissions import run_lot
from parking.valet import evidence, moves, pins, queue
from parking.valet.examples import BY_NUMBER, DROP_OFF, INCIDENT, NEW_TICKET, PHOTO, QUEUE, STAFF_TICKET, TICKET
from parking.valet.models import ValetTicket
from parking.valet.permissions import lot_of, own_ticket, reachable_ticket, run_ticket
from parking.valet.serializers import (
    ByNumberSerializer,
    CancelValetSerializer,
    DropOffSerializer,
    HandOverSerializer,
    ParkSerializer,
    StaffTicketSerializer,
    ValetIncidentSerializer,
    ValetPhotoSerializer,
    ValetPictureSerializer,
    ValetQueueSerializer,
    ValetTicketSerializer,
    ValetTipSerializer,
    WantByNumberSerializer,
    WantSerializer,
)
from payments.errors import GatewayRefused, GatewayUnavailable
from payments.serializers import SUCCEEDED, PaymentSerializer
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.parsers import StrictJSONParser
from trufan.lib.schema import documented
from trufan.lib.throttling import limited

STAFF = "Staff who run the lot's parking."
HOLDER = "The person whose car it is, signed in."
WITH_PIN = "Whoever holds the ticket: its number and PIN."
MOVES: list[Any] = [Missing, Forbidden, InvalidMove]
CREATED = status.HTTP_201_CREATED


class ValetTicketViewSet(viewsets.GenericViewSet):
    """Cars in our hands, moved on by staff; a move that was made already answers as it did."""

    queryset = ValetTicket.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = StaffTicketSerializer
    lookup_value_converter = "uuid"

    @documented("Take a car", permission=STAFF, request=DropOffSerializer, response=StaffTicketSerializer,
                status=CREATED, description="Its stay begins. The answer carries the PIN, this once, to be printed.",
                errors=[Missing, Forbidden, LotNotOpen, LotNotReady, NoSpace, AlreadyParked, Invalid],
                request_example=DROP_OFF, response_example=NEW_TICKET, idempotent=True)  # fmt: skip
    @idempotent
    def create(self, request: Request) -> Response:
        asked = _asked(DropOffSerializer, request)
        lot = run_lot(request.user, asked.validated_data["lot"])
        ticket = moves.drop_off(lot, asked.car(), by=request.user, now=timezone.now())
        return Response(_staff(ticket, is_new=True), status=CREATED)

    @documented("Show a valet ticket", permission=STAFF + " " + HOLDER, response=StaffTicketSerializer,
                description="Its holder sees where it is in the queue; staff all of it.", errors=[Missing],
                response_example=STAFF_TICKET)  # fmt: skip
    def retrieve(self, request: Request, pk: UUID) -> Response:
        ticket = reachable_ticket(request, pk)
        own = ticket.session.user_id == request.user.pk
        return Response(_holder(ticket) if own else _staff(ticket))

    @documented("Park it", permission=STAFF, request=ParkSerializer, response=StaffTicketSerializer,
                description="Or move it: it stands there from now on.", errors=[*MOVES, Invalid],
                request_example={"place": "P2 row C"}, response_example={**STAFF_TICKET, "status": "parked"},
                idempotent=True)  # fmt: skip
    @idempotent
    def park(self, request: Request, pk: UUID) -> Response:
        ticket, asked = run_ticket(request.user, pk), _asked(ParkSerializer, request).validated_data
        return Response(_staff(moves.park(ticket, **asked, by=request.user, now=timezone.now())))

    @documented("Ask for a car", permission=STAFF + " " + HOLDER, request=WantSerializer,
                response=ValetTicketSerializer, errors=[Missing, InvalidMove],
                description="Now, or for a time.", request_example={"wanted_at": None}, response_example=TICKET,
                idempotent=True)  # fmt: skip
    @idempotent
    def want(self, request: Request, pk: UUID) -> Response:
        ticket, asked = reachable_ticket(request, pk), _asked(WantSerializer, request).validated_data
        own = ticket.session.user_id == request.user.pk
        channel = ValetTicket.Channel.APP if own else ValetTicket.Channel.DESK
        return Response(_holder(moves.request(ticket, channel=channel, **asked, by=request.user, now=timezone.now())))

    @documented("Go and fetch it", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                response_example={**STAFF_TICKET, "status": "retrieving"}, idempotent=True)  # fmt: skip
    @idempotent
    def fetch(self, request: Request, pk: UUID) -> Response:
        return Response(_staff(moves.fetch(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("It is ready", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                description="It stands at the front, and its holder is told.",
                response_example={**STAFF_TICKET, "status": "ready"}, idempotent=True)  # fmt: skip
    @idempotent
    def ready(self, request: Request, pk: UUID) -> Response:
        return Response(_staff(moves.ready(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("Hand it over", permission=STAFF, request=HandOverSerializer, response=StaffTicketSerializer,
                description="With the PIN that its holder says, and nothing to pay; or with a reason. Its stay ends.",
                errors=[*MOVES, WrongPin, PinLocked, StayUnpaid], request_example={"pin": "04711"},
                response_example={**STAFF_TICKET, "status": "handed_over"}, idempotent=True)  # fmt: skip
    @idempotent(atomic=False)
    def hand_over(self, request: Request, pk: UUID) -> Response:
        ticket, asked = run_ticket(request.user, pk), _asked(HandOverSerializer, request).validated_data
        if asked["pin"]:
            pins.check(ticket, asked["pin"])
        row = moves.hand_over(
            ticket, pin_checked=bool(asked["pin"]), reason=asked["reason"], by=request.user, now=timezone.now()
        )
        return Response(_staff(row))

    @documented("Give it back unparked", permission=STAFF, request=CancelValetSerializer,
                response=StaffTicketSerializer, errors=[*MOVES, ReasonNeeded],
                description="It was not taken after all.", request_example={"reason": "Changed their mind"},
                response_example={**STAFF_TICKET, "status": "cancelled"}, idempotent=True)  # fmt: skip
    @idempotent
    def cancel(self, request: Request, pk: UUID) -> Response:
        ticket, asked = run_ticket(request.user, pk), _asked(CancelValetSerializer, request).validated_data
        return Response(_staff(moves.cancel(ticket, **asked, by=request.user, now=timezone.now())))

    @documented("Let the PIN be tried again", permission=STAFF, response=StaffTicketSerializer, errors=MOVES,
                response_example=STAFF_TICKET, idempotent=True)  # fmt: skip
    @idempotent
    def reset_pin(self, request: Request, pk: UUID) -> Response:
        return Response(_staff(moves.reset_pin(run_ticket(request.user, pk), by=request.user, now=timezone.now())))

    @documented("Report an incident", permission=STAFF, request=ValetIncidentSerializer,
                response=ValetIncidentSerializer, status=CREATED, errors=[Missing, Forbidden, Invalid],
                description="Those who manage the venue's parking are told.",
                request_example={"words": INCIDENT["words"]}, response_example=INCIDENT, idempotent=True)  # fmt: skip
    @idempotent
    def report(self, request: Request, pk: UUID) -> Response:
        ticket, asked = run_ticket(request.user, pk), _asked(ValetIncidentSerializer, request).validated_data
        said = {"words": asked["words"], "happened_at": asked.get("happened_at")}
        incident = evidence.report(ticket, **said, by=request.user, now=timezone.now())
        return Response(ValetIncidentSerializer(incident).data, status=CREATED)

    @documented("Tip the valet", permission=HOLDER, request=ValetTipSerializer, response=PaymentSerializer,
                description="All of it is the lot's, without fee or tax.",
                errors=[Missing, NotValetParked, GatewayRefused, GatewayUnavailable, Invalid],
                request_example={"amount": 500, "payment_method": "pm_card_visa"},
                response_example={**SUCCEEDED, "amount": 500}, idempotent=True)  # fmt: skip
    @idempotent(atomic=False)
    def tip(self, request: Request, pk: UUID) -> Response:
        ticket, asked = own_ticket(request, pk), _asked(ValetTipSerializer, request).validated_data
        payment = charging.tip(ticket.session, **asked, payer=request.user, now=timezone.now())
        return Response(PaymentSerializer(payment).data)


class ValetPhotoViewSet(viewsets.GenericViewSet):
    """Pictures of a car as it came; for staff alone."""

    queryset = ValetTicket.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = ValetPhotoSerializer
    parser_classes = [MultiPartParser, StrictJSONParser]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A picture is asked for as image/*, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action == "retrieve")

    @documented("Add a picture of a car", permission=STAFF, request={"multipart/form-data": ValetPictureSerializer},
                response=ValetPhotoSerializer, status=CREATED, errors=[Missing, Forbidden, Invalid],
                description="Of what was there before, or of an incident.", response_example=PHOTO)  # fmt: skip
    def create(self, request: Request, ticket_id: UUID) -> Response:
        ticket, asked = run_ticket(request.user, ticket_id), _asked(ValetPictureSerializer, request).validated_data
        incident = get_object_or_404(ticket.incidents, pk=asked["incident"]) if asked["incident"] else None
        photo = evidence.add_photo(ticket, asked["picture"], words=asked["words"], incident=incident, by=request.user)
        return Response(ValetPhotoSerializer(photo).data, status=CREATED)

    @documented("Show a picture of a car", permission=STAFF, errors=[Missing, Forbidden],
                media_type="image/jpeg")  # fmt: skip
    def retrieve(self, request: Request, ticket_id: UUID, pk: UUID) -> FileResponse:
        photo = get_object_or_404(run_ticket(request.user, ticket_id).photos, pk=pk)
        answer = FileResponse(photo.picture.open("rb"))
        answer["Cache-Control"] = "private, max-age=3600"
        return answer


class ValetQueueView(APIView):
    """Cars that are wanted."""

    @documented("Show the valet's queue", permission=STAFF, response=ValetQueueSerializer,
                description="Ready ones first, then in the order in which they are brought.",
                errors=[Missing, Forbidden, Invalid], response_example=QUEUE,
                parameters=[OpenApiParameter("lot", UUID, required=True)])  # fmt: skip
    def get(self, request: Request) -> Response:
        try:
            lot_id = UUID(request.query_params.get("lot", ""))
        except ValueError:
            raise Invalid.field("lot", "This is not an id.") from None
        lot = run_lot(request.user, lot_id)
        shown = {"lot": lot.pk, "minutes_each": queue.minutes_each(lot), "cars": queue.of(lot, timezone.now())}
        return Response(ValetQueueSerializer(shown).data)


class ValetByNumberViewSet(viewsets.GenericViewSet):
    """What the holder of a paper ticket may do."""

    queryset = ValetTicket.objects.none()
    permission_classes = [AllowAny]
    serializer_class = ValetTicketSerializer

    @documented("Ask for a car by its ticket", permission=WITH_PIN, request=WantByNumberSerializer,
                response=ValetTicketSerializer, limited="code",
                errors=[NotValetParked, WrongPin, PinLocked, InvalidMove, Invalid], request_example=BY_NUMBER,
                response_example={**TICKET, "requested_at": "2026-07-04T02:50:00Z"})  # fmt: skip
    @limited("code")
    def want(self, request: Request) -> Response:
        asked = _asked(WantByNumberSerializer, request).validated_data
        ticket = _by_number(asked)
        channel, by = ValetTicket.Channel.TICKET, request.user if request.user.is_authenticated else None
        row = moves.request(ticket, channel=channel, by=by, now=timezone.now(), wanted_at=asked["wanted_at"])
        return Response(_holder(row))

    @documented("Ask where a car is by its ticket", permission=WITH_PIN, request=ByNumberSerializer,
                response=ValetTicketSerializer, limited="code", errors=[NotValetParked, WrongPin, PinLocked, Invalid],
                request_example=BY_NUMBER, response_example=TICKET)  # fmt: skip
    @limited("code")
    def where(self, request: Request) -> Response:
        return Response(_holder(_by_number(_asked(ByNumberSerializer, request).validated_data)))


def _by_number(asked: dict[str, Any]) -> ValetTicket:
    lot = lot_of(asked["lot"], asked["sign_code"])
    ticket = moves.find(lot, asked["number"])
    pins.check(ticket, asked["pin"])
    return ticket


def _asked(serializer: Any, request: Request) -> Any:
    asked = serializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return asked


def _holder(ticket: ValetTicket) -> Any:
    return ValetTicketSerializer(ticket, context={"wanted": queue.place_of(ticket, timezone.now())}).data


def _staff(ticket: ValetTicket, *, is_new: bool = False) -> Any:
    context = {"wanted": queue.place_of(ticket, timezone.now()), "is_new": is_new}
    return StaffTicketSerializer(ticket, context=context).data
