"""The on-sale: so many buyers want one ticket type at once, until it is gone and each has been told so."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.bench.client import Plan
from benchmarks.bench.measuring import Bench
from benchmarks.bench.processes import load_average
from benchmarks.bench.stage import Script

#: How many tickets there are; each buyer asks over and over, so that many times more are refused.
TICKETS = 400
SECONDS = 20


def run(bench: Bench, size: int, crowd: int) -> dict[str, Any]:
    """Sell them out to `crowd` connections. Raises `RuntimeError` where the number sold is not the number there was."""
    script: Script = bench.stages[size].script("on-sale", TICKETS)
    api = bench.installation.apis[size]
    before = bench.installation.cpu(size)
    plan = Plan(api.port, script.units, crowd, SECONDS, statuses=(201, 409), requests=TICKETS + 4 * crowd)
    outcome = bench.client.run(plan)
    spent = {kind: value - before[kind] for kind, value in bench.installation.cpu(size).items()}
    sold = [at for at, status in outcome.ended if status == 201]
    if len(sold) != TICKETS:
        raise RuntimeError(f"{len(sold)} sold of {TICKETS}")
    refused = [took for took, (_, status) in zip(outcome.latencies, outcome.ended, strict=True) if status == 409]
    cuts = statistics.quantiles(refused, n=100, method="inclusive")
    return {
        "crowd": crowd, "tickets": TICKETS, "sold": len(sold), "gone_after": max(sold), "rate": TICKETS / max(sold),
        "refused": len(refused), "refusal_p50": cuts[49], "refusal_p99": cuts[98], "refusal_max": max(refused),
        "cpu": sum(spent.values()) / len(outcome.latencies), "client_share": outcome.cpu_ms / 1000 / outcome.seconds,
        "load": load_average(),
    }  # fmt: skip
