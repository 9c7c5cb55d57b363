"""What a worker of the API weighs after so many requests."""

from __future__ import annotations

from typing import Any

from benchmarks.bench.client import Plan
from benchmarks.bench.measuring import Bench
from benchmarks.bench.processes import memory_mb

STEPS = 10
#: What is asked, in turn: what reads, what writes, what refuses.
PATHS = ("events", "history", "sold-out", "scan-forged")


def run(bench: Bench, size: int, requests: int) -> list[dict[str, Any]]:
    """Megabytes of each worker before, and after each tenth of so many requests."""
    api, asked = bench.installation.apis[size], 0
    weights = [{"requests": 0, "workers": _weights(bench, size)}]
    for _ in range(STEPS):
        for name in PATHS:
            count = requests // STEPS // len(PATHS)
            script = bench.stages[size].script(name, count)
            plan = Plan(api.port, script.units, bench.clients, 3600, script.once, script.statuses, script.holds,
                        requests=count)  # fmt: skip
            asked += len(bench.client.run(plan).latencies)
        weights.append({"requests": asked, "workers": _weights(bench, size)})
    return weights


def _weights(bench: Bench, size: int) -> list[float]:
    return [round(memory_mb(pid), 1) for pid in bench.installation.apis[size].workers()]
