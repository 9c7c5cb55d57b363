"""`manage.py restore`: a backup into an empty database and empty folders, and every check on what came back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trufan import backups

#: What must find nothing after a restore; each ends with an error on a difference.
CHECKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("check_inventory", {}),
    ("check_books", {}),
    ("verify_audit", {"head": None}),
    ("rebuild_reports", {"check": True}),
)


class Command(BaseCommand):
    help = "Restore a backup into the empty database of DATABASE_URL, then run every check on it."
    #: The database is empty when it begins.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="The folder of one backup.")
        parser.add_argument(
            "--no-checks", action="store_true", help="Leave the checks, which read all rows, for later."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backups.put_back(options["backup"])
        except (backups.BackupFailed, OSError) as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write(f"Restored {options['backup']}")
        if not options["no_checks"]:
            for name, given in CHECKS:
                self.stdout.write(f"{name}:")
                call_command(name, stdout=self.stdout, stderr=self.stderr, **given)
