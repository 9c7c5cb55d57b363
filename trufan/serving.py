"""What an asynchronous server process does beside answering: sockets, and on a laptop the sweeps."""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from trufan.lib import correlation, sweeps
from trufan.lib.live import hub
from trufan.lib.live.socket import application as sockets

__all__ = ["lifespan", "sockets"]


async def lifespan(receive: Any, send: Any) -> None:
    """From the start of the server to its end: listen, and sweep where `SWEEP_IN_PROCESS` says so."""
    await receive()  # lifespan.startup
    hub.here()
    over = threading.Event()
    if settings.SWEEP_IN_PROCESS:
        threading.Thread(target=sweep_until, args=(over, settings.SWEEP_SECONDS), name="sweeps", daemon=True).start()
    await send({"type": "lifespan.startup.complete"})
    await receive()  # lifespan.shutdown
    over.set()
    await hub.close()
    await send({"type": "lifespan.shutdown.complete"})


def sweep_until(over: threading.Event, every: float) -> None:
    """Run all sweeps every so many seconds until `over` is set."""
    while not over.wait(every):
        correlation.begin()
        close_old_connections()
        sweeps.run_all(timezone.now())
        close_old_connections()
