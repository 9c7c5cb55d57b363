"""Tickets on their way back: which ones, on what terms for their buyer, and void once the money went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from events.refund_policy import policy_of
from orders import counters
from orders.errors import AlreadyRefunded, RefundNotOffered, RefundTooLate
from orders.models import OrderItem
from orders.pricing import Terms
from orders.sellable import Pieces
from ticketing import announcements, steps
from ticketing.errors import TicketUsed
from ticketing.models import Ticket, TicketType
from ticketing.pricing import addons
from ticketing.pricing.errors import AddOnLeft
from ticketing.querysets import TicketQuerySet
from trufan.lib.errors import DomainError, Invalid

VALID, REFUNDED = Ticket.Status.VALID, Ticket.Status.REFUNDED


def choose(asked: Sequence[Pieces], *, by_buyer: bool) -> list[Pieces | DomainError]:
    """For each line its tickets that go back: those asked for, then unused ones, then used ones.

    A buyer gives back only what was neither used nor given away, and no ticket without its add-ons. A fixed number of
    queries.
    """
    tickets = _by_line(Ticket.objects.filter(order_item__in=[each.item.pk for each in asked]))
    chosen = [_choose(each, tickets[each.item.pk], by_buyer) for each in asked]
    return _with_addons(chosen, tickets) if by_buyer else chosen


def _with_addons(
    chosen: list[Pieces | DomainError], tickets: Mapping[UUID, list[Ticket]]
) -> list[Pieces | DomainError]:
    """What a buyer gives back leaves them no add-on without a ticket that it belongs to."""
    pieces = [each for each in chosen if isinstance(each, Pieces)]
    if not pieces:
        return chosen
    things = {thing for each in pieces for thing in each.things}
    going = [ticket for each in pieces for ticket in tickets[each.item.pk] if ticket.pk in things]
    order = pieces[0].item.order
    alone = addons.left_alone(order.user_id, order.pk, going)
    return [AddOnLeft() if isinstance(each, Pieces) and each.item.item_id in alone else each for each in chosen]


def returnable(pieces: Pieces) -> int:
    """How many tickets of a line were neither used nor given away, nor are on their way back. One query."""
    tickets = Ticket.objects.filter(order_item=pieces.item.pk)
    return min(len(_buyers_own(pieces, list(tickets))), pieces.quantity)


def terms(items: Sequence[OrderItem], now: datetime) -> list[Terms | DomainError]:
    """For each line what its event's policy says at `now`. One query."""
    types = TicketType.objects.select_related("event").in_bulk({item.item_id for item in items})
    return [_terms(types[item.item_id], now) for item in items]


def void(pieces: Sequence[Pieces], venue_id: UUID, now: datetime | None = None) -> None:
    """These tickets of the venue, or as many of their lines, admit nobody any more; their stock returns."""
    live = Ticket.objects.live().filter(order_item__in=[each.item.pk for each in pieces])
    # Locked before it is read whether they were used, and always in key order.
    tickets = _by_line(live.select_for_update(of=("self",)).order_by("pk"))
    going = [
        ticket for each in pieces for ticket in _in_turn(tickets[each.item.pk], frozenset(each.things))[: each.quantity]
    ]
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in going]).update(
        status=REFUNDED, revoked_at=now or timezone.now()
    )
    for step in steps.voided:
        step(going)
    announcements.revoked(venue_id, going)
    counters.take_back(TicketType, Counter(ticket.ticket_type_id for ticket in going))
    taken = Counter(ticket.order_item_id for ticket in going)
    for count in steps.returned:
        count([(each.item, taken[each.item.pk]) for each in pieces])


def suspend(pieces: Sequence[Pieces], now: datetime) -> None:
    """These tickets are on their way back: they admit nobody. One UPDATE."""
    _chosen(pieces).filter(returning_at=None).update(returning_at=now)


def resume(pieces: Sequence[Pieces]) -> None:
    """Their refund failed: they admit again."""
    _chosen(pieces).update(returning_at=None)


def _chosen(pieces: Sequence[Pieces]) -> TicketQuerySet:
    return Ticket.objects.live().filter(pk__in=[thing for each in pieces for thing in each.things])


def _choose(asked: Pieces, tickets: list[Ticket], by_buyer: bool) -> Pieces | DomainError:
    wanted = frozenset(asked.things)
    if wanted - {ticket.pk for ticket in tickets}:
        return Invalid(gettext("There is no such ticket on this line."))
    free = {ticket.pk for ticket in tickets if ticket.status != REFUNDED} - asked.claimed
    if wanted - free:
        return AlreadyRefunded(gettext("One of these tickets was refunded, or its refund is on its way."))
    if by_buyer:
        free = _buyers_own(asked, tickets)
    going = _in_turn([ticket for ticket in tickets if ticket.pk in free], wanted)[: asked.quantity]
    if wanted - free or len(going) < asked.quantity:
        return _why_not(tickets)
    return Pieces(asked.item, asked.quantity, tuple(ticket.pk for ticket in going))


def _buyers_own(asked: Pieces, tickets: list[Ticket]) -> set[UUID]:
    owner = asked.item.order.user_id
    own = {ticket.pk for ticket in tickets if ticket.status == VALID and ticket.holder_id == owner}
    return own - asked.claimed


def _why_not(tickets: list[Ticket]) -> DomainError:
    if any(ticket.status == Ticket.Status.USED for ticket in tickets):
        return TicketUsed(gettext("What was used at the door is not given back. Ask the venue."))
    return RefundNotOffered(gettext("A ticket that was given away is not its buyer's to give back. Ask the venue."))


def _terms(ticket_type: TicketType, now: datetime) -> Terms | DomainError:
    policy = policy_of(ticket_type.event)
    if policy is None:
        return RefundNotOffered()
    if now > policy.deadline(ticket_type.event.starts_at):
        return RefundTooLate(
            gettext(
                "Tickets for {event} could be given back until {until_hours_before_start} hours "
                "before its start. Ask the venue."
            ).format(event=ticket_type.event.name, until_hours_before_start=policy.until_hours_before_start)
        )
    return Terms(keep_fees=policy.keep_fees, keep_ppm=policy.keep_percent * 10_000)


def _in_turn(tickets: Iterable[Ticket], wanted: frozenset[UUID]) -> list[Ticket]:
    """Chosen ones first, then unused ones, used ones last; of equals the last issued."""
    return sorted(tickets, key=lambda ticket: (ticket.pk not in wanted, ticket.status != VALID, -ticket.ordinal))


def _by_line(tickets: Iterable[Ticket]) -> defaultdict[UUID, list[Ticket]]:
    found = defaultdict(list)
    for ticket in tickets:
        found[ticket.order_item_id].append(ticket)
    return found
