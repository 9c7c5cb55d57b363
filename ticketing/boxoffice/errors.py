"""What the box office may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _


class NotForTheCounter(Invalid):
    """A door sale is of tickets for its event, and of nothing else."""

    code, message = "not_for_the_counter", _("Only tickets for this event are sold here.")


class TooLittleTendered(Invalid):
    code, message = "too_little_tendered", _("This is less than what is to be paid.")


class HoldTooSmall(Conflict):
    """A house hold keeps fewer than are to be released or given."""

    code, message = "hold_too_small", _("This hold keeps fewer tickets.")


class AlreadyAddressed(Conflict):
    """The order names another address: who reads there has the tickets."""

    code, message = "already_addressed", _("These tickets were sent to another address already, and are that buyer's.")
