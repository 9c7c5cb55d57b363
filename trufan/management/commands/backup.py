"""`manage.py backup`: database and pictures into a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from trufan import backups


class Command(BaseCommand):
    help = "Back up database and pictures below BACKUP_ROOT. Safe while the service runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="The folder of all backups; BACKUP_ROOT where it is left out.")
        parser.add_argument("--keep", type=int, metavar="N", help="Afterwards remove all but the newest N.")

    def handle(self, *args: Any, **options: Any) -> None:
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number above 0.")
        root = options["to"] or Path(settings.BACKUP_ROOT)
        try:
            self.stdout.write(f"Backed up to {backups.take(root, timezone.now())}")
        except (backups.BackupFailed, OSError) as failure:
            raise CommandError(str(failure)) from failure
        if keep is not None:
            for path in backups.prune(root, keep):
                self.stdout.write(f"Removed {path}")
