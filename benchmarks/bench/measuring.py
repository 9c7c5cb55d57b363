"""One run of one path: rate, latencies, CPU by kind of process, queries."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import Any

import requests

from benchmarks.bench.client import Client, Outcome, Plan
from benchmarks.bench.installation import HOST, Installation
from benchmarks.bench.paths import PATHS
from benchmarks.bench.processes import load_average
from benchmarks.bench.stage import Script, Stage

#: Units before a run that are not measured: connections open, caches fill.
WARM = 40
_HEADERS = {"Host": HOST, "X-Forwarded-Proto": "https"}


class Bench:
    """The installation, a stage for each size, and the client."""

    def __init__(self, installation: Installation, stages: dict[int, Stage], client: Client, clients: int) -> None:
        self.installation, self.stages, self.client, self.clients = installation, stages, client, clients

    def measure(self, name: str, size: int, seconds: float) -> dict[str, Any]:
        """Raises `RuntimeError` when an answer is not what the path's should be."""
        api, path = self.installation.apis[size], PATHS[name]
        script = self._with_tags(self.stages[size].script(name, WARM + int(path.most * seconds)), api.port)
        warm, rest = (script.units[:WARM], script.units[WARM:]) if script.once else (script.units, script.units)
        plan = Plan(api.port, warm, self.clients, seconds, script.once, script.statuses, script.holds, requests=WARM)
        self.client.run(plan)
        made, before = api.queries(), self.installation.cpu(size)
        outcome = self.client.run(replace(plan, units=rest, requests=0))
        after = self.installation.cpu(size)
        return _figures(outcome, before, after, api.queries() - made)

    def _with_tags(self, script: Script, port: int) -> Script:
        if not script.tag_of:
            return script
        answer = requests.get(f"http://127.0.0.1:{port}{script.tag_of}", headers=_HEADERS, timeout=60)
        tag = answer.headers.get("ETag", '"none"').encode()
        return replace(script, units=[replace(unit, first=unit.first.replace(b"@TAG@", tag)) for unit in script.units])


def _figures(outcome: Outcome, before: dict[str, float], after: dict[str, float], queries: float) -> dict[str, Any]:
    done = len(outcome.latencies)
    if done < 2:
        raise RuntimeError("fewer than two requests were answered: give the run more seconds")
    spent = {kind: (after[kind] - before[kind]) / done for kind in after}
    cuts = statistics.quantiles(outcome.latencies, n=100, method="inclusive")
    return {
        "rate": done / outcome.seconds,
        "done": done,
        "p50": cuts[49],
        "p95": cuts[94],
        "p99": cuts[98],
        "queries": queries / done,
        **spent,
        "cpu": sum(spent.values()),
        "client": outcome.cpu_ms / done,
        "client_share": outcome.cpu_ms / 1000 / outcome.seconds,
        "load": load_average(),
        "reconnected": outcome.reconnected,
        "statuses": outcome.statuses,
    }
