"""What handing on a ticket may be answered instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class TransferNotOffered(Conflict):
    """The event's policy does not allow it: not at all, not any more, or not once more."""

    code, message = "transfer_not_offered", _("Tickets of this event can't be handed on.")


class TicketNotTransferable(Conflict):
    """The ticket was used, refunded, disputed, or is on its way back."""

    code, message = "ticket_not_transferable", _("This ticket can't be handed on.")


class TransferOpen(Conflict):
    code, message = "transfer_open", _("This ticket is offered to somebody already. Take that back first.")


class TransferClosed(Conflict):
    """It was accepted, declined, taken back, or its time is over."""

    code, message = "transfer_closed", _("This offer is over.")


class AlreadyHeld(Conflict):
    code, message = "already_held", _("You hold this ticket already.")
