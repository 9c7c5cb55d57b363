"""The new order of an exchange was paid, or ended otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from audit.trail import record
from orders import refunding
from orders.locking import lock
from orders.models import Order, OrderItem
from orders.pricing import Terms
from payments.payable import CannotFulfil
from ticketing.exchanges.asking import keeping, lines_of
from ticketing.exchanges.models import TicketExchange
from ticketing.models import Ticket
from ticketing.seats.locking import lock_types
from trufan.lib.errors import DomainError

Status = TicketExchange.Status
REASON = "Exchanged."


def settle_paid(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """A step of `ticketing.steps.issued`, before any that locks stock: it locks the old order.

    An order that is only being placed is no exchange yet: it becomes one by a row that is written after it.
    """
    if not order.is_just_placed:
        settle(order, tickets, now)


def settle(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """The new tickets are issued: the money of the old ones goes back, in the same transaction.

    Raises `CannotFulfil` where the old ones can't go back any more, because they were used or handed on meanwhile; the
    new money is then returned.
    """
    row = TicketExchange.objects.filter(new_order=order).exclude(status=Status.DONE).first()
    if row is None:
        return
    old, gone = lock(row.old_order_id), list(row.tickets.all())
    # What costs nothing is taken back at once: the stock of both orders is locked together, in key order.
    lock_types(ticket.ticket_type_id for ticket in (*gone, *tickets))
    kept = {UUID(line): Terms(**terms) for line, terms in row.terms.items()}
    try:
        refund = refunding.request(
            old,
            asked=lines_of(gone),
            by=row.asked_by,
            by_buyer=row.by_buyer,
            kept_by=keeping(kept),
            reason=REASON,
            now=now,
        )
    except DomainError as refusal:
        raise CannotFulfil(
            gettext("The old tickets can't be exchanged any more: {message}").format(message=refusal.message)
        ) from refusal
    row.move(Status.DONE, refund=refund)
    record("order.exchanged", old, new={"new_order": order.pk, "refund": refund.pk}, actor=row.asked_by)


def lapse(items: Sequence[OrderItem], now: datetime) -> None:
    """What was held for an exchange is let go: the old tickets stay. A step of `ticketing.steps.releasing`."""
    orders = {item.order_id for item in items}
    TicketExchange.objects.filter(new_order__in=orders, status=Status.OPEN).update(status=Status.LAPSED, updated_at=now)
