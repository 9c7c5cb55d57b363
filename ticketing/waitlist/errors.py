"""What the waiting list may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class NotSoldOut(Conflict):
    """There is nothing to wait for: the tickets are on sale."""

    code, message = "not_sold_out", _("These tickets are not sold out. Buy them.")


class AlreadyWaiting(Conflict):
    code, message = "already_waiting", _("You are on this waiting list already.")


class NotWaiting(Conflict):
    """It was your turn already, you left, or the sale is over."""

    code, message = "not_waiting", _("You are not in this line any more.")
