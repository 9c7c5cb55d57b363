"""`make bench PATHS="order scan" SIZES="1000 1000000" ROUNDS=3 SECONDS=3`: measure, and write it down."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bench import memory, on_sale, report
from benchmarks.bench.client import Client
from benchmarks.bench.floors import SCRIPTS, Floors
from benchmarks.bench.installation import ROOT, Installation, Model
from benchmarks.bench.measuring import Bench
from benchmarks.bench.paths import PATHS
from benchmarks.bench.stage import Stage
from trufan.tests.parts import missing, program

SPECIAL = ("on-sale", "memory")
KEPT = ROOT / "benchmarks" / "results" / "bench.json"


def main() -> None:
    """Build everything, go round by round through all paths and sizes, and report."""
    asked = _arguments()
    if lacking := missing():
        sys.exit(f"These programs are needed: {', '.join(lacking)}.")
    model = Model(asked.workers, asked.threads, asked.worker_class)
    with _running(asked, model) as bench:
        results: dict[str, Any] = {"asked": vars(asked), "machine": report.machine(model), "runs": [], "floors": []}
        floors = Floors(bench.installation)
        for number in range(1, asked.rounds + 1):
            for name in SCRIPTS:
                figures = floors.measure(name, asked.clients, asked.seconds)
                results["floors"].append({"floor": name, "round": number, **figures})
            for name in ["floor", *(path for path in asked.paths if path in PATHS and path != "floor")]:
                for size in asked.sizes:
                    figures = bench.measure(name, size, asked.seconds)
                    results["runs"].append({"path": name, "size": size, "round": number, **figures})
                    _say(f"{number} {name:<16}{size:>9,} {figures['rate']:>8.1f}/s {figures['cpu']:>7.2f} CPU-ms"
                         f" {figures['queries']:>5.1f} queries  p99 {figures['p99']:.0f} ms")  # fmt: skip
        if asked.profile:
            stage = bench.stages[asked.sizes[-1]]
            results["profiles"] = {name: stage.profile(name, 400) for name in asked.profile}
        if "on-sale" in asked.paths:
            results["on_sale"] = [on_sale.run(bench, asked.sizes[-1], crowd) for crowd in asked.crowds]
        if "memory" in asked.paths:
            results["memory"] = memory.run(bench, asked.sizes[0], asked.requests)
    _write(results, asked)


def _write(results: dict[str, Any], asked: argparse.Namespace) -> None:
    report.save(results, Path(asked.out))
    _say(report.table(results))
    if asked.document:
        report.into_document(results)


@contextmanager
def _running(asked: argparse.Namespace, model: Model) -> Iterator[Bench]:
    with ExitStack() as running:
        installation, client = Installation(asked.sizes, asked.home, model), Client()
        running.callback(installation.remove)
        running.callback(client.stop)
        installation.collect()
        stages: dict[int, Stage] = {}
        for size in asked.sizes:
            begun = time.monotonic()
            new = _make_database(installation, size)
            stages[size] = Stage(installation.environment(size), size if new else 0)
            running.callback(stages[size].stop)
            installation.serve(size)
            _say(f"{size:,} tickets sold, in {time.monotonic() - begun:.0f} s")
        yield Bench(installation, stages, client, asked.clients)


def _make_database(installation: Installation, size: int) -> bool:
    """Bring its tables up to date. Whether it was made now; migrations are run once, and what they made is copied."""
    made = _create(installation, "bench_empty", "")
    _migrate(installation, size, "bench_empty")
    if not _create(installation, f"bench_{size}", "TEMPLATE bench_empty"):
        _migrate(installation, size, f"bench_{size}")
        return made
    return True


def _create(installation: Installation, name: str, how: str) -> bool:
    address = installation.postgres.address("postgres").replace("postgres://", "postgresql://")
    psql = [str(program("psql")), "-qtA", "-v", "ON_ERROR_STOP=1", address, "-c"]
    asked = [*psql, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"]  # noqa: S608  a name of ours
    if subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip():
        return False
    subprocess.run([*psql, f"CREATE DATABASE {name} {how}"], check=True)
    return True


def _migrate(installation: Installation, size: int, name: str) -> None:
    environment = installation.environment(size) | {"DATABASE_URL": installation.postgres.address(name)}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env={**environment, "LOG_LEVEL": "ERROR"}, check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("--paths", nargs="*", default=[*PATHS], choices=[*PATHS, *SPECIAL], metavar="PATH")
    parser.add_argument("--sizes", nargs="*", type=int, default=[1_000, 1_000_000], help="tickets already sold")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of one run")
    parser.add_argument("--clients", type=int, default=8, help="connections at once")
    usual = Model()
    parser.add_argument("--workers", type=int, default=usual.workers, help="processes of gunicorn")
    parser.add_argument("--threads", type=int, default=usual.threads, help="of each")
    parser.add_argument("--worker-class", default=usual.kind)
    parser.add_argument("--crowds", nargs="*", type=int, default=[64, 512], help="buyers of an on-sale")
    parser.add_argument("--requests", type=int, default=100_000, help="of the path `memory`")
    parser.add_argument(
        "--profile", nargs="*", default=[], choices=[*PATHS], metavar="PATH", help="where its time goes"
    )
    parser.add_argument("--home", type=Path, help="a folder where the databases are kept for the next run")
    parser.add_argument("--out", default=str(KEPT), help="the JSON file that is written")
    parser.add_argument("--document", action="store_true", help="put table and picture into docs/performance.md")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
