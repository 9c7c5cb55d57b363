"""Papers that go along with a confirmation."""

from __future__ import annotations

from notifications import attachments
from ticketing.papers import calendar, tickets


def connect() -> None:
    """Once, when the app is ready."""
    attachments.register("calendar", calendar.make)
    attachments.register("tickets", tickets.make)
