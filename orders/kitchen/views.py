"""The API face of the kitchen: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.errors import AgeCheckNeeded, NotDelivered, TooLateToStepBack
from orders.examples import DELIVERIES, ENTRY, FULFILMENT, QUEUE
from orders.kitchen import ending, moves, queue
from orders.kitchen.models import Fulfilment
from orders.kitchen.permissions import run_fulfilment, run_outlet
from orders.kitchen.serializers import (
    AgeSerializer,
    BackSerializer,
    DeliveriesSerializer,
    FulfilmentSerializer,
    QueueEntrySerializer,
    QueueSerializer,
    ReasonSerializer,
    shown_fulfilments,
)
from orders.permissions import own_order
from orders.views import ACCESS_CODE, BUYER
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues.devices.models import VenueDevice
from venues.devices.opening import open_to

COOK = "Staff with the right to run the kitchens of the outlet's venue."
REFUSALS = [Missing, Forbidden, InvalidMove]


class OutletQueueView(APIView):
    """What an outlet has before it."""

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented(
        "Show an outlet's queue",
        permission=COOK,
        description="All that is not handed over yet, the oldest first, with what is left of each line after refunds. "
        "`is_late`: promised for earlier, and neither handed over nor waiting at the counter.",
        response=QueueSerializer,
        errors=[Missing, Forbidden],
        response_example=QUEUE,
    )
    def get(self, request: Request, outlet_id: UUID) -> Response:
        outlet = run_outlet(request.user, outlet_id)
        return Response(QueueSerializer(queue.queue_of(outlet, timezone.now())).data)


class OutletDeliveriesView(APIView):
    """What runners carry."""

    @documented(
        "Show a runner's list",
        permission=COOK,
        description="What is ready for a seat or on its way there, by section, row and seat.",
        response=DeliveriesSerializer,
        errors=[Missing, Forbidden],
        response_example=DELIVERIES,
    )
    def get(self, request: Request, outlet_id: UUID) -> Response:
        outlet = run_outlet(request.user, outlet_id)
        return Response(DeliveriesSerializer(queue.deliveries_of(outlet, timezone.now())).data)


class FulfilmentViewSet(viewsets.GenericViewSet):
    """One order at one outlet, moved on by its staff. A move that was made already answers as it did."""

    queryset = Fulfilment.objects.none()
    serializer_class = QueueEntrySerializer
    lookup_value_converter = "uuid"

    @documented("Show a fulfilment", permission=COOK, response=QueueEntrySerializer, errors=[Missing, Forbidden],
                response_example=ENTRY)  # fmt: skip
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return _shown(run_fulfilment(request.user, pk))

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Accept", permission=COOK, response=QueueEntrySerializer, errors=REFUSALS,
                description="The outlet takes the order; the buyer is told when it should be ready.",
                response_example=ENTRY, idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def accept(self, request: Request, pk: UUID) -> Response:
        return _step(request, pk, "accept")

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Begin to prepare", permission=COOK, response=QueueEntrySerializer, errors=REFUSALS,
                description="From here on, food that is refunded does not return to the stock.",
                response_example={**ENTRY, "status": "preparing", "next_move": "ready"}, idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def prepare(self, request: Request, pk: UUID) -> Response:
        return _step(request, pk, "prepare")

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Mark as ready", permission=COOK, response=QueueEntrySerializer, errors=REFUSALS,
                description="Made; its buyer is told.",
                response_example={**ENTRY, "status": "ready", "next_move": "pick-up"}, idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def ready(self, request: Request, pk: UUID) -> Response:
        return _step(request, pk, "ready")

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Hand over at the counter", permission=COOK, request=AgeSerializer, response=QueueEntrySerializer,
                description="With a `minimum_age`, whoever hands it over says that they looked.",
                errors=[*REFUSALS, AgeCheckNeeded], request_example={"age_confirmed": True},
                response_example={**ENTRY, "status": "picked_up", "next_move": ""}, idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"], url_path="pick-up")
    @idempotent
    def pick_up(self, request: Request, pk: UUID) -> Response:
        return _step(request, pk, "pick-up", **_asked(AgeSerializer, request))

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Send out to the seat", permission=COOK, response=QueueEntrySerializer,
                errors=[*REFUSALS, NotDelivered], description="Its buyer is told that somebody is on the way.",
                response_example={**ENTRY, "status": "out_for_delivery", "next_move": "deliver"},
                idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"], url_path="send-out")
    @idempotent
    def send_out(self, request: Request, pk: UUID) -> Response:
        return _step(request, pk, "send-out")

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Hand over at the seat", permission=COOK, request=AgeSerializer, response=QueueEntrySerializer,
                description="With a `minimum_age`, whoever hands it over says that they looked.",
                errors=[*REFUSALS, AgeCheckNeeded], request_example={"age_confirmed": True},
                response_example={**ENTRY, "status": "delivered", "next_move": ""}, idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def deliver(self, request: Request, pk: UUID) -> Response:
        return _step(request, pk, "deliver", **_asked(AgeSerializer, request))

    @documented("Refuse", permission=COOK, request=ReasonSerializer, response=QueueEntrySerializer,
                description="The outlet won't make it. What is left of its lines is refunded, the buyer told why.",
                errors=[*REFUSALS, Invalid], request_example={"reason": "Out of buns"},
                response_example={**ENTRY, "status": "refused", "next_move": "", "reason": "Out of buns"},
                idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def refuse(self, request: Request, pk: UUID) -> Response:
        return _end(request, pk, ending.refuse)

    @documented("Cancel", permission=COOK, request=ReasonSerializer, response=QueueEntrySerializer,
                description="Given up, also once it is made or on its way. Else as refusing.",
                errors=[*REFUSALS, Invalid], request_example={"reason": "Nobody came"},
                response_example={**ENTRY, "status": "cancelled", "next_move": "", "reason": "Nobody came"},
                idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request: Request, pk: UUID) -> Response:
        return _end(request, pk, ending.cancel)

    @open_to(VenueDevice.Scope.KITCHEN)
    @documented("Take the last move back", permission=COOK, request=BackSerializer, response=QueueEntrySerializer,
                description="After a slip of the finger. What was handed over comes back for half an hour; what was "
                "refused or cancelled never does.",
                errors=[*REFUSALS, Invalid, TooLateToStepBack], request_example={"from_status": "ready"},
                response_example={**ENTRY, "status": "preparing", "next_move": "ready"}, idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def back(self, request: Request, pk: UUID) -> Response:
        row = run_fulfilment(request.user, pk)
        since = _asked(BackSerializer, request)["from_status"]
        return _shown(moves.back(row, since=since, by=request.user, now=timezone.now()))


class BuyerCancelView(APIView):
    """The buyer thinks better of it before the outlet took it."""

    permission_classes = [AllowAny]

    @documented(
        "Cancel what an outlet has not taken yet",
        permission=BUYER,
        description="As long as it is `placed`: all that was paid for it goes back. Later, ask the outlet's staff.",
        response=FulfilmentSerializer,
        errors=[Missing, InvalidMove],
        response_example={**FULFILMENT, "status": "cancelled", "reason": ending.BY_BUYER},
        parameters=[ACCESS_CODE],
        idempotent=True,
        tags=["orders"],
    )
    @idempotent
    def post(self, request: Request, order_id: UUID, pk: UUID) -> Response:
        order = own_order(request, order_id)
        row = order.fulfilments.filter(pk=pk).first()
        if row is None:
            raise Missing(gettext("There is no such fulfilment."))
        buyer = request.user if request.user.is_authenticated else None
        ending.cancel_by_buyer(row, by=buyer, now=timezone.now())
        return Response(FulfilmentSerializer(shown_fulfilments(order).get(pk=pk)).data)


def _step(request: Request, pk: UUID, name: str, **said: Any) -> Response:
    row = run_fulfilment(request.user, pk)
    return _shown(moves.step(row, name, by=request.user, now=timezone.now(), **said))


def _end(request: Request, pk: UUID, rule: Any) -> Response:
    row = run_fulfilment(request.user, pk)
    return _shown(rule(row, **_asked(ReasonSerializer, request), by=request.user, now=timezone.now()))


def _asked(serializer: Any, request: Request) -> dict[str, Any]:
    asked = serializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


def _shown(row: Fulfilment) -> Response:
    return Response(QueueEntrySerializer(queue.entry(row, timezone.now())).data)
