"""Nudges of a serving process that go to the broker together: telling a worker of ten things costs little more than of
one, and of one it costs a tenth of an order.

A process says that it serves (`begin`); elsewhere, and where traces are on, each goes by itself. What still waits when
a process is killed is found by the next sweep, as every nudge that is lost.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings

from trufan.lib import correlation, nudging, tracing

#: How long the first of them waits for others.
SECONDS = 0.1
#: No more in one task: it does them one after the other, and other workers may be idle.
MOST = 10
#: How many may wait for a broker that does not answer; what comes beyond them is left to the sweeps.
WAITING = 10_000
#: How long a process that ends waits for the broker.
END_SECONDS = 5.0

#: `[thing, correlation id]`
_Told = list[str]


class Gathering:
    """One thread, and what it has still to tell."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[Any, _Told] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
        self._thread.start()

    def put(self, task: Any, told: _Told) -> None:
        if self._waiting.qsize() < WAITING:
            self._waiting.put((task, told))

    def end(self) -> None:
        """Tell what waits, and no more."""
        self._waiting.put(None)
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            time.sleep(SECONDS)
            together, goes_on = self._with_others(first)
            for task, told in together.items():
                for start in range(0, len(told), MOST):
                    nudging.nudge(task, told[start : start + MOST])
            if not goes_on:
                return

    def _with_others(self, first: tuple[Any, _Told]) -> tuple[dict[Any, list[_Told]], bool]:
        together: dict[Any, list[_Told]] = defaultdict(list)
        each: tuple[Any, _Told] | None = first
        while each is not None:
            together[each[0]].append(each[1])
            try:
                each = self._waiting.get_nowait()
            except Empty:
                return together, True
        return together, False


_gathering: Gathering | None = None


def begin() -> None:
    """From now on this process serves many at once. Without a broker what it asks for runs in the request itself."""
    global _gathering
    _gathering = None if tracing.is_on() or settings.CELERY_TASK_ALWAYS_EAGER else Gathering()


def end() -> None:
    """Tell what waits; what comes then goes by itself."""
    global _gathering
    if (ending := _gathering) is not None:
        _gathering = None
        ending.end()


def nudge(one: Any, many: Any, thing: str) -> None:
    """Ask a worker to run the task `one` for a thing, or `many` for it and others, `[[thing, correlation id], …]`.

    Never raises.
    """
    if (gathering := _gathering) is None:
        nudging.nudge(one, thing)
    else:
        gathering.put(many, [thing, correlation.current().correlation_id])
