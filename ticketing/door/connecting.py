"""Screens at the door follow what happens there."""

from __future__ import annotations

from ticketing.door import live


def connect() -> None:
    """Once, when the app is ready."""
    live.connect()
