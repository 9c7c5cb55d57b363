"""Real threads that start together, each with its own connection to the database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from trufan.lib.errors import DomainError


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What `act` returned, or how it refused, in each of so many threads that start together."""
    start = Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        try:
            return act(number)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
