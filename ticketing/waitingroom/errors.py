"""What the waiting room may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class WaitingRoomNotOpen(Conflict):
    """It is too early to come; the message says when it opens."""

    code, message = "waiting_room_not_open", _("The waiting room is not open yet.")


class WaitingRoomClosed(Conflict):
    """There is none (any more): tickets are bought without a pass."""

    code, message = "waiting_room_closed", _("There is no waiting room for this event. Buy at once.")


class PassNeeded(Conflict):
    """Tickets of this event are sold to those whom its waiting room let in."""

    code, message = "waiting_room", _("There is a waiting room for this event, and it has not let you in.")


class PassUsed(Conflict):
    code, message = "waiting_room_pass_used", _("This pass was used for as many orders as it is good for.")


class ProofRefused(Invalid):
    """The riddle was not solved, or not this one."""

    code, message = "proof_of_work", _("Solve a fresh challenge, and send it with its solution.")


class PlaceEnded(Conflict):
    code, message = "place_ended", _("This place in the line has ended.")
