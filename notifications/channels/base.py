"""What a channel is: something that takes a recipient and words, and says under which name the provider took them."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from notifications.templating import Words


class Channel(Protocol):
    def send(self, notification_id: UUID, recipient: str, words: Words) -> str:
        """Hand the message over, within seconds, and return the provider's id for it (at most 120 characters).

        `notification_id` is the same at every attempt, so that a provider can tell a repetition. Called outside
        any transaction. Raises `ChannelError` and nothing else for what a provider or network may do.
        """
        ...
