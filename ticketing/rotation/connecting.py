"""Scanners without a network check codes that rotate."""

from __future__ import annotations

from ticketing.manifest import parts
from ticketing.rotation import manifest_part


def connect() -> None:
    """Once, when the app is ready."""
    parts.add(manifest_part.NAME, manifest_part.part)
