"""The API face of the queue, for staff and for who has a paper ticket."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.utils import timezone
from rest_framework import viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parking.errors import NotValetParked, PinLocked, WrongPin
from parking.valet import queue, requesting
from parking.valet.answers import LOT, STAFF, asked, for_paper
from parking.valet.examples import BY_NUMBER, PAPER_TICKET, QUEUE
from parking.valet.models import ValetTicket
from parking.valet.permissions import lot_asked, lot_named
from parking.valet.serializers import (
    ByNumberSerializer,
    PaperTicketSerializer,
    ValetQueueSerializer,
    WantByNumberSerializer,
)
from trufan.lib.errors import DomainError, Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.schema import documented
from trufan.lib.throttling import guarded

WITH_PIN = "Whoever has the ticket: its number and PIN."
_GUESSES = (NotValetParked, WrongPin, PinLocked)


class ValetQueueView(APIView):
    """Cars that are wanted."""

    permission_classes = [IsAuthenticated]

    @documented("Show the valet's queue", permission=STAFF, response=ValetQueueSerializer,
                description="Ready ones first, then in the order of the times for which they are wanted. "
                "`minutes_each` is the median of the last 20, and what the lot says until 5 were brought.",
                errors=[Missing, Forbidden, Invalid], response_example=QUEUE, parameters=[LOT])  # fmt: skip
    def get(self, request: Request) -> Response:
        lot = lot_asked(request)
        shown = {"lot": lot.pk, "minutes_each": queue.minutes_each(lot), "cars": queue.of(lot, timezone.now())}
        return Response(ValetQueueSerializer(shown).data)


class ValetByNumberViewSet(viewsets.GenericViewSet):
    """What the holder of a paper ticket may do. Wrong guesses are counted, those who are right never."""

    queryset = ValetTicket.objects.none()
    permission_classes = [AllowAny]
    serializer_class = PaperTicketSerializer

    @documented("Ask for a car by its ticket", permission=WITH_PIN, request=WantByNumberSerializer,
                response=PaperTicketSerializer, limited="parked_car",
                description="Who is signed in finds the stay among their own from then on.",
                errors=[NotValetParked, WrongPin, PinLocked, InvalidMove, Invalid], request_example=BY_NUMBER,
                response_example=PAPER_TICKET)  # fmt: skip
    def want(self, request: Request) -> Response:
        given = asked(WantByNumberSerializer, request).validated_data
        lot = lot_named(given.pop("lot"), given.pop("sign_code"))
        channel, by = ValetTicket.Channel.TICKET, request.user if request.user.is_authenticated else None
        with _guessing(request):
            row = requesting.by_number(lot, **given, channel=channel, now=timezone.now(), by=by)
        return Response(for_paper(row))

    @documented("Ask where a car is by its ticket", permission=WITH_PIN, request=ByNumberSerializer,
                response=PaperTicketSerializer, limited="parked_car",
                errors=[NotValetParked, WrongPin, PinLocked, Invalid], request_example=BY_NUMBER,
                response_example=PAPER_TICKET)  # fmt: skip
    def where(self, request: Request) -> Response:
        given = asked(ByNumberSerializer, request).validated_data
        lot = lot_named(given["lot"], given["sign_code"])
        with _guessing(request):
            row = requesting.opened(lot, given["number"], given["pin"])
        return Response(for_paper(row))


def _guessing(request: Request) -> AbstractContextManager[None]:
    return guarded("parked_car", request, _is_a_guess)


def _is_a_guess(refusal: DomainError) -> Any:
    return isinstance(refusal, _GUESSES)
