"""Moving a fulfilment on, and back after a slip of the finger.

Each move locks order → fulfilment, so that it never crosses a refund. A move that was made already changes nothing.
What ends a fulfilment without handing it over stands in `ending.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from orders import announcements
from orders.errors import AgeCheckNeeded, NotDelivered, TooLateToStepBack
from orders.kitchen import numbers, telling
from orders.kitchen.models import Fulfilment
from orders.kitchen.placing import taken_at
from orders.locking import lock
from orders.refund_plan import rests
from trufan.lib.errors import InvalidMove

Status = Fulfilment.Status

#: How long after it was handed over a fulfilment can still be taken back into the queue.
BACK_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Step:
    """One step on: to which status, which time it keeps, what the buyer is told, whether it hands over."""

    to: str
    stamp: str
    message: str = ""
    hands_over: bool = False


STEPS: Mapping[str, Step] = {
    "accept": Step(Status.ACCEPTED, "accepted_at", "fulfilment_accepted"),
    "prepare": Step(Status.PREPARING, "preparing_at"),
    "ready": Step(Status.READY, "ready_at", "fulfilment_ready"),
    "pick-up": Step(Status.PICKED_UP, "ended_at", hands_over=True),
    "send-out": Step(Status.OUT_FOR_DELIVERY, "sent_out_at", "fulfilment_on_its_way"),
    "deliver": Step(Status.DELIVERED, "ended_at", hands_over=True),
}
#: The steps from one status, the likeliest first.
_NEXT: Mapping[str, str] = {
    Status.PLACED: "accept",
    Status.ACCEPTED: "prepare",
    Status.PREPARING: "ready",
    Status.OUT_FOR_DELIVERY: "deliver",
}
#: In the order in which they are reached, with the time that each keeps.
_REACHED: Sequence[tuple[str, str]] = (
    (Status.PLACED, "created_at"),
    (Status.ACCEPTED, "accepted_at"),
    (Status.PREPARING, "preparing_at"),
    (Status.READY, "ready_at"),
    (Status.OUT_FOR_DELIVERY, "sent_out_at"),
)
_RANK: Mapping[str, int] = {status: rank for rank, (status, _) in enumerate(_REACHED)} | {
    Status.PICKED_UP: 9,
    Status.DELIVERED: 9,
}


def next_step(fulfilment: Fulfilment) -> str:
    """The name of the step that usually comes next; empty where there is none."""
    if fulfilment.status == Status.READY:
        return "send-out" if fulfilment.method == Fulfilment.Method.SEAT else "pick-up"
    return _NEXT.get(fulfilment.status, "")


def further_steps(fulfilment: Fulfilment) -> list[str]:
    """The other steps that may be taken from here: those that pass a state over."""
    usual = next_step(fulfilment)
    return [name for name in STEPS if name != usual and _leads_on(fulfilment, STEPS[name])]


def previous(fulfilment: Fulfilment) -> str:
    """The status that `back` leads to: the last one that was passed through; empty where there is none."""
    if fulfilment.status in (Status.PLACED, Status.REFUSED, Status.CANCELLED):
        return ""
    passed = [status for status, stamp in _REACHED if getattr(fulfilment, stamp) is not None]
    if fulfilment.status in passed:
        passed = passed[: passed.index(fulfilment.status)]
    return passed[-1]


def step(fulfilment: Fulfilment, name: str, *, by: Any, now: datetime, age_confirmed: bool = False) -> Fulfilment:
    """Move on by the step of that name; made already, it changes nothing.

    Raises `InvalidMove` where the present status does not allow it, `NotDelivered` for sending out what is picked up,
    `AgeCheckNeeded` for handing over without `age_confirmed` what asks for it.
    """
    wanted = STEPS[name]
    with transaction.atomic():
        row = locked(fulfilment)
        if row.status == wanted.to:
            return row
        changes = {wanted.stamp: now, **_changes(row, wanted, now, age_confirmed)}
        before = row.status
        row.move(wanted.to, **changes)
        record(f"fulfilment.{row.status}", row, old={"status": before}, actor=by, venue_id=row.order.venue_id)
        announcements.moved(row, row.order)
        if wanted.message:
            telling.tell(row, wanted.message)
    return row


def back(fulfilment: Fulfilment, *, since: str, by: Any, now: datetime) -> Fulfilment:
    """Take the last step back: from the status `since`, to the one before. Taken back already, it changes nothing.

    Its number may have gone to another meanwhile; then it gets a new one. Raises `InvalidMove` where it is no longer
    `since`, where nothing leads back from there or all of it was refunded, `TooLateToStepBack`.
    """
    with transaction.atomic():
        row = locked(fulfilment)
        if row.status != since:
            if _was_taken_back(row, since):
                return row
            raise InvalidMove(row, f"what it was before {since}")
        to = previous(row)
        if not to:
            raise InvalidMove(row, "what it was before")
        if row.ended_at is not None and row.ended_at < now - BACK_WITHIN:
            raise TooLateToStepBack
        if not row.is_open and not _is_wanted(row):
            raise InvalidMove(row, to)
        _undo(row, to)
        was, now_is = {"status": since}, {"status": to}
        record("fulfilment.taken_back", row, old=was, new=now_is, actor=by, venue_id=row.order.venue_id)
        announcements.taken_back(row)
    return row


def locked(fulfilment: Fulfilment) -> Fulfilment:
    """The fulfilment as it is now, held with its order until the transaction ends."""
    order = lock(fulfilment.order_id)
    row = Fulfilment.objects.select_for_update(of=("self",)).select_related("outlet").get(pk=fulfilment.pk)
    row.order = order
    return row


def _leads_on(row: Fulfilment, wanted: Step) -> bool:
    """Whether the step is allowed, and one on: what leads back is not by way of a step."""
    if wanted.to == Status.OUT_FOR_DELIVERY and row.method != Fulfilment.Method.SEAT:
        return False
    return row.can_move(wanted.to) and _RANK[wanted.to] > _RANK.get(row.status, 9)


def _changes(row: Fulfilment, wanted: Step, now: datetime, age_confirmed: bool) -> dict[str, Any]:
    """What the step asks for and keeps beside its time. A step that would lead back is none of these."""
    if _RANK[wanted.to] < _RANK.get(row.status, 0):
        raise InvalidMove(row, wanted.to)
    if wanted.to == Status.OUT_FOR_DELIVERY and row.method != Fulfilment.Method.SEAT and row.can_move(wanted.to):
        raise NotDelivered
    if not (wanted.hands_over and row.needs_age_check and row.can_move(wanted.to)):
        return {}
    if not age_confirmed:
        raise AgeCheckNeeded(
            gettext("Make sure that the buyer is {minimum_age} or older, and say that you did.").format(
                minimum_age=row.minimum_age
            )
        )
    return {"age_checked_at": now}


def _was_taken_back(row: Fulfilment, since: str) -> bool:
    """Whether the row stands before the status `since`, as it does once that was taken back."""
    return since in _RANK and _RANK.get(row.status, 9) < _RANK[since]


def _is_wanted(row: Fulfilment) -> bool:
    """Whether anything of it was not refunded since it was handed over."""
    return any(rest.quantity for rest in rests(row.order) if rest.item.fulfilment_id == row.pk)


def _undo(row: Fulfilment, to: str) -> None:
    if row.is_open:
        row.move(to, **{dict(_REACHED)[row.status]: None})
        return
    changes = {"ended_at": None, "age_checked_at": None}
    try:
        with transaction.atomic():
            row.move(to, **changes)
    except IntegrityError:
        taken = taken_at([row.outlet_id])[row.outlet_id]
        row.move(to, pickup_number=numbers.free(row.pk, taken), **changes)
