"""`manage.py sweep`: what the schedule does, without a worker."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from trufan.lib import correlation, sweeps


class Command(BaseCommand):
    help = "Release overdue holds, send unsent mail, finish what a crash left: once, or every so many seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="Repeat until stopped (SIGTERM or Ctrl-C) instead of once."
        )

    def handle(self, *args: Any, every: float | None = None, **options: Any) -> None:
        if every is None:
            self._sweep_once()
            return
        if every <= 0:
            raise CommandError("--every takes a number of seconds above 0.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            self._report(self._sweep())
            stop.wait(every)

    def _sweep_once(self) -> None:
        done = self._sweep()
        self._report(done)
        failed = [name for name, rows in done.items() if rows == sweeps.FAILED]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}. The log says why.")

    def _sweep(self) -> dict[str, int]:
        correlation.begin()
        close_old_connections()
        return sweeps.run_all(timezone.now())

    def _report(self, done: dict[str, int]) -> None:
        for name, rows in done.items():
            self.stdout.write(f"{name}: {'failed' if rows == sweeps.FAILED else rows}")
