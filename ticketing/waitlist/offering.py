"""Whose turn it is: what came free is offered in order, each time as an order that holds it for one person alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.trail import record
from notifications.outbox import notify
from notifications.values import moment
from orders import access
from orders.cart import cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.models import Order
from ticketing.models import TicketType
from ticketing.pricing.current import spread
from ticketing.seats.errors import SeatsUnavailable
from ticketing.waitlist import line
from ticketing.waitlist.models import WaitlistEntry
from trufan.lib.errors import DomainError

Status = WaitlistEntry.Status
#: Of one sweep: so many ticket types, so many turns of each, so many entries that are over.
TYPES, TURNS, BATCH = 50, 200, 500
BOUGHT: frozenset[str] = frozenset({Order.Status.PAID, Order.Status.REFUNDED})


def sweep(now: datetime) -> int:
    """Offer what came free, and see what became of earlier offers; how many entries moved. Several may run at once."""
    moved = settle(now)
    due = TicketType.objects.filter(waiting__gt=0).order_by("pk").values_list("pk", flat=True)[:TYPES]
    for type_id in list(due):
        for _ in range(TURNS):
            if not offer_next(type_id, now):
                break
            moved += 1
    return moved


def offer_next(type_id: UUID, now: datetime) -> bool:
    """Give the first in line their turn; whether there was anything to give, or a line that is over to end.

    Who is first gets what there is, up to what they want: nobody behind them is served before them. What they do not
    get of it they no longer wait for.
    """
    with transaction.atomic():
        row = line.locked(type_id)
        first = WaitlistEntry.objects.with_type().waiting().filter(ticket_type_id=type_id).first()
        if first is None:
            return False
        if not first.ticket_type.is_on_sale(now) or not first.ticket_type.event.venue.is_active:
            if _may_sell_again(first.ticket_type, now):
                return False
            line.end(first, row, Status.CLOSED, now)
            return True
        share = min(first.quantity, row.set_aside)
        if share < row.min_per_order:
            return False
        return _offer(first, row, share, now)


def settle(now: datetime) -> int:
    """What became of the offers whose order is no longer pending; how many."""
    over = WaitlistEntry.objects.filter(status=Status.OFFERED).exclude(order__status=Order.Status.PENDING)
    moved = 0
    for entry in over.select_related("order")[:BATCH]:
        to = Status.TAKEN if entry.order and entry.order.status in BOUGHT else Status.MISSED
        moved += WaitlistEntry.objects.filter(pk=entry.pk, status=Status.OFFERED).update(status=to, ended_at=now)
    return moved


def _may_sell_again(ticket_type: TicketType, now: datetime) -> bool:
    """Whether the sale only rests: the event goes on and its window is not over."""
    over = ticket_type.sales_end is not None and ticket_type.sales_end <= now
    return ticket_type.event.is_on_sale(now) and not over


def _offer(entry: WaitlistEntry, row: TicketType, share: int, now: datetime) -> bool:
    """Turn what is set aside into this person's hold. The row is ours, so that nobody else takes it in between."""
    user, hold = entry.user, timedelta(seconds=settings.WAITLIST_HOLD_SECONDS)
    try:
        with transaction.atomic():
            TicketType.objects.filter(pk=row.pk).update(
                set_aside=F("set_aside") - share, waiting=F("waiting") - entry.quantity
            )
            # More than are left at one price are offered at the next as well.
            lines = cart_lines(
                (TicketType.sellable_type, row.pk, count, (), "", {"release": price})
                for price, count in spread(row, share, now)
            )
            order = place_order(lines, user=user, contact=Contact(), now=now, hold=hold, standing=Standing.INVITED)
    except SeatsUnavailable:
        # What came free is no seat for them: a wheelchair place, or too far apart. They keep their place in the line.
        return False
    except DomainError:
        # It can't be sold to them as things stand, a limit of theirs for one: the next in line then.
        line.end(entry, row, Status.CLOSED, now)
        return True
    entry.move(Status.TAKEN if order.is_free else Status.OFFERED, order=order, offered_at=now)
    record("waitlist.offered", entry, new={"order": order.pk, "quantity": share}, actor=None, venue_id=order.venue_id)
    if not order.is_free:
        _tell(entry, order, share)
    return True


def _tell(entry: WaitlistEntry, order: Order, share: int) -> None:
    event, zone = entry.ticket_type.event, entry.ticket_type.event.venue.zone
    notify(
        "waitlist_turn",
        user=entry.user_id,
        email=order.contact_email,
        phone=order.contact_phone,
        venue_id=order.venue_id,
        context={
            "event": event.name,
            "venue": event.venue.name,
            "ticket": entry.ticket_type.name,
            "quantity": share,
            "wanted": entry.quantity,
            "starts_at": moment(event.starts_at, zone),
            "expires_at": moment((order.expires_at or timezone.now()), zone),
            "order_url": access.link(order),
        },
    )
