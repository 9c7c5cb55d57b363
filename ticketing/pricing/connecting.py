"""Where prices take part in a sale."""

from __future__ import annotations

from ticketing.pricing import fields


def connect() -> None:
    """Once, when the app is ready."""
    fields.connect()
