"""Add-ons: tickets that are only good on top of another, such as an early entry.

An add-on names its parents, any of which will do. Nobody buys more of an add-on than they have parents, and no buyer
gives a parent back while they would be left with more add-ons than parents; staff may, and decide what becomes of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from orders.cart_rules import Buyer
from orders.models import Order, OrderItem
from ticketing.models import Ticket, TicketType
from trufan.lib.errors import Invalid

#: Add-on → its parents, by name.
Parents = Mapping[UUID, dict[UUID, str]]
_Link = TicketType.addon_of.through


def link(addon: TicketType, parents: Iterable[TicketType]) -> dict[str, Any]:
    """Make these the parents of a ticket type, whose row is the caller's; none: it is sold by itself.

    Raises `Invalid`: parents are of the same event, and no add-ons themselves.
    """
    parents = list(parents)
    if any(parent.event_id != addon.event_id or parent.pk == addon.pk for parent in parents):
        raise Invalid.field("addon_of", "It goes with other ticket types of the same event.")
    chained = parents and addon.addons.exists()
    if chained or _Link.objects.filter(from_tickettype__in=parents).exists():
        raise Invalid.field("addon_of", "What goes with another ticket has nothing that goes with it.")
    addon.addon_of.set(parents)
    return linked(addon)


def linked(addon: TicketType) -> dict[str, Any]:
    """The parents of a ticket type as the audit trail keeps them."""
    return {"addon_of": sorted(str(pk) for pk in addon.addon_of.values_list("pk", flat=True))}


def parents_of(types: Iterable[UUID]) -> Parents:
    """The parents of each of these types that is an add-on. One query."""
    found: defaultdict[UUID, dict[UUID, str]] = defaultdict(dict)
    links = _Link.objects.filter(from_tickettype__in=list(types))
    for addon, parent, name in links.values_list("from_tickettype", "to_tickettype", "to_tickettype__name"):
        found[addon][parent] = name
    return found


def holdings(buyer: Buyer, parents: Parents, *, lock: bool) -> Counter[UUID]:
    """What a signed-in buyer has: tickets they hold, and add-ons that their other carts keep.

    `lock`: the tickets stay as they are until the transaction ends, so that two carts are not both bought on one.
    """
    has: Counter[UUID] = Counter()
    if buyer.user is None:
        return has
    wanted = {*parents, *(pk for each in parents.values() for pk in each)}
    tickets = Ticket.objects.live().filter(holder=buyer.user, ticket_type__in=wanted, returning_at=None).order_by("pk")
    if lock:
        tickets = tickets.select_for_update(no_key=True)
    has.update(tickets.values_list("ticket_type_id", flat=True))
    for addon, count in _in_other_carts(buyer, wanted, parents):
        has[addon] += count
    return has


def _in_other_carts(buyer: Buyer, wanted: set[UUID], parents: Parents) -> Iterator[tuple[UUID, int]]:
    """The add-ons that pending orders of the buyer keep beyond their own parents: these lean on tickets they hold."""
    pending = OrderItem.objects.filter(
        order__user=buyer.user, order__status=Order.Status.PENDING, status=OrderItem.Status.HELD,
        item_type=TicketType.sellable_type, item_id__in=wanted,
    )  # fmt: skip
    carts: defaultdict[UUID, Counter[UUID]] = defaultdict(Counter)
    for order_id, type_id, count in pending.values_list("order_id", "item_id", "quantity"):
        carts[order_id][type_id] += count
    if buyer.order is not None:
        carts.pop(buyer.order.pk, None)
    for cart in carts.values():
        for addon, those in parents.items():
            yield addon, max(cart[addon] - sum(cart[pk] for pk in those), 0)


def left_alone(holder_id: UUID | None, order_id: UUID, going: Iterable[Ticket]) -> set[UUID]:
    """The parents among `going` without which their holder would have more add-ons than parents.

    A guest has what their order has. Two queries, one where nothing that goes has add-ons.
    """
    going = list(going)
    links = _Link.objects.filter(to_tickettype__in={ticket.ticket_type_id for ticket in going})
    addons = set(links.values_list("from_tickettype", flat=True))
    if not addons:
        return set()
    parents = parents_of(addons)
    wanted = {*addons, *(pk for each in parents.values() for pk in each)}
    own = Ticket.objects.live().filter(ticket_type__in=wanted, returning_at=None)
    own = own.filter(holder=holder_id) if holder_id else own.filter(order=order_id)
    left = Counter(own.exclude(pk__in=[ticket.pk for ticket in going]).values_list("ticket_type_id", flat=True))
    alone = [addon for addon in addons if left[addon] > sum(left[parent] for parent in parents[addon])]
    return {parent for addon in alone for parent in parents[addon]}
