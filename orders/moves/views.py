"""The API face of moved events: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events.permissions import staff_event
from orders.calloffs.views import BOTH, READERS, for_both
from orders.errors import NotRefundable
from orders.moves import answering, moving
from orders.moves.errors import AlreadyAnswered, AnswerClosed, NotMovable
from orders.moves.examples import MOVE, MOVE_ASKED, ORDER_MOVE
from orders.moves.models import EventMove, MoveAnswer
from orders.moves.serializers import AnswerSerializer, EventMoveSerializer, MoveAskedSerializer, OrderMoveSerializer
from orders.permissions import own_order, reachable_order
from orders.views import ACCESS_CODE, BUYER
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented


class EventMoveViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Moving an event so that its buyers may choose."""

    queryset = EventMove.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = EventMoveSerializer

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return EventMove.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.VIEW_ORDERS)
        return EventMove.objects.filter(event=event).with_answers().order_by("-created_at")

    @documented(
        "List the moves of an event",
        permission=READERS,
        response=EventMoveSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=MOVE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Move an event and let its buyers choose",
        permission=BOTH,
        description="Gives a published event other times and tells all holders. Until `answer_by` the buyer of an "
        "order may give back its tickets, and what `also` names, whatever the refund policy says; who says nothing "
        "keeps them.",
        request=MoveAskedSerializer,
        response=EventMoveSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NotMovable],
        request_example=MOVE_ASKED,
        response_example=MOVE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = for_both(request.user, event_id)
        asked = MoveAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = moving.move(event, **asked.validated_data, by=request.user, now=timezone.now())
        shown = EventMove.objects.with_answers().get(pk=row.pk)
        return Response(EventMoveSerializer(shown).data, status=status.HTTP_201_CREATED)


class OrderMoveViewSet(viewsets.GenericViewSet):
    """The choice of a buyer whose event was moved."""

    queryset = EventMove.objects.none()
    permission_classes = [AllowAny]
    serializer_class = OrderMoveSerializer
    pagination_class = None

    @documented(
        "List the moves of an order's events",
        permission=BUYER + " Staff with the right to see the venue's orders.",
        response=OrderMoveSerializer(many=True),
        errors=[Missing],
        response_example=ORDER_MOVE,
        parameters=[ACCESS_CODE],
    )
    def list(self, request: Request, order_id: UUID) -> Response:
        order = reachable_order(request, order_id)
        given = {each.move_id: each for each in MoveAnswer.objects.filter(order=order)}
        now = timezone.now()
        shown = [(move, given.get(move.pk), now) for move in answering.moves_of(order)]
        return Response(OrderMoveSerializer(shown, many=True).data)

    @documented(
        "Answer a move",
        permission=BUYER,
        description="`keep`, or `refund`: the money of what was neither used nor handed on goes back. Keeping may "
        "become giving back until `answer_by`.",
        request=AnswerSerializer,
        response=OrderMoveSerializer,
        errors=[Missing, AnswerClosed, AlreadyAnswered, NotRefundable],
        request_example={"answer": "refund"},
        response_example={**ORDER_MOVE, "answer": "refund", "refund": "0199f3a2-c201-7b52-9d8e-3f1a6b2c4d5e"},
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent
    def answer(self, request: Request, order_id: UUID, pk: UUID) -> Response:
        order = own_order(request, order_id)
        asked = AnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        move = get_object_or_404(EventMove.objects.select_related("event__venue"), pk=pk)
        buyer = request.user if request.user.is_authenticated else None
        now = timezone.now()
        given = answering.answer(order, move, asked.validated_data["answer"], by=buyer, now=now)
        return Response(OrderMoveSerializer((move, given, now)).data)
