"""`manage.py lint_migrations`: would a migration stop the running service? Asks no database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from trufan.migration_safety import dangers, is_judged


class Command(BaseCommand):
    help = "Name operations of migrations that hold long locks, or break the code of the last release."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        loader = MigrationLoader(None, ignore_no_migrations=True)
        judged = {key: each for key, each in loader.disk_migrations.items() if is_judged(each)}
        found = [
            danger
            for key, migration in judged.items()
            for danger in dangers(migration, loader.project_state(key, at_end=False))
        ]
        for danger in found:
            self.stdout.write(str(danger))
        if found:
            raise CommandError(f"{len(found)} operations would hurt while the service runs.")
        self.stdout.write(f"{len(judged)} migrations since the baseline are safe under load.")
