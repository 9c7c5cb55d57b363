"""Finding somebody's ticket at the door: by what they say, from its beginning."""

from __future__ import annotations

from events.models import Event
from ticketing.models import Ticket
from ticketing.querysets import TicketQuerySet

#: Fewer letters find half the house.
LEAST, MOST = 2, 100


def find(event: Event, words: str) -> TicketQuerySet:
    """The event's tickets whose holder's name (from its first or its second word), ticket number or order number begins
    with the words, or, with an `@` in them, the address of whoever holds or bought it. By name.

    Numbers may be read out in any way: their alphabet has no I, L or O. Each way is looked up in an index of its own.
    """
    own: TicketQuerySet = Ticket.objects.filter(event=event).order_by()
    said = " ".join(words.split())
    if "@" in said:
        ways = [own.filter(order__contact_email__istartswith=said), own.filter(holder__email__startswith=said.lower())]
    else:
        number = said.upper().translate(str.maketrans("ILO", "110"))
        ways = [
            own.filter(holder_key__startswith=said.lower()),
            own.filter(surname_key__startswith=said.lower()),
            own.filter(number__startswith=number),
            own.filter(order__number__startswith=number),
        ]
    first, *others = [way.values("pk") for way in ways]
    found: TicketQuerySet = Ticket.objects.with_event().filter(pk__in=first.union(*others))
    return found.order_by("holder_name", "number")
