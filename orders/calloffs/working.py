"""Working through the orders of a called-off event: each in a transaction of its own, with its row of the call-off.

A worker that is killed leaves every order either untouched, or asked back and noted as such; another goes on from
there, and two at once take different rows. What a provider does with the refund is the payments' business from then on.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from audit.trail import record
from orders import refunding
from orders.calloffs.choosing import kept_of_tickets, lines_of, orders_of
from orders.calloffs.errors import NothingToRetry
from orders.calloffs.models import CallOff, CallOffOrder
from orders.errors import RefundNotOffered
from orders.locking import lock
from orders.models import Order, OrderRefund
from orders.refund_plan import rests
from trufan.lib.errors import Broken, DomainError

log = structlog.get_logger("trufan.calloffs")
Status = CallOffOrder.Status
#: Rows written, or read, at once.
BATCH = 500
#: A sweep shares its schedule with others.
BUDGET_SECONDS = 15.0
#: An order that was being paid while the event was called off is in the books by then.
SETTLED = timedelta(minutes=1)


def sweep(now: datetime, budget: float | None = BUDGET_SECONDS) -> int:
    """Go on with every call-off that runs, for so many seconds (None: to the end); how many orders were handled."""
    handled, started = 0, time.monotonic()
    for call_off in CallOff.objects.filter(status=CallOff.Status.RUNNING).select_related("event__venue"):
        left = None if budget is None else budget - (time.monotonic() - started)
        if left is not None and left <= 0:
            break
        handled += work(call_off, now, left)
    return handled


def work(call_off: CallOff, now: datetime, budget: float | None = None) -> int:
    """Go on with one, for so many seconds; how many orders were handled. Done once none is left."""
    handled, started = 0, time.monotonic()
    while True:
        collect(call_off)
        before = handled
        waiting = list(call_off.orders.filter(status=Status.PENDING).values_list("pk", flat=True)[:BATCH])
        for pk in waiting:
            if budget is not None and time.monotonic() - started > budget:
                return handled
            handled += _handle(pk, call_off, now)
        if not waiting:
            _finish(call_off, now)
        if handled == before:  # there is nothing, or what there is others have
            return handled


def collect(call_off: CallOff) -> int:
    """Note the next orders of the event that are not noted yet; how many."""
    noted = call_off.orders.order_by().values("order")
    new = list(orders_of(call_off.event).exclude(pk__in=noted).values_list("pk", flat=True)[:BATCH])
    CallOffOrder.objects.bulk_create(
        [CallOffOrder(call_off=call_off, order_id=pk) for pk in new], ignore_conflicts=True
    )
    return len(new)


def retry(call_off: CallOff, *, by: Any, now: datetime) -> int:
    """Try what failed once more: orders of which nothing could be asked back, and refunds that the provider refused.

    Returns how many. Raises `NothingToRetry`.
    """
    with transaction.atomic():
        failed = call_off.orders.filter(status=Status.FAILED)
        again = failed.update(status=Status.PENDING, error_code="", error="", updated_at=now)
        refused = refunds_that_failed(call_off)
        for refund in refused:
            refunding.retry(refund, by=by, now=now)
        if not again and not refused:
            raise NothingToRetry
        if again:
            CallOff.objects.filter(pk=call_off.pk).update(status=CallOff.Status.RUNNING, finished_at=None)
        new = {"orders": again, "refunds": len(refused)}
        record("event.refunds_retried", call_off.event, new=new, actor=by, venue_id=call_off.event.venue_id)
    return again + len(refused)


def refunds_that_failed(call_off: CallOff) -> list[OrderRefund]:
    """Refunds of it with a part that the provider refused, or that came back."""
    asked = OrderRefund.objects.filter(call_off__call_off=call_off, parts__status__in=["failed", "came_back"])
    found = asked.distinct().order_by("order_id").prefetch_related("parts")
    return [refund for refund in found if any(part.may_retry for part in refund.present_parts)]


def _handle(pk: UUID, call_off: CallOff, now: datetime) -> int:
    """One order: asked back and noted, both or neither; a refusal is noted. 0: another worker has it."""
    try:
        with transaction.atomic():
            return _ask_back(pk, call_off, now)
    except DomainError as refusal:
        return _fail(pk, refusal)
    except Exception:
        # One order that breaks must not keep the others from their money.
        log.exception("order of a call-off broke", call_off=str(call_off.pk), row=str(pk))
        return _fail(pk, Broken())


def _ask_back(pk: UUID, call_off: CallOff, now: datetime) -> int:
    # SQLite has one writer at a time anyway.
    skip = connection.features.has_select_for_update_skip_locked
    rows = CallOffOrder.objects.filter(pk=pk, status=Status.PENDING)
    row = rows.select_for_update(of=("self",), skip_locked=skip).first()
    if row is None:
        return 0
    order = lock(row.order_id)
    left = rests(order) if order.status == order.Status.PAID else []
    asked = lines_of(order, call_off.event_id, call_off.also, left)
    if not asked:
        row.move(Status.NOTHING)
        return 1
    if order.channel == Order.Channel.DOOR and order.amount_paid:
        # The books would say that somebody handed it over.
        raise RefundNotOffered(gettext("This was paid at the box office: pay it back there, then try again."))
    refund = refunding.request(
        order,
        asked=asked,
        kept_by=kept_of_tickets(call_off.terms),
        by=call_off.started_by,
        reason=call_off.reason,
        now=now,
    )
    row.move(Status.REFUNDED, refund=refund, amount=refund.amount, kept=refund.kept)
    return 1


def _fail(pk: UUID, refusal: DomainError) -> int:
    changed = CallOffOrder.objects.filter(pk=pk, status=Status.PENDING).update(
        status=Status.FAILED, error_code=refusal.code, error=refusal.message[:300], updated_at=timezone.now()
    )
    return int(bool(changed))


def _finish(call_off: CallOff, now: datetime) -> None:
    """Nothing is left to do, and nothing can come that was on its way when it began."""
    if now >= call_off.created_at + SETTLED:
        CallOff.objects.filter(pk=call_off.pk, status=CallOff.Status.RUNNING).exclude(
            pk__in=CallOffOrder.objects.filter(status=Status.PENDING).values("call_off")
        ).update(status=CallOff.Status.DONE, finished_at=now, updated_at=F("updated_at"))
