"""What came free is offered by itself."""

from __future__ import annotations

from ticketing.waitlist import offering
from trufan.lib import sweeps


def connect() -> None:
    """Once, when the app is ready."""
    sweeps.register("ticketing.waitlist", offering.sweep)
