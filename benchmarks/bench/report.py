"""Medians and their spread; the table, the picture and the file."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.bench.drawing import bars
from benchmarks.bench.installation import ROOT, THREADS, WORKERS
from benchmarks.bench.paths import PATHS

DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_FIGURES = ("rate", "cpu", "api", "postgresql", "redis", "queries", "p50", "p95", "p99", "client_share", "load")


def machine() -> dict[str, Any]:
    """What it ran on and with."""
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    said = {
        "postgresql": ["psql", "--version"],
        "redis": ["redis-server", "--version"],
        "git": ["git", "rev-parse", "--short", "HEAD"],
    }
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": os.cpu_count(),
        "processor": model[0] if model else platform.machine(),
        "python": platform.python_version(),
        **{
            name: subprocess.run(how, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()
            for name, how in said.items()
        },
        **{name: version(name) for name in ("django", "djangorestframework", "psycopg", "gunicorn")},
        "workers": WORKERS,
        "threads": THREADS,
    }


def medians(results: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each path and size: the median of each figure over the rounds, and the quartiles of the rate."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for run in results["runs"]:
        found.setdefault((run["path"], run["size"]), []).append(run)
    rows = []
    for (path, size), runs in found.items():
        row: dict[str, Any] = {"path": path, "size": size}
        row |= {name: statistics.median(run[name] for run in runs) for name in _FIGURES}
        row["rate_iqr"], row["cpu_iqr"] = _iqr(runs, "rate"), _iqr(runs, "cpu")
        rows.append(row)
    return rows


def _iqr(runs: list[dict[str, Any]], name: str) -> float:
    values = [run[name] for run in runs]
    if len(values) < 2:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return high - low


def sql_floors(results: dict[str, Any]) -> dict[str, dict[str, float]]:
    """The medians of pgbench's figures, by script."""
    found: dict[str, list[dict[str, Any]]] = {}
    for run in results["floors"]:
        found.setdefault(run["floor"], []).append(run)
    return {
        name: {key: statistics.median(run[key] for run in runs) for key in ("rate", "postgresql")}
        for name, runs in found.items()
    }


def table(results: dict[str, Any]) -> str:
    """All of it in Markdown."""
    rows, sql = medians(results), sql_floors(results)
    floor = {row["size"]: row["rate"] for row in rows if row["path"] == "floor"}
    lines = [_about(results), "", "| path | sold | a second (IQR) | of HTTP floor | of SQL floor | CPU-ms (IQR) | API | PostgreSQL"
             " | Redis | queries | p50 / p95 / p99 ms |", "|---|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        against = PATHS[row["path"]].sql
        share = f"{row['rate'] / sql[against]['rate']:.0%}" if against else ""
        lines.append(
            f"| {PATHS[row['path']].about} (`{row['path']}`) | {row['size']:,} | {row['rate']:.0f} ({row['rate_iqr']:.0f})"
            f" | {row['rate'] / floor[row['size']]:.0%} | {share} | {row['cpu']:.2f} ({row['cpu_iqr']:.2f}) | {row['api']:.2f}"
            f" | {row['postgresql']:.2f} | {row['redis']:.2f} | {row['queries']:.1f}"
            f" | {row['p50']:.0f} / {row['p95']:.0f} / {row['p99']:.0f} |"
        )
    return "\n".join([*lines, *_floors(sql), *_on_sale(results), *_memory(results)])


def _about(results: dict[str, Any]) -> str:
    box, asked, rows = results["machine"], results["asked"], medians(results)
    return (
        f"{box['when']}, {box['git']}: {box['cores']} cores of {box['processor']}, {box['postgresql']}, "
        f"{box['redis'].partition(' sha')[0]}, Python {box['python']}, Django {box['django']}, gunicorn {box['gunicorn']} "
        f"({box['workers']} workers of {box['threads']} threads). {asked['rounds']} rounds of {asked['seconds']:g} s, "
        f"{asked['clients']} connections. The client took at most {max(row['client_share'] for row in rows):.0%} of one "
        f"core; the load average was {min(row['load'] for row in rows):.1f} to {max(row['load'] for row in rows):.1f}."
    )


def _floors(sql: dict[str, dict[str, float]]) -> list[str]:
    lines = ["", "| floor of SQL (pgbench, prepared) | a second | CPU-ms of PostgreSQL |", "|---|---|---|"]
    return [*lines, *(f"| {name} | {it['rate']:.0f} | {it['postgresql']:.3f} |" for name, it in sql.items())]


def _on_sale(results: dict[str, Any]) -> list[str]:
    if "on_sale" not in results:
        return []
    lines = ["", "| on-sale: buyers | tickets sold | gone after s | a second | refused | refusals p50 / p99 / slowest ms |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    return [
        *lines,
        *(
            f"| {it['crowd']} | {it['sold']} of {it['tickets']} | {it['gone_after']:.1f} | {it['rate']:.0f} | {it['refused']}"
            f" | {it['refusal_p50']:.0f} / {it['refusal_p99']:.0f} / {it['refusal_max']:.0f} |"
            for it in results["on_sale"]
        ),
    ]


def _memory(results: dict[str, Any]) -> list[str]:
    if "memory" not in results:
        return []
    lines = ["", "| requests | MB of each worker |", "|---|---|"]
    return [
        *lines,
        *(f"| {it['requests']:,} | {', '.join(f'{mb:.0f}' for mb in it['workers'])} |" for it in results["memory"]),
    ]


def save(results: dict[str, Any], path: Path) -> None:
    """As JSON: every run, and the medians."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**results, "medians": medians(results)}, indent=1, default=str) + "\n")


def into_document(results: dict[str, Any]) -> None:
    """Put table and picture where the document has room for them. Raises `ValueError` where it has none."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{DOCUMENT} lacks {BEGIN} or {END}")
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}")
    rows = [row for row in medians(results) if row["size"] == results["asked"]["sizes"][-1]]
    PICTURE.write_text(
        bars([(PATHS[row["path"]].about, [row["api"], row["postgresql"], row["redis"]]) for row in rows])
    )
