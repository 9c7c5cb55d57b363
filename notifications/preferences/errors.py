"""What a person can't choose, and why."""

from __future__ import annotations

from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class AlwaysSent(Conflict):
    """Money, the account and cancellations are always told by e-mail."""

    code, message = "always_sent", _("These messages can't be switched off.")


class PhoneNotVerified(Conflict):
    """A number that may be somebody else's gets no short messages."""

    code, message = "phone_not_verified", _("Verify your phone number first.")
