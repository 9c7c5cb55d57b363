"""Seal what waits, without waiting for the sweep."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit import sealing


class Command(BaseCommand):
    help = "Link every waiting audit entry into the chain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--unqueued",
            action="store_true",
            help="Also entries that never were queued, because they were written while the trigger was missing. "
            "verify_audit reports those as broken: know why before you use this.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["unqueued"]:
            self.stdout.write(f"{sealing.queue_the_unqueued()} entries queued")
        self.stdout.write(f"{sealing.seal(timezone.now())} entries sealed")
