"""Sell for some minutes while everything fails, let it drain, and judge.

    python -m benchmarks.chaos [--minutes 5] [--seed TEXT] [--buyers 8] [--calm]

`--calm` leaves the faults out. Exits with 1 if anything that was promised does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

os.environ["DJANGO_SETTINGS_MODULE"] = "trufan.settings"

from benchmarks.chaos import faults
from benchmarks.chaos.crowd import Crowd
from benchmarks.chaos.journal import Journal
from benchmarks.chaos.parts import Venue
from trufan.tests.parts import missing, until

CHECKS = ["check_inventory", "check_books", "verify_audit", "rebuild_reports --check", "reconcile_payments --since 1d"]
#: Money and holds wait for their time: what is due within the half hour is done at once. The rest as of now.
LATER = """
from datetime import timedelta
from django.utils import timezone
from orders.expiry import expire_overdue
from payments import recovery, refunds, webhooks
from trufan.lib import sweeps
for minutes in (0, 2, 6, 15, 30):
    later = timezone.now() + timedelta(minutes=minutes)
    for due in (webhooks.process_due, recovery.recover, refunds.execute_due, expire_overdue, refunds.execute_due):
        due(later)
    failed = [name for name, rows in sweeps.run_all(timezone.now()).items() if rows == sweeps.FAILED]
    if failed:
        raise SystemExit(f"failed: {failed}")
"""


def main() -> int:
    given = _arguments()
    if missing():
        sys.exit(f"This needs {', '.join(missing())}.")
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    tell(f"seed {given.seed}, {given.minutes:g} minutes{', no faults' if given.calm else ''}")
    venue = Venue(given.seed)
    try:
        code = Night(venue, given, tell).run()
        if given.calm and not code:
            shutil.rmtree(venue.logs)
        return code
    finally:
        venue.remove()


class Night:
    """One run: `tell` prints a line with the time."""

    def __init__(self, venue: Venue, given: argparse.Namespace, tell: Callable[[str], None]) -> None:
        self.venue, self.given, self.tell = venue, given, tell
        self.journal = Journal(venue.logs / "journal")
        self.faults: Counter[str] = Counter()
        self.broken: list[str] = []

    def run(self) -> int:
        self.sell()
        self.drain()
        self.judge()
        return self.report()

    def sell(self) -> None:
        over = threading.Event()
        crowd = Crowd(self.venue, self.journal, self.given.seed, over)
        clients = threading.Thread(target=crowd.run, args=(self.given.buyers,))
        clients.start()
        self.tell("selling")
        stop = threading.Timer(self.given.minutes * 60, over.set)
        stop.start()
        try:
            if not self.given.calm:
                self.venue.rage(on=True)
                faults.rage(self.venue, self.given.seed, over, self._fault)
        finally:
            if self.given.calm:
                over.wait()
            stop.cancel()
            over.set()
            until(self.venue.is_up, seconds=60)
            self.venue.rage(on=False)
            clients.join()

    def _fault(self, name: str) -> None:
        self.faults[name] += 1
        self.tell(name)

    def drain(self) -> None:
        """What runs by itself gets some seconds; then time goes by until nothing is due any more."""
        self.tell("draining")
        time.sleep(3 if self.given.calm else 20)
        for name in ("beat", "worker"):
            self.venue.running[name].stop()
        self.venue.manage("shell", "-v0", "-c", LATER)

    def judge(self) -> None:
        self.tell("judging")
        for check in CHECKS:
            run = subprocess.run(
                [sys.executable, "manage.py", *check.split()], env={**os.environ, **self.venue.environment},
                capture_output=True, text=True, timeout=600, check=False,
            )  # fmt: skip
            if run.returncode:
                self.broken.append(f"{check}: {(run.stdout + run.stderr).strip()[-1500:]}")
        books = self.venue.logs / "books"
        books.write_text(json.dumps(self.venue.books()))
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.chaos.verdict", str(self.journal.path), str(books)],
            env={**os.environ, **self.venue.environment}, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        self.broken += json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else [run.stderr[-1500:]]
        self.broken += self.journal.surprises

    def report(self) -> int:
        print("\nTold to clients")
        for what, times in sorted(self.journal.counts.items()):
            print(f"  {times:6}  {what}")
        print("Answers, tries that were repeated among them (0: none came)")
        print("  " + ", ".join(f"{status}: {times}" for status, times in sorted(self.journal.answers.items())))
        print("Faults")
        for what, times in sorted(self.faults.items()):
            print(f"  {times:6}  {what}")
        print(f"  webhooks: {self.venue.books()['webhooks']}")
        print("Tracebacks in the logs")
        for what, times in Counter(self.venue.errors()).most_common(40):
            print(f"  {times:6}  {what}")
        if self.broken or not self.given.calm:
            print(f"Logs, journal and books: {self.venue.logs}")
        print("Verdict")
        for what, times in Counter(self.broken).most_common(60):
            print(f"  BROKEN {times}x {what}")
        print("  Not everything holds." if self.broken else "  All of it holds.")
        return 1 if self.broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--buyers", type=int, default=8)
    parser.add_argument("--calm", action="store_true", help="No faults.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
