"""Queue again what had failed for good."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.retrying import retry


class Command(BaseCommand):
    help = "Make failed notifications pending again. Those whose secrets were erased stay failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=UUID, help="Only these notifications.")
        parser.add_argument("--template", default="", help="Only messages of this template.")

    def handle(self, *args: Any, **options: Any) -> None:
        queued = retry(timezone.now(), options["ids"], options["template"])
        self.stdout.write(f"{queued} notifications queued again")
