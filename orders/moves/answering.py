"""A buyer's answer to a move: the tickets are kept, or go back whatever the event's refund policy says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders import refunding
from orders.calloffs.choosing import buyers_lines_of, kept_of_tickets, orders_of
from orders.errors import NotRefundable
from orders.locking import lock
from orders.models import Order
from orders.moves.errors import AlreadyAnswered, AnswerClosed
from orders.moves.models import EventMove, MoveAnswer
from orders.refund_plan import rests
from trufan.lib.errors import Missing

Answer = MoveAnswer.Answer


def moves_of(order: Order) -> list[EventMove]:
    """The moves that the buyer of this order may answer, or could: those after it was paid, the last first."""
    if order.paid_at is None:
        return []
    moves = EventMove.objects.select_related("event__venue").filter(
        event__venue=order.venue_id, created_at__gte=order.paid_at
    )
    return [move for move in moves.order_by("-created_at") if _is_about(order, move)]


def answer(order: Order, move: EventMove, chosen: str, *, by: Any, now: datetime) -> MoveAnswer:
    """Keep, or ask for the money of the event's lines that were neither used nor handed on.

    Raises `Missing` for an order that the move is not about, `AnswerClosed`, `AlreadyAnswered`, `NotRefundable`, and
    what `refunding.request` raises.
    """
    with transaction.atomic():
        locked = lock(order.pk)
        if move.pk not in {each.pk for each in moves_of(locked)}:
            raise Missing(gettext("This order has no such choice."))
        if not move.is_open(now):
            raise AnswerClosed
        given = MoveAnswer.objects.filter(move=move, order=locked).first()
        if given is not None and given.answer == Answer.REFUND:
            raise AlreadyAnswered
        values = {"answer": chosen, "answered_at": now}
        if chosen == Answer.REFUND:
            values["refund"] = _give_back(locked, move, by, now)
        row, _ = MoveAnswer.objects.update_or_create(move=move, order=locked, defaults=values)
        record("order.answered_move", locked, new={"move": move.pk, "answer": chosen}, actor=by)
    return row


def _give_back(order: Order, move: EventMove, by: Any, now: datetime) -> Any:
    lines = buyers_lines_of(order, move.event_id, move.also, rests(order))
    if not lines:
        raise NotRefundable(gettext("Nothing of this order is its buyer's to give back."))
    return refunding.request(
        order,
        asked=lines,
        by_buyer=True,
        kept_by=kept_of_tickets(move.terms),
        by=by,
        reason="The event was moved.",
        now=now,
    )


def _is_about(order: Order, move: EventMove) -> bool:
    return order.event_id == move.event_id or orders_of(move.event).filter(pk=order.pk).exists()
