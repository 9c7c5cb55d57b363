"""What orders themselves have to say on an order's timeline. Each source takes a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import entries_of, said
from audit.models import AuditLog
from notifications.models import Notification
from orders import timeline
from orders.kitchen.models import Fulfilment
from orders.models import Order, OrderRefund
from orders.timeline import Asked, Kind, Moment
from payments.models import Dispute, Payment, Refund
from trufan.lib import words
from trufan.lib.money import show
from trufan.lib.words import lazy as _

#: What the kitchen's moves are called in the trail, by the field that keeps their time.
_MADE = (
    ("accepted_at", "accepted", _("{what}: accepted.")),
    ("preparing_at", "preparing", _("{what}: being made.")),
    ("ready_at", "ready", _("{what}: ready.")),
    ("sent_out_at", "out_for_delivery", _("{what}: on its way to the seat.")),
)
_SOLD: dict[str, str] = {
    "web": _("Placed online, {amount}."),
    "door": _("Placed over the counter, {amount}."),
    "comp": _("Placed as a gift, {amount}."),
}


def connect() -> None:
    """Once, when the app is ready."""
    timeline.register("orders.order", _order, kinds=[Kind.ORDER])
    timeline.register("orders.payments", _payments, kinds=[Kind.MONEY], permission=Permission.VIEW_PAYMENTS)
    # After the payments: what paid an order was begun at the same moment, or before.
    timeline.register("orders.paid", _paid, kinds=[Kind.ORDER])
    timeline.register("orders.refunds", _refunds, kinds=[Kind.MONEY], permission=Permission.VIEW_PAYMENTS)
    timeline.register("orders.disputes", _disputes, kinds=[Kind.MONEY], permission=Permission.VIEW_PAYMENTS)
    timeline.register("orders.tips", _tips, kinds=[Kind.MONEY], permission=Permission.VIEW_PAYMENTS)
    timeline.register("orders.kitchen", _kitchen, kinds=[Kind.KITCHEN])
    timeline.register("orders.receipts", _receipts, kinds=[Kind.RECEIPTS])
    timeline.register("orders.messages", _messages, kinds=[Kind.MESSAGES])
    timeline.register("orders.changed_events", _changed_events, kinds=[Kind.ORDER])
    timeline.register("orders.record", _record, kinds=[Kind.RECORD], permission=Permission.VIEW_AUDIT)


def _order(asked: Asked) -> Iterator[Moment]:
    order = asked.order
    buyer = str(order.user) if order.user else order.contact_name or order.contact_email
    placed = str(_SOLD[order.channel]).format(amount=show(order.amount_total, order.currency))
    yield Moment(order.created_at, Kind.ORDER, placed, buyer)
    for use in order.promo_uses.select_related("promo"):
        text = gettext("Promo code {code} takes off {amount}; it is {status}.")
        took = show(use.discount, order.currency)
        yield Moment(
            use.created_at,
            Kind.ORDER,
            text.format(code=use.promo.code, amount=took, status=words.within(use.status)),
            row=use.promo,
        )
    for rating in order.ratings.select_related("outlet"):
        text = gettext("Rated {stars} of 5 ({what}).")
        what = rating.outlet.name if rating.outlet else gettext("the whole order")
        yield Moment(rating.created_at, Kind.ORDER, text.format(stars=rating.stars, what=what), buyer)


def _payments(asked: Asked) -> Iterator[Moment]:
    for payment in asked.take(Payment.objects.of(asked.order).select_related("payer"), "created_at"):
        amount = show(payment.amount, payment.currency)
        text = gettext("Payment of {amount} begun, by {how}.")
        told = text.format(amount=amount, how=payment.payment_method or gettext("a method not chosen yet"))
        # The row is written a moment after the clock of its charge was read.
        begun = min(payment.created_at, payment.settled_at or payment.created_at)
        yield Moment(begun, Kind.MONEY, told, str(payment.payer or ""), payment)
        if payment.settled_at and payment.status != Payment.Status.FAILED:
            text = gettext("Payment of {amount} {status}.")
            ended = text.format(amount=amount, status=words.within(payment.status))
            yield Moment(payment.settled_at, Kind.MONEY, ended, row=payment)
        elif payment.status == Payment.Status.FAILED:
            text = gettext("Payment of {amount} failed: {why}")
            why = payment.failure_message or gettext("no reason was given.")
            yield Moment(
                payment.settled_at or payment.updated_at, Kind.MONEY, text.format(amount=amount, why=why), row=payment
            )


def _paid(asked: Asked) -> Iterator[Moment]:
    order = asked.order
    if order.paid_at:
        text = gettext("Complete: nothing was to be paid.") if order.is_free else gettext("Paid.")
        yield Moment(order.paid_at, Kind.ORDER, text)


def _refunds(asked: Asked) -> Iterator[Moment]:
    refunds = asked.order.refunds.select_related("requested_by").prefetch_related("parts__payment", "lines__item")
    for refund in asked.take(refunds, "created_at"):
        amount = show(refund.amount, asked.order.currency)
        what = ", ".join(f"{line.quantity} × {line.item.description}" for line in refund.lines.all())
        text = gettext("Refund of {amount} asked for ({what}): {reason}")
        asked_text = text.format(amount=amount, what=what or gettext("nothing taken back"), reason=refund.reason)
        first = next(iter(refund.parts.all()), None)
        yield Moment(refund.created_at, Kind.MONEY, asked_text, _who_asked(refund, asked.order), first)
        if refund.settled_at:
            text = gettext("Refund of {amount} has gone back to the buyer.")
            yield Moment(refund.settled_at, Kind.MONEY, text.format(amount=amount), row=first)
        for part in refund.parts.all():
            if part.status in (part.Status.FAILED, part.Status.CAME_BACK):
                text = gettext("Refund of {amount} {status}: {why}")
                told = text.format(
                    amount=show(part.amount, part.currency),
                    status=words.within(part.status),
                    why=part.failure_message or gettext("no reason was given."),
                )
                yield Moment(part.updated_at, Kind.MONEY, told, row=part)


def _who_asked(refund: OrderRefund, order: Order) -> str:
    if refund.requested_by:
        return str(refund.requested_by)
    return order.contact_name or order.contact_email if refund.by_buyer else ""


def _disputes(asked: Asked) -> Iterator[Moment]:
    payments = Payment.objects.of(asked.order).values("pk")
    disputes = asked.take(Dispute.objects.filter(payment__in=payments).select_related("payment"), "opened_at")
    answers = _answers(list(disputes))
    for dispute in disputes:
        claim = show(dispute.amount, dispute.currency)
        text = gettext("The buyer's bank claims {amount} back ({reason}).")
        reason = words.within(dispute.reason or "no_reason_given")
        yield Moment(dispute.opened_at, Kind.MONEY, text.format(amount=claim, reason=reason), row=dispute)
        for entry in answers.get(dispute.pk, ()):
            given_up = entry.action == "dispute.accepted"
            told = gettext("The dispute was given up.") if given_up else gettext("The dispute was answered.")
            yield Moment(entry.created_at, Kind.MONEY, told, str(entry.actor or ""), dispute)
        if dispute.closed_at:
            text = gettext("The dispute over {amount} ended: {status}.")
            told = text.format(amount=claim, status=words.within(dispute.status))
            yield Moment(dispute.closed_at, Kind.MONEY, told, row=dispute)


def _answers(disputes: list[Dispute]) -> dict[Any, list[AuditLog]]:
    """What was said to the bank in each dispute, and by whom. One query."""
    found: dict[Any, list[AuditLog]] = {}
    if disputes:
        for entry in entries_of(*disputes).filter(action__in=["dispute.answered", "dispute.accepted"]):
            found.setdefault(entry.entity_id, []).append(entry)
    return found


def _tips(asked: Asked) -> Iterator[Moment]:
    for tip in asked.take(asked.order.tips.all(), "created_at"):
        text = gettext("Tip of {amount}: {status}.")
        told = text.format(amount=show(tip.amount_total, tip.currency), status=words.within(tip.status))
        yield Moment(tip.paid_at or tip.created_at, Kind.MONEY, told)


def _kitchen(asked: Asked) -> Iterator[Moment]:
    rows = list(asked.order.fulfilments.select_related("outlet"))
    who = _movers(rows)
    for row in rows:
        name = gettext("{outlet}, number {number}").format(outlet=row.outlet.name, number=row.pickup_number)
        yield Moment(row.created_at, Kind.KITCHEN, gettext("{what}: in the queue.").format(what=name), row=row)
        for field, status, text in _MADE:
            if at := getattr(row, field):
                yield Moment(at, Kind.KITCHEN, str(text).format(what=name), who.get((row.pk, status), ""), row)
        if row.ended_at:
            ended = words.within(row.status)
            why = f" ({row.reason})" if row.reason else ""
            yield Moment(row.ended_at, Kind.KITCHEN, f"{name}: {ended}{why}.", who.get((row.pk, row.status), ""), row)


def _movers(rows: list[Fulfilment]) -> dict[tuple[Any, str], str]:
    """Who moved each fulfilment into each status, the last time it came there. One query."""
    if not rows:
        return {}
    entries = entries_of(*rows).filter(actor__isnull=False).order_by("created_at", "id")
    return {(entry.entity_id, entry.action.removeprefix("fulfilment.")): str(entry.actor) for entry in entries}


def _receipts(asked: Asked) -> Iterator[Moment]:
    papers = list(asked.take(asked.order.receipts.all(), "issued_at"))
    # A credit note is for what went back; whoever asked for that brought it about.
    notes = [paper.subject_id for paper in papers if paper.kind == paper.Kind.CREDIT_NOTE]
    who = {part.pk: part.requested_by for part in Refund.objects.filter(pk__in=notes).select_related("requested_by")}
    for paper in papers:
        text = gettext("{kind} {number} over {amount} issued.")
        kind = gettext("Credit note") if paper.kind == paper.Kind.CREDIT_NOTE else gettext("Receipt")
        amount = show(paper.amount, paper.currency)
        told = text.format(kind=kind, number=paper.label, amount=amount)
        yield Moment(paper.issued_at, Kind.RECEIPTS, told, str(who.get(paper.subject_id) or ""), paper)


def _messages(asked: Asked) -> Iterator[Moment]:
    order = asked.order
    sent = Notification.objects.filter(
        venue_id=order.venue_id, created_at__gte=order.created_at, context__number__in=timeline.numbers_of(order)
    )
    for message in asked.take(sent, "created_at"):
        text = gettext("{channel} “{what}” to {to}: {status}.")
        told = text.format(
            channel=message.get_channel_display().capitalize() if message.channel != "sms" else "SMS",
            what=words.within(message.template),
            to=message.recipient or gettext("the buyer"),
            status=words.within("delivered" if message.delivered_at else message.status),
        )
        yield Moment(message.sent_at or message.created_at, Kind.MESSAGES, told, row=message)


def _changed_events(asked: Asked) -> Iterator[Moment]:
    for one in asked.order.call_offs.select_related("call_off__event", "call_off__started_by"):
        text = gettext("{event} was called off: {status}.")
        told = text.format(event=one.call_off.event.name, status=one.get_status_display())
        yield Moment(one.call_off.created_at, Kind.ORDER, told, str(one.call_off.started_by or ""), one.call_off)
    for answer in asked.order.move_answers.select_related("move__event"):
        text = gettext("{event} was moved; the buyer chose: {answer}.")
        told = text.format(event=answer.move.event.name, answer=words.within(answer.answer))
        yield Moment(answer.answered_at, Kind.ORDER, told, row=answer.move)


def _record(asked: Asked) -> Iterable[Moment]:
    order = asked.order
    for entry in asked.take(entries_of(order, *_recorded(order)), "created_at"):
        yield Moment(entry.created_at, Kind.RECORD, _recorded_words(entry, order), str(entry.actor or "TruFan"), entry)


def _recorded(order: Order) -> list[Any]:
    """The rows whose changes belong to the order's own story."""
    payments = list(Payment.objects.of(order))
    refunds = [part for refund in order.refunds.prefetch_related("parts") for part in refund.parts.all()]
    disputes = Dispute.objects.filter(payment__in=payments)
    return [*payments, *refunds, *disputes, *order.fulfilments.all()]


def _recorded_words(entry: AuditLog, order: Order) -> str:
    changes = [(gettext("before"), entry.old_values), (gettext("after"), entry.new_values)]
    told = [f"{when}: {said(values, currency=order.currency)}" for when, values in changes if values]
    device = [gettext("device: {name}").format(name=entry.user_agent)] if entry.user_agent else []
    return "; ".join([entry.action, *told, *device])
