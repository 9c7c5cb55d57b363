"""Is the history as it was written? For a schedule of its own, and for whoever doubts it."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from audit import protection
from audit.browsing.checks import verify_and_keep
from audit.verifying import Broken, Link


def link(words: str) -> Link:
    try:
        return Link.parse(words)
    except ValueError as mistake:
        raise ArgumentTypeError(str(mistake)) from mistake


class Command(BaseCommand):
    help = "Check every audit entry and seal; name the first broken row and exit with 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            type=link,
            metavar="SEQUENCE:HASH",
            help="A link seen earlier (in the log, or printed by this command) that the chain must still contain.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for trigger in protection.missing(connection):
            self.stderr.write(self.style.WARNING(f"The trigger {trigger} does not stand; see audit/protection.py."))
        try:
            verdict = verify_and_keep(timezone.now(), options["head"])
        except Broken as broken:
            raise CommandError(f"Broken: {broken}") from broken
        self.stdout.write(f"Intact: {verdict.head.sequence} entries sealed, {verdict.unsealed} not yet.")
        self.stdout.write(f"Head: {verdict.head}")
