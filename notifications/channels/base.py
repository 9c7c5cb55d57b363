"""What a channel is: something that takes a recipient and words, and says under which name the provider took them."""

from __future__ import annotations

from typing import Protocol

from notifications.models import Notification
from notifications.templating import Words


class Channel(Protocol):
    def send(self, row: Notification, words: Words) -> str:
        """Hand the message to `row.recipient`, within seconds; the provider's id for it (at most 120 characters).

        `row.pk` is the same at every attempt, so that a provider can tell a repetition. Called outside any transaction;
        what a channel sets on the row (`segments`) is saved by `delivery`. Raises `ChannelError` and nothing else
        for what a provider or network may do.
        """
        ...
