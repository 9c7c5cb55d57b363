"""What can go wrong on the way to a person."""

from __future__ import annotations


class UnknownTemplate(LookupError):
    """There are no words for this message on this channel: a mistake in the code that sends it."""


class ChannelError(Exception):
    """The provider did not take a message. Whether to try again is a fact of the error.

    `permanent`: the same message will be refused again (no such address). Otherwise: unreachable, busy, too slow.
    The text may name the recipient, so it goes into the row and never into the log.
    """

    def __init__(self, message: str, *, permanent: bool) -> None:
        self.permanent = permanent
        super().__init__(message)
