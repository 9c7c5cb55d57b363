"""What can go wrong on the way to a person."""

from __future__ import annotations

from trufan.lib.errors import Malformed
from trufan.lib.words import lazy as _


class UnknownTemplate(LookupError):
    """There are no words for this message on this channel: a mistake in the code that sends it."""


class ChannelError(Exception):
    """The provider did not take a message. Whether to try again is a fact of the error.

    `permanent`: the same message will be refused again (no such address). Otherwise: unreachable, busy, too slow.
    `unclear`: the provider may have taken it all the same; the text says so, and the next attempt can see it there.
    The text may name the recipient, so it goes into the row and never into the log.
    """

    #: How such a text begins.
    UNCLEAR = "It is not known whether it was taken"

    def __init__(self, message: str, *, permanent: bool, unclear: bool = False) -> None:
        self.permanent = permanent
        super().__init__(f"{self.UNCLEAR}: {message}" if unclear else message)

    @classmethod
    def was_unclear(cls, error: str) -> bool:
        """Whether the last attempt, by what the row says of it, may have reached somebody."""
        return error.startswith(cls.UNCLEAR)


class NotTheProvider(Malformed):
    """Who reports on our messages does not show that they are the provider."""

    code, message = "bad_signature", _("The signature does not match.")


class UnreadableReport(Malformed):
    code, message = "bad_webhook", _("This webhook can't be read.")
