"""What the scanner page needs of the manifest besides."""

from __future__ import annotations

from ticketing.scanner import places


def connect() -> None:
    """Once, when the app is ready."""
    places.register()
