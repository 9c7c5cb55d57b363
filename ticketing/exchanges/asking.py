"""Asking for an exchange: the new tickets are held as an order of their own, the old ones stay good until it is paid.

The new order is paid in full and the money of the old tickets goes back, in one transaction, rather than a difference
being charged: so every receipt, tax, share and later refund is that of what was really bought. Why: docs/adr/0019.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.exchange_policy import ExchangePolicy, policy_of
from orders.cart import Extras, cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.locking import lock
from orders.models import Order, OrderItem
from orders.pricing import Terms
from orders.refund_plan import AskedLine, Plan, plan
from ticketing.exchanges.errors import ExchangeNotOffered, ExchangeOpen, ExchangeTooLate
from ticketing.exchanges.models import TicketExchange
from ticketing.limits.limiting import GOING_BACK
from ticketing.models import Ticket, TicketType
from trufan.lib.errors import Invalid

Kept = dict[UUID, Terms]


@dataclass(frozen=True)
class Wanted:
    """What the old tickets are exchanged for: as many of one type. `asks`: what its kind asks of a line, such as
    `seats`; `cart`: what is asked of a whole cart, such as an `admission_token`.
    """

    ticket_type: UUID
    asks: dict[str, Any]
    cart: dict[str, Any]


def ask(
    order: Order, ticket_ids: Sequence[UUID], wanted: Wanted, *, by: Any, by_buyer: bool, now: datetime
) -> TicketExchange:
    """Hold the new tickets for these. A new order that costs nothing is exchanged at once.

    Raises `Invalid` (a ticket that the order does not have; the new type of another venue), `ExchangeNotOffered`,
    `ExchangeTooLate`, `ExchangeOpen`, and what a refund of the tickets and an order of the new ones raise.
    """
    with transaction.atomic():
        locked = lock(order.pk)
        if locked.channel != Order.Channel.WEB:
            raise ExchangeNotOffered(gettext("These tickets were not bought online: refund them where they come from."))
        tickets = _of(locked, ticket_ids)
        kept = _terms(tickets, wanted, by_buyer, now)
        # What could not be given back is not exchanged; asked before anything is held.
        old = would_go_back(locked, tickets, kept, by_buyer, now)
        _refuse_open(tickets)
        new = _place(locked, tickets, wanted, by_buyer, now)
        row = TicketExchange.objects.create(
            old_order=locked,
            new_order=new,
            terms=_written(kept),
            expected_back=old.amount,
            expected_kept=old.kept,
            by_buyer=by_buyer,
            asked_by=by,
        )
        row.tickets.set(tickets)
        said = {"new_order": new.pk, "tickets": [ticket.number for ticket in tickets], "goes_back": old.amount}
        record("order.exchange_asked", locked, new=said, actor=by)
        if new.status == Order.Status.PAID:
            from ticketing.exchanges.settling import settle

            settle(new, (), now)
    row.refresh_from_db()
    return row


def would_go_back(order: Order, tickets: Sequence[Ticket], kept: Kept, by_buyer: bool, now: datetime) -> Plan:
    """The refund of the old tickets. Raises what `orders.refund_plan.plan` raises."""
    return plan(order, asked=lines_of(tickets), by_buyer=by_buyer, kept_by=keeping(kept), now=now)


def lines_of(tickets: Sequence[Ticket]) -> list[AskedLine]:
    """The tickets as lines to refund."""
    by_line: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for ticket in tickets:
        by_line[ticket.order_item_id].append(ticket.pk)
    return [AskedLine(line, len(ids), tuple(ids)) for line, ids in sorted(by_line.items())]


def keeping(kept: Kept) -> Any:
    """The terms of each line, as a refund asks for them."""

    def of(item: OrderItem) -> Terms:
        return kept[item.pk]

    return of


def _of(order: Order, ids: Sequence[UUID]) -> list[Ticket]:
    found = list(Ticket.objects.with_event().filter(order=order, pk__in=ids).order_by("pk"))
    if not found or len(found) != len(set(ids)):
        raise Invalid.field("tickets", "This order has no such ticket.", "not_found")
    return found


def _terms(tickets: Sequence[Ticket], wanted: Wanted, by_buyer: bool, now: datetime) -> Kept:
    """What is kept of each line: nothing where staff exchange, else what the policy of its event says."""
    counts: defaultdict[UUID, int] = defaultdict(int)
    kept: Kept = {}
    for ticket in tickets:
        counts[ticket.order_item_id] += 1
        policy = _policy(ticket, wanted, now) if by_buyer else ExchangePolicy(0)
        kept[ticket.order_item_id] = Terms(
            keep_fees=policy.keep_fees, keep_amount=policy.fee * counts[ticket.order_item_id]
        )
    return kept


def _policy(ticket: Ticket, wanted: Wanted, now: datetime) -> ExchangePolicy:
    policy = policy_of(ticket.event)
    if policy is None:
        raise ExchangeNotOffered
    if now > policy.deadline(ticket.event.starts_at):
        raise ExchangeTooLate(
            gettext(
                "Tickets for {event} could be exchanged until {until_hours_before_start} hours "
                "before its start. Ask the venue."
            ).format(event=ticket.event.name, until_hours_before_start=policy.until_hours_before_start)
        )
    is_same = TicketType.objects.filter(pk=wanted.ticket_type, event=ticket.event_id).exists()
    if not policy.other_events and not is_same:
        raise ExchangeNotOffered(gettext("These tickets are exchanged only for others of the same event."))
    return policy


def _refuse_open(tickets: Sequence[Ticket]) -> None:
    waiting = TicketExchange.objects.filter(
        tickets__in=tickets, status=TicketExchange.Status.OPEN, new_order__status=Order.Status.PENDING
    )
    if waiting.exists():
        raise ExchangeOpen


def _place(order: Order, old: Sequence[Ticket], wanted: Wanted, by_buyer: bool, now: datetime) -> Order:
    kind = TicketType.objects.filter(pk=wanted.ticket_type, event__venue=order.venue_id).first()
    if kind is None:
        raise Invalid.field("ticket_type", "There is no such ticket type at this venue.", "not_found")
    return place_order(
        cart_lines([(TicketType.sellable_type, kind.pk, len(old), (), "", wanted.asks)]),
        user=order.user,
        contact=Contact(order.contact_email, str(order.contact_phone), order.contact_name, order.language),
        now=now,
        # Nobody has both the old and the new ones: see `limits`.
        extras=Extras(asks={**wanted.cart, GOING_BACK: Counter(ticket.ticket_type_id for ticket in old)}),
        standing=Standing.PUBLIC if by_buyer else Standing.STAFF,
    )


def _written(kept: Kept) -> dict[str, Any]:
    return {str(line): {"keep_fees": terms.keep_fees, "keep_amount": terms.keep_amount} for line, terms in kept.items()}
