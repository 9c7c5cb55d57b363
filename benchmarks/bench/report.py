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
from benchmarks.bench.installation import ROOT, Model
from benchmarks.bench.paths import PATHS

DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_FIGURES = ("rate", "cpu", "api", "postgresql", "redis", "queries", "p50", "p95", "p99", "client_share", "load")


def machine(model: Model) -> dict[str, Any]:
    """What it ran on and with."""
    processor = [
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
        "processor": processor[0] if processor else platform.machine(),
        "python": platform.python_version(),
        **{
            name: subprocess.run(how, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()
            for name, how in said.items()
        },
        **{name: version(name) for name in ("django", "djangorestframework", "psycopg", "gunicorn")},
        "workers": model.workers,
        "threads": model.threads,
        "worker_class": model.kind,
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
    parts = [_about(results), _paths(results), _floors(sql_floors(results))]
    parts += [make(results[name]) for name, make in _MORE.items() if name in results]
    return "\n\n".join(parts)


def _table(heads: str, rows: list[str]) -> str:
    return "\n".join([heads, "|---" * (heads.count("|") - 1) + "|", *rows])


def _about(results: dict[str, Any]) -> str:
    box, asked, rows = results["machine"], results["asked"], medians(results)
    loads = [row["load"] for row in rows]
    return (
        f"{box['when']}, {box['git']}: {box['cores']} cores of {box['processor']}, {box['postgresql']}, "
        f"{box['redis'].partition(' sha')[0]}, Python {box['python']}, Django {box['django']}, gunicorn "
        f"{box['gunicorn']} ({box['workers']} {box['worker_class']} workers of {box['threads']} threads). "
        f"{asked['rounds']} rounds of "
        f"{asked['seconds']:g} s, {asked['clients']} connections. The client took at most "
        f"{max(row['client_share'] for row in rows):.0%} of one core; the load average was {min(loads):.1f} to "
        f"{max(loads):.1f}."
    )


def _paths(results: dict[str, Any]) -> str:
    rows, sql = medians(results), sql_floors(results)
    floors = {row["size"]: row["rate"] for row in rows if row["path"] == "floor"}
    heads = (
        "| path | sold | a second (IQR) | of HTTP floor | of SQL floor | CPU-ms (IQR) | API | PostgreSQL | Redis"
        " | queries | p50 / p95 / p99 ms |"
    )
    return _table(heads, [_path(row, floors[row["size"]], sql) for row in rows])


def _path(row: dict[str, Any], floor: float, sql: dict[str, dict[str, float]]) -> str:
    path = PATHS[row["path"]]
    cells = [
        f"{path.about} (`{row['path']}`)",
        f"{row['size']:,}",
        f"{row['rate']:.0f} ({row['rate_iqr']:.0f})",
        f"{row['rate'] / floor:.0%}",
        f"{row['rate'] / sql[path.sql]['rate']:.0%}" if path.sql else "",
        f"{row['cpu']:.2f} ({row['cpu_iqr']:.2f})",
        *(f"{row[kind]:.2f}" for kind in ("api", "postgresql", "redis")),
        f"{row['queries']:.1f}",
        f"{row['p50']:.0f} / {row['p95']:.0f} / {row['p99']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _floors(sql: dict[str, dict[str, float]]) -> str:
    rows = [f"| {name} | {it['rate']:.0f} | {it['postgresql']:.3f} |" for name, it in sql.items()]
    return _table("| floor of SQL (pgbench, prepared) | a second | CPU-ms of PostgreSQL |", rows)


def _on_sale(runs: list[dict[str, Any]]) -> str:
    rows = [
        f"| {it['crowd']} | {it['sold']} of {it['tickets']} | {it['gone_after']:.1f} | {it['rate']:.0f}"
        f" | {it['refused']} | {it['refusal_p50']:.0f} / {it['refusal_p99']:.0f} / {it['refusal_max']:.0f} |"
        for it in runs
    ]
    heads = "| on-sale: buyers | sold | gone after s | a second | refused | refusals p50 / p99 / slowest ms |"
    return _table(heads, rows)


def _memory(weights: list[dict[str, Any]]) -> str:
    rows = [f"| {it['requests']:,} | {', '.join(f'{mb:.0f}' for mb in it['workers'])} |" for it in weights]
    return _table("| requests | MB of each worker |", rows)


def _profiles(profiles: dict[str, dict[str, Any]]) -> str:
    rows = []
    for name, it in profiles.items():
        parts = "; ".join(f"{part} {ms:.2f}" for part, ms in it["what"].items() if ms >= it["cpu_ms"] / 100)
        rows.append(f"| `{name}` | {it['cpu_ms']:.2f} | {it['sql_ms']:.2f} | {len(it['queries'])} | {parts} |")
    heads = "| profile, in process | CPU-ms | ms in SQL, by the clock | queries | CPU-ms by part |"
    return _table(heads, rows)


_MORE = {"on_sale": _on_sale, "memory": _memory, "profiles": _profiles}


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
