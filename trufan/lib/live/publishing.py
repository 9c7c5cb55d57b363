"""Telling of what happened: after the commit, from any thread, without waiting for anybody.

Messages are handed to one event loop and go out from there: the loop that serves sockets in this process, where there
is one, else one of our own in a thread, started when first needed and so after every fork. A process that nobody could
hear (no Redis, no sockets served here) sends nothing. What happens within a moment goes out as one message: a sale
tells two or three things, and to wake the thread and to send for each of them was a tenth of what the sale costs. While
Redis is gone messages are dropped: watchers are told to ask the API once it is back, so what is lost is only time.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

logger = structlog.get_logger("trufan.live")
#: The one group that every serving process joins.
GROUP = "live"
#: Messages that wait at most; beyond them the newest is dropped.
QUEUE = 2_000
SEND_SECONDS = 2.0
#: For how long what happens is gathered, and how much of it is one message.
GATHER_SECONDS, AT_ONCE = 0.02, 100
#: How long a layer that failed is left alone; also how often at most a loss is logged.
PAUSE_SECONDS = 5.0
#: How long a process that ends waits for what it has still to tell.
FLUSH_SECONDS = 1.0

Data = dict[str, Any] | Callable[[], dict[str, Any]]


def publish(topic: str, key: Any, event: str, data: Data | None = None) -> None:
    """Tell the watchers of `key` that `event` happened, once the caller's transaction is committed.

    `data` is small and names no person; a function is called at the commit. Costs no query, waits for nobody and never
    raises. Not sent when the transaction is rolled back.
    """
    transaction.on_commit(lambda: _tell(topic, key, event, data))


def _tell(topic: str, key: Any, event: str, data: Data | None) -> None:
    try:
        said = data() if callable(data) else data
        outbox.put({"topic": topic, "key": str(key), "event": event, "data": said or {}})
    except Exception:
        # What happened is committed; that nobody hears of it at once is no reason to say it had not.
        logger.exception("live.not_told", topic=topic, event=event)


class Outbox:
    """What this process has still to tell, and the loop that tells it."""

    _is_draining: bool
    _down_until: float
    _complained_at: float

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serving: asyncio.AbstractEventLoop | None = None
        self._forget()

    def serve_on(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Sockets are served on this loop from now on; None: no longer."""
        with self._lock:
            self._serving = loop

    def put(self, fact: dict[str, Any]) -> None:
        """Hand over what happened; dropped when nobody could hear it, or too much waits."""
        with self._lock:
            if self._pid != os.getpid():
                self._forget()
            loop = self._loop()
            if loop is None or time.monotonic() < self._down_until:
                return
            if len(self._waiting) >= QUEUE:
                self._complain("live.too_many_waiting", waiting=len(self._waiting))
                return
            self._waiting.append(fact)
            if self._is_draining:
                return
            self._is_draining = True
        try:
            loop.call_soon_threadsafe(self._start)
        except RuntimeError:  # the loop was closed between the two
            with self._lock:
                self._is_draining = False
                self._waiting.clear()

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until all is told, at most so long."""
        until = time.monotonic() + seconds
        while (self._is_draining or self._waiting) and time.monotonic() < until:
            time.sleep(0.01)

    def _forget(self) -> None:
        """A new process: neither the thread nor what waited was inherited."""
        self._pid = os.getpid()
        self._own: asyncio.AbstractEventLoop | None = None
        self._waiting: deque[dict[str, Any]] = deque()
        self._is_draining = False
        self._down_until = self._complained_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def _loop(self) -> asyncio.AbstractEventLoop | None:
        if self._serving is not None:
            return None if self._serving.is_closed() else self._serving
        if not settings.LIVE_ACROSS_PROCESSES:
            return None
        if self._own is None:
            self._own = asyncio.new_event_loop()
            threading.Thread(target=self._own.run_forever, name="live-outbox", daemon=True).start()
            atexit.register(self.flush)
        return self._own

    def _start(self) -> None:
        self._task = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        while True:
            await asyncio.sleep(GATHER_SECONDS)
            with self._lock:
                facts = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
                if not facts:
                    self._is_draining = False
                    return
            try:
                await asyncio.wait_for(send({"type": "live.facts", "facts": facts}), SEND_SECONDS)
            except Exception as failure:  # noqa: BLE001  whatever the layer raises, it is down
                with self._lock:
                    self._down_until = time.monotonic() + PAUSE_SECONDS
                    lost = len(self._waiting) + len(facts)
                    self._waiting.clear()
                    self._complain("live.layer_down", lost=lost, error=repr(failure))

    def _complain(self, what: str, **facts: Any) -> None:
        if time.monotonic() >= self._complained_at + PAUSE_SECONDS or not self._complained_at:
            self._complained_at = time.monotonic()
            logger.error(what, **facts)


async def send(message: dict[str, Any]) -> None:
    """Through the channel layer to every serving process. Raises what the layer raises."""
    await layer().group_send(GROUP, message)


def layer() -> Any:
    """The channel layer of the settings."""
    return get_channel_layer()


outbox = Outbox()
