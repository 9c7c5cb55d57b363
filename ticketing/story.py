"""What tickets have to say on an order's timeline."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min, Q
from django.utils.translation import gettext

from audit.console import entries_of
from orders import timeline
from orders.models import Order
from orders.timeline import Asked, Kind, Moment
from ticketing.boxoffice.models import Comp, DoorSale
from ticketing.door.models import Scan
from ticketing.exchanges.models import TicketExchange
from ticketing.transfers.models import TicketTransfer
from trufan.lib import words
from trufan.lib.money import show


def connect() -> None:
    """Once, when the app is ready."""
    timeline.register("ticketing.counter", _counter, kinds=[Kind.ORDER, Kind.MESSAGES])
    timeline.register("ticketing.tickets", _tickets, kinds=[Kind.TICKETS])
    timeline.register("ticketing.transfers", _transfers, kinds=[Kind.TICKETS])
    timeline.register("ticketing.exchanges", _exchanges, kinds=[Kind.TICKETS])
    timeline.register("ticketing.door", _door, kinds=[Kind.DOOR])
    timeline.register_numbers("tickets", _ticket_numbers)


def _ticket_numbers(order: Order) -> Iterator[str]:
    """Of those that were offered to somebody: only these are written about one by one."""
    offered = TicketTransfer.objects.filter(ticket__order=order).order_by()
    yield from offered.values_list("ticket__number", flat=True).distinct()


def _counter(asked: Asked) -> Iterator[Moment]:
    order = asked.order
    for sale in DoorSale.objects.filter(order=order).select_related("sold_by"):
        text = gettext("Sold at the box office, paid by {how}.")
        how = sale.get_method_display()
        yield Moment(sale.created_at, Kind.ORDER, text.format(how=how), str(sale.sold_by))
        for entry in entries_of(sale).filter(action="door_sale.sent"):
            sent = gettext("The tickets were sent from the counter.")
            yield Moment(entry.created_at, Kind.MESSAGES, sent, str(entry.actor or ""))
    for comp in Comp.objects.filter(order=order).select_related("given_by"):
        text = gettext("Given away: {reason}")
        yield Moment(comp.created_at, Kind.ORDER, text.format(reason=comp.reason), str(comp.given_by))


def _tickets(asked: Asked) -> Iterator[Moment]:
    """By the line and the moment, not by the ticket: a hundred are issued in one go."""
    per = ("ticket_type__name", "event__name")
    issued = asked.order.tickets.order_by().values("order_item_id", *per)
    for row in issued.annotate(count=Count("pk"), at=Min("created_at")):
        yield Moment(row["at"], Kind.TICKETS, _words(gettext("{count} × {type}, {event}: issued."), row))
    void = asked.order.tickets.filter(revoked_at__isnull=False).order_by()
    for row in void.values("revoked_at", *per).annotate(count=Count("pk")):
        yield Moment(row["revoked_at"], Kind.TICKETS, _words(gettext("{count} × {type}, {event}: void."), row))


def _words(text: str, row: dict) -> str:
    return text.format(count=row["count"], type=row["ticket_type__name"], event=row["event__name"])


def _transfers(asked: Asked) -> Iterator[Moment]:
    rows = TicketTransfer.objects.filter(ticket__order=asked.order)
    rows = rows.select_related("ticket__event", "offered_by", "accepted_by")
    for row in asked.take(rows, "created_at"):
        text = gettext("Ticket {ticket} offered to {to}.")
        who = str(row.offered_by or row.from_name)
        yield Moment(row.created_at, Kind.TICKETS, text.format(ticket=row.ticket, to=row.to), who, row)
        if row.decided_at:
            text = gettext("Offer of ticket {ticket} {status}.")
            told = text.format(ticket=row.ticket, status=words.within(row.status))
            yield Moment(row.decided_at, Kind.TICKETS, told, str(row.accepted_by or ""), row)


def _exchanges(asked: Asked) -> Iterator[Moment]:
    either = Q(old_order=asked.order) | Q(new_order=asked.order)
    rows = TicketExchange.objects.filter(either).select_related("old_order", "new_order", "asked_by", "refund")
    for row in asked.take(rows, "created_at"):
        text = gettext("Exchange of tickets of {old} for {new}: {status}; {back} was to go back.")
        told = text.format(
            old=row.old_order,
            new=row.new_order,
            status=words.within(row.status),
            back=show(row.expected_back, asked.order.currency),
        )
        other = row.new_order if row.old_order_id == asked.order.pk else row.old_order
        yield Moment(row.created_at, Kind.TICKETS, told, str(row.asked_by or ""), other)
        if row.refund is not None:
            done = gettext("Tickets of {old} exchanged for {new}.").format(old=row.old_order, new=row.new_order)
            yield Moment(row.refund.created_at, Kind.TICKETS, done, str(row.asked_by or ""), other)


def _door(asked: Asked) -> Iterator[Moment]:
    scans = Scan.objects.filter(ticket__order=asked.order).select_related("ticket", "scanned_by")
    for scan in asked.take(scans, "scanned_at"):
        gate = scan.gate or gettext("no gate named")
        text = _passage(scan)
        told = text.format(ticket=scan.ticket, gate=gate, reason=words.within(scan.reason))
        yield Moment(scan.scanned_at, Kind.DOOR, told, str(scan.scanned_by), scan)


def _passage(scan: Scan) -> str:
    if scan.method == Scan.Method.UNDO:
        return gettext("Check-in of ticket {ticket} undone ({gate}).")
    if scan.result == Scan.Result.REFUSED:
        return gettext("Ticket {ticket} refused ({gate}): {reason}.")
    if scan.direction == Scan.Direction.OUT:
        return gettext("Ticket {ticket} went out ({gate}).")
    return gettext("Ticket {ticket} let in ({gate}).")
