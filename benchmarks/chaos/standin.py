"""The payment stand-in as a process of its own, which fails at random and loses, doubles and delays its webhooks.

    python -m benchmarks.chaos.standin WEBHOOK_URL SEED

Prints its address. `GET /_books` answers what it charged and sent back; `POST /_calm` ends all failing, `POST /_rage`
begins it.
"""

from __future__ import annotations

import heapq
import random
import sys
import time
from typing import Any

import requests

from payments.tests.stripe_standin import StripeStandIn

#: How many requests of a hundred go wrong, and how.
FAILING = 12
FAULTS = ["drop", "hang", "500", "500 after the work", "429", "drop before the work"]


class Raging(StripeStandIn):
    """Rages when told to; everything it knows may be asked for."""

    def __init__(self, webhook_url: str, seed: str) -> None:
        super().__init__()
        self.webhook_url, self.random, self.is_raging = webhook_url, random.Random(seed), False
        self.hang_seconds = 6.0
        self.told: dict[str, int] = dict.fromkeys(("sent", "lost", "twice", "late", "retried"), 0)

    def answer(self, method: str, path: str, params: dict[str, Any], headers: Any) -> tuple[Any, str]:
        if path == "/_books":
            with self.lock:
                book = self.book
                return (200, {"intents": [*book.intents.values()], "charges": [*book.charges.values()],
                              "refunds": [*book.refunds.values()], "webhooks": self.told}, {}), ""  # fmt: skip
        if path in ("/_calm", "/_rage"):
            self.is_raging = path == "/_rage"
            return (200, {}, {}), ""
        with self.lock:
            if self.is_raging and not self.faults and self.random.randrange(100) < FAILING:
                self.faults.append((self.random.choice(FAULTS), ""))
        return super().answer(method, path, params, headers)

    def deliver(self) -> None:
        """Hand out each event: soon, late, twice or not at all; again while nobody takes it, as Stripe does."""
        seen, due = 0, []
        while True:
            with self.lock:
                fresh, seen = self.book.events[seen:], len(self.book.events)
            for event in fresh:
                due.extend((time.monotonic() + wait, self.random.random(), 0, event) for wait in self._waits())
            heapq.heapify(due)
            while due and (due[0][0] <= time.monotonic()):
                _, order, tries, event = heapq.heappop(due)
                if not self._taken(event) and tries < 8:
                    self.told["retried"] += 1
                    heapq.heappush(due, (time.monotonic() + 2**tries / 2, order, tries + 1, event))
            time.sleep(0.05)

    def _waits(self) -> list[float]:
        """When a new event is sent; none: never."""
        chance = self.random.randrange(100) if self.is_raging else 99
        kind, waits = ("lost", []) if chance < 15 else ("twice", [0.0, self.random.uniform(0, 5)])
        if chance >= 45:
            kind, waits = "sent", [0.0]
        elif chance >= 30:
            kind, waits = "late", [self.random.uniform(2, 15)]
        self.told[kind] += 1
        return waits

    def _taken(self, event: dict[str, Any]) -> bool:
        raw, headers = self.signed(event)
        try:
            sent = requests.post(
                self.webhook_url, raw, headers={**headers, "Content-Type": "application/json"}, timeout=10
            )
        except requests.RequestException:
            return False
        return sent.ok


if __name__ == "__main__":
    with Raging(sys.argv[1], sys.argv[2]) as raging:
        print(raging.url, flush=True)
        raging.deliver()
