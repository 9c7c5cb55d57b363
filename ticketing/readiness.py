"""What an event's tickets lack before they can be sold: see `events.readiness`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext, ngettext

from events.lacking import Lack, Place
from events.models import Event
from ticketing.models import EntrySlot, EventSeat, EventSeating, TicketType
from venues.models import SeatingPlan


def lacks(event: Event, now: datetime) -> list[Lack]:
    """Ticket types on sale, entry times where they need them, and seats where the house has numbered ones."""
    types = list(TicketType.objects.listed().filter(event=event).order_by("position", "name"))
    return [*_on_sale(event, types, now), *_slots(event, types, now), *_seats(event)]


def _on_sale(event: Event, types: Sequence[TicketType], now: datetime) -> Iterator[Lack]:
    selling = [kind for kind in types if kind.quantity]
    over = [kind for kind in selling if kind.sales_end is not None and kind.sales_end <= now]
    late = [kind for kind in selling if kind.sales_start is not None and kind.sales_start >= event.ends_at]
    if not selling:
        yield Lack("no_ticket_type", gettext("The event has no open ticket type to sell."), Place.TICKET_TYPES)
    elif len(over) == len(selling):
        message = gettext("The sale of every open ticket type is over.")
        yield Lack("sale_over", message, Place.TICKET_TYPES, row=over[0])
    elif len({*over, *late}) == len(selling):
        message = gettext("No open ticket type is on sale before the event is over.")
        yield Lack("sale_too_late", message, Place.TICKET_TYPES, row=late[0])
    else:
        for kind in over:
            message = gettext("The sale of {ticket_type} is over.").format(ticket_type=kind.name)
            yield Lack("type_sale_over", message, Place.TICKET_TYPES, blocks=False, row=kind)
        for kind in late:
            message = gettext("The sale of {ticket_type} begins after the event.").format(ticket_type=kind.name)
            yield Lack("type_sale_too_late", message, Place.TICKET_TYPES, blocks=False, row=kind)
    for kind in (each for each in types if not each.quantity):
        message = gettext("Of {ticket_type} none are for sale.").format(ticket_type=kind.name)
        yield Lack("type_without_stock", message, Place.TICKET_TYPES, blocks=False, row=kind)


def _slots(event: Event, types: Sequence[TicketType], now: datetime) -> Iterator[Lack]:
    timed = next((kind for kind in types if kind.needs_slot), None)
    if timed and not EntrySlot.objects.filter(event=event).open(now).exists():
        message = gettext("{ticket_type} is sold for an entry time, and there are none yet.")
        yield Lack("no_entry_times", message.format(ticket_type=timed.name), Place.SLOTS, blocks=False)


def _seats(event: Event) -> Iterator[Lack]:
    """A seated event sells each seat as some type; a house with plans is told when an event uses none of them."""
    if not EventSeating.objects.filter(event=event).exists():
        if SeatingPlan.objects.filter(venue=event.venue_id, is_active=True).exists():
            message = gettext("The event has no seating plan; it sells standing places.")
            yield Lack("no_seating_plan", message, Place.SEATING, blocks=False)
        return
    bare = EventSeat.objects.filter(event=event, ticket_type=None, status=EventSeat.Status.FREE).count()
    if bare:
        message = ngettext(
            "{count} seat has no ticket type, and is not sold.", "{count} seats have no ticket type, and are not sold.",
            bare,
        )  # fmt: skip
        yield Lack("seats_without_type", message.format(count=bare), Place.SEATING, blocks=False)
