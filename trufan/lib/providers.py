"""Calls to those outside: how long they take and how they end, measured and traced in one way.

    with providers.calling("stripe", "charge", refused=(CardError,)) as call:
        ...

What a provider refuses is an answer; no answer, or one that makes no sense, is a failure. Only failures say that
something is wrong with the provider or the way there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from trufan.lib import measures, tracing

OK, REFUSED, FAILED = "ok", "refused", "failed"


@dataclass
class Call:
    """One call. Whoever sees a bad answer without an exception says so here."""

    outcome: str = OK
    kind: str = ""

    def ended(self, outcome: str, kind: str) -> None:
        """`kind`: one of few words, such as a status."""
        self.outcome, self.kind = outcome, kind

    def answered(self, status: int) -> None:
        """An answer by HTTP: from 500 on it is a failure, from 400 on a refusal."""
        if status >= 400:
            self.ended(FAILED if status >= 500 or status == 429 else REFUSED, f"http_{status // 100}xx")


def never(problem: Exception) -> bool:
    """No exception is a refusal."""
    return False


@contextmanager
def calling(provider: str, operation: str, *, refusal: Callable[[Exception], bool] = never) -> Iterator[Call]:
    """Around one call. `refusal(exception)`: whether the provider answered, and the answer is no."""
    call = Call()
    started = time.perf_counter()
    with tracing.span(f"{provider} {operation}", kind="client", provider=provider):
        try:
            yield call
        except Exception as problem:
            call.ended(REFUSED if refusal(problem) else FAILED, type(problem).__name__)
            raise
        finally:
            measures.PROVIDER_SECONDS.labels(provider, call.outcome).observe(time.perf_counter() - started)
            if call.outcome != OK:
                measures.PROVIDER_FAILURES.labels(provider, call.kind).inc()
