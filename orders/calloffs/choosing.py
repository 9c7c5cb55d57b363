"""Which orders a called-off event touches, and which of their lines go back.

Tickets of the event always do. Of other kinds go back those that were chosen, where they were bought for the event (by
themselves, or in an order for it), and not once they were used: food that was handed over, a space that was driven in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from events.models import Event
from orders.kitchen.models import Fulfilment
from orders.models import Order, OrderItem
from orders.pricing import Terms
from orders.refund_plan import AskedLine, Rest
from orders.sellable import Pieces, sellable_model, sellable_types
from trufan.lib.errors import DomainError, Invalid


def other_kinds() -> list[str]:
    """Kinds of lines that may go back besides what admits."""
    return [kind for kind in sellable_types() if not sellable_model(kind).admits]


def orders_of(event: Event) -> QuerySet[Order]:
    """Paid orders with anything that is for the event, by key."""
    of_event = Q()
    for kind in sellable_types():
        if (things := sellable_model(kind).of_event(event.pk)) is not None:
            of_event |= Q(item_type=kind, item_id__in=things)
    lines = OrderItem.objects.order_by().filter(of_event, order=OuterRef("pk"))
    paid = Order.objects.filter(venue=event.venue_id, status=Order.Status.PAID)
    return paid.filter(Q(event=event.pk) | Exists(lines)).order_by("pk")


def lines_of(order: Order, event_id: UUID, also: Collection[str], rest: Iterable[Rest]) -> list[AskedLine]:
    """The lines that go back, each with all that is left of it."""
    left = [line for line in rest if line.quantity]
    own = _of_event(event_id, [line.item for line in left])
    return [AskedLine(line.item.pk) for line in left if _goes(line, order, event_id, also, own)]


def buyers_lines_of(order: Order, event_id: UUID, also: Collection[str], rest: Iterable[Rest]) -> list[AskedLine]:
    """The same, but of tickets only those that the buyer neither used nor handed on."""
    left = {line.item.pk: line for line in rest}
    found = []
    for asked in lines_of(order, event_id, also, left.values()):
        line = left[asked.id]
        pieces = Pieces(line.item, line.quantity, (), line.claimed)
        if own := sellable_model(line.item.item_type).returnable(pieces):
            found.append(AskedLine(asked.id, own))
    return found


def refuse_unknown(also: Collection[str]) -> None:
    """Raise `Invalid` for a kind that nobody sells besides tickets."""
    known = other_kinds()
    if unknown := sorted(set(also) - set(known)):
        raise Invalid.field("also", f"There is no {', '.join(unknown)}; there is {', '.join(known)}.")


def kept_of_tickets(terms: Terms) -> Callable[[OrderItem], Terms]:
    """The terms by line: fees are only kept of what admits."""
    return lambda item: terms if sellable_model(item.item_type).admits else Terms()


def _goes(line: Rest, order: Order, event_id: UUID, also: Collection[str], own: set[UUID]) -> bool:
    item, model = line.item, sellable_model(line.item.item_type)
    if model.admits:
        return item.item_id in own
    if item.item_type not in also or (item.item_id not in own and order.event_id != event_id):
        return False
    return not _was_used(line)


def _was_used(line: Rest) -> bool:
    fulfilment = line.item.fulfilment
    if fulfilment is not None and fulfilment.status not in Fulfilment.OPEN:
        return True
    asked = Pieces(line.item, line.quantity, (), line.claimed)
    return isinstance(sellable_model(line.item.item_type).choose([asked], by_buyer=True)[0], DomainError)


def _of_event(event_id: UUID, items: list[OrderItem]) -> set[UUID]:
    """Those of the items' things that are for the event; one query for each kind."""
    found: set[UUID] = set()
    for kind in {item.item_type for item in items}:
        things = sellable_model(kind).of_event(event_id)
        if things is not None:
            found |= set(things.filter(pk__in=[item.item_id for item in items if item.item_type == kind]))
    return found
