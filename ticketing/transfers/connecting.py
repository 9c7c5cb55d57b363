"""Offers end by themselves."""

from __future__ import annotations

from ticketing.transfers import answering
from trufan.lib import sweeps


def connect() -> None:
    """Once, when the app is ready."""
    sweeps.register("ticketing.transfers", answering.expire_due)
