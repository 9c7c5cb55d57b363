"""What ticketing may answer instead of yes."""

from orders.errors import QuantityTooSmall as QuantityTooSmall
from orders.errors import SoldOut
from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class CapacityExceeded(Conflict):
    """The ticket types of an event may not sell more than it has room for."""

    code, message = "capacity_exceeded", _("The event has no room for that many tickets.")


class NameTaken(Conflict):
    code, message = "name_taken", _("The event already has a ticket type of this name.")


class TicketTypeInUse(Conflict):
    code, message = "ticket_type_in_use", _("Somebody ordered this ticket type; hide it instead.")


class TicketRefunded(Conflict):
    code, message = "ticket_refunded", _("This ticket was refunded.")


class TicketUsed(Conflict):
    code, message = "ticket_used", _("This ticket was used. Ask the venue.")


class SeatTaken(SoldOut):
    code, message = "seat_taken", _("Another ticket has this seat.")


class NonceReused(Invalid):
    code, message = "nonce_reused", _("This nonce was used for another code.")


class NotAdmitted(Conflict):
    """A person cannot be let in by hand; the one detail's code is a reason of a scan."""

    code, message = "not_admitted", _("This ticket does not admit anyone.")


class ReasonNeeded(Invalid):
    code, message = "reason_needed", _("Say why.")
