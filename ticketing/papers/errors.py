"""Refusals of tickets to hold."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class NotConfigured(Conflict):
    """The platform has no keys that this kind of pass is signed with."""

    code, message = (
        "wallet_not_configured",
        _("Passes for this wallet are not set up here. Use the PDF or the QR code."),
    )


class NothingToHold(Conflict):
    """The ticket admits nobody (any more): refunded, used, on its way back, or its event is off."""

    code, message = "nothing_to_hold", _("This ticket admits nobody, so there is nothing to keep of it.")


class CodeRotates(Conflict):
    """Its code changes while it is shown; what is kept would not open the door."""

    code, message = "code_rotates", _("The code of this ticket changes while it is shown. Show it in the app.")
