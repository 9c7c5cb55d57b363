"""Refusals of call-offs."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class AlreadyCalledOff(Conflict):
    """The event's orders are being refunded, or were; what failed is retried."""

    code, message = "already_called_off", _("The orders of this event are refunded already.")


class NothingToRetry(Conflict):
    code, message = "nothing_to_retry", _("None of these refunds failed.")
