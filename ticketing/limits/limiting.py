"""How many tickets one person may have: of a ticket type (`max_per_person`), and of an event (`limits_policy`).

Asked of every cart, and, under a lock on the person, of every order that is placed or changed. The lock comes before
that of any stock. Whoever pays after their hold ran out is asked again: they may have bought others meanwhile.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from events.limits_policy import tickets_per_person
from events.models import Event
from orders.cart import PricedCart, PricedLine
from orders.cart_rules import Buyer, Refused, Standing
from orders.models import Order, OrderItem
from payments.payable import CannotFulfil
from ticketing.limits import people
from ticketing.limits.errors import PersonLimit
from ticketing.limits.people import Person
from ticketing.models import Ticket, TicketType

#: In what a cart asks: ticket type → how many of the buyer's go back for it. Nobody says it by themselves.
GOING_BACK = "going_back"
#: Line by position in the cart.
_Lines = dict[int, PricedLine]


def refuse_too_many(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterable[Refused]:
    """The rule of carts: each line that makes it more than one person may have.

    Staff at the counter see whom they serve, and decide. A guest's preview knows nobody, and looks at the cart alone.
    """
    if buyer.standing == Standing.STAFF:
        return []
    by_event: defaultdict[UUID, _Lines] = defaultdict(dict)
    for position, line in enumerate(cart.lines):
        if isinstance(line.thing, TicketType):
            by_event[line.thing.event_id][position] = line
    person = Person.of(buyer.user, buyer.email, buyer.phone)
    refused: list[Refused] = []
    # In key order, as every lock.
    for event_id, lines in sorted(by_event.items()):
        if _is_limited(lines):
            refused += _refuse(event_id, lines, person, buyer, now, placing)
    return refused


def check_late(items: Sequence[OrderItem], now: datetime) -> None:
    """On `steps.reserving`: an order whose hold ran out takes its stock again. Raises `CannotFulfil`."""
    if items:
        wanted: Counter[UUID] = Counter()
        for item in items:
            wanted[item.item_id] += item.quantity
        _check_late(items[0].order, wanted, now)


def check_issued(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """On `steps.issued`: the same for a hold that ran out and that nobody had swept yet. Raises `CannotFulfil`."""
    _check_late(order, Counter(ticket.ticket_type_id for ticket in tickets), now)


def _is_limited(lines: _Lines) -> bool:
    kinds = [line.thing for line in lines.values() if isinstance(line.thing, TicketType)]
    return any(kind.max_per_person is not None or tickets_per_person(kind.event) is not None for kind in kinds)


def _refuse(event_id: UUID, lines: _Lines, person: Person, buyer: Buyer, now: datetime, placing: bool) -> list[Refused]:
    if placing:
        people.lock(event_id, person)
    has = people.has(event_id, person, buyer.order, now) - Counter(buyer.asks.get(GOING_BACK, {}))
    wanted = Counter({line.line.id: line.line.in_cart for line in lines.values()})
    held = Counter({line.line.id: line.line.held for line in lines.values()})
    kinds = {line.line.id: line.thing for line in lines.values() if isinstance(line.thing, TicketType)}
    beyond = _beyond(kinds, wanted, has)
    # Whoever asks for no more than their order holds already may always have less.
    more = wanted.total() > held.total()
    refused: list[Refused] = []
    for position, line in lines.items():
        if (words := beyond.get(line.line.id)) and (more or line.line.in_cart > line.line.held):
            refused.append((position, PersonLimit(words)))
    return refused


def _check_late(order: Order, wanted: Counter[UUID], now: datetime) -> None:
    if order.expires_at is None or now < order.expires_at:
        return
    person = Person.of(order.user, order.contact_email, str(order.contact_phone))
    kinds = TicketType.objects.select_related("event").in_bulk(list(wanted))
    for event_id in sorted({kind.event_id for kind in kinds.values()}):
        of_event = {pk: kind for pk, kind in kinds.items() if kind.event_id == event_id}
        people.lock(event_id, person)
        has = people.has(event_id, person, order, now) - _exchanged(order)
        if _beyond(of_event, Counter({pk: wanted[pk] for pk in of_event}), has):
            raise CannotFulfil(gettext("The hold ran out, and its buyer has as many tickets as one person may."))


def _exchanged(order: Order) -> Counter[UUID]:
    """What goes back for this order, ticket type → how many; what went back already is not counted anyway."""
    tickets = Ticket.objects.live().filter(exchanges__new_order=order)
    return Counter(tickets.values_list("ticket_type_id", flat=True))


def _beyond(kinds: Mapping[UUID, TicketType], wanted: Counter[UUID], has: Counter[UUID]) -> dict[UUID, str]:
    """Of ticket types of one event: which of them are too many beside what the person has, and why."""
    if not kinds:
        return {}
    event: Event = next(iter(kinds.values())).event
    most = tickets_per_person(event)
    if most is not None and wanted.total() + has.total() > most:
        words = gettext("One person may have at most {most} tickets for {name}, over all their orders.").format(
            most=most, name=event.name
        )
        return dict.fromkeys(kinds, words)
    return {
        pk: gettext("One person may have at most {max_per_person} of {name}, over all their orders.").format(
            max_per_person=kind.max_per_person, name=kind.name
        )
        for pk, kind in kinds.items()
        if kind.max_per_person is not None and wanted[pk] + has[pk] > kind.max_per_person
    }
