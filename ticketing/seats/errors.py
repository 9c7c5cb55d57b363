"""What the seats of an event may answer instead of yes."""

from __future__ import annotations

from orders.errors import SoldOut
from trufan.lib.errors import Conflict, Missing
from trufan.lib.words import lazy as _


class SeatsUnavailable(SoldOut):
    """There are tickets left, and no seats among them as they were asked for: together, in that section."""

    code, message = "seats_unavailable", _("There are no such seats left.")


class SeatsCounted(Conflict):
    """The quantity of a ticket type with seats is the number of its seats."""

    code, message = "seats_counted", _("Its seats say how many there are. Block seats, or give it other ones.")


class StandingTicketsSold(Conflict):
    """A ticket type that was sold without seats keeps none back for those who bought."""

    code, message = "standing_tickets_sold", _("Tickets of this type were sold without a seat. Make another type.")


class NoSeating(Missing):
    message = _("This event has no numbered seats.")
