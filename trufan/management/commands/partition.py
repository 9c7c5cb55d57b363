"""`manage.py partition`: monthly partitions of scans and of the audit trail."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from trufan.lib import partitions
from trufan.partitioned import TABLES


class Command(BaseCommand):
    help = "Keep a table that only grows in monthly partitions of PostgreSQL. Read docs/scaling.md first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        for deed, what in [
            ("status", "name the partitions"),
            ("start", "turn the table, in place"),
            ("ahead", "make the next months' partitions, of all such tables when none is named; every night"),
            ("detach", "take old months off"),
        ]:
            one = deeds.add_parser(deed, help=what)
            # Which are partitioned, the nightly unit need not know.
            one.add_argument("table", choices=sorted(TABLES), nargs="?" if deed == "ahead" else None)
            if deed == "detach":
                one.add_argument("--before", required=True, help="months over by the beginning of this one: 2026-04")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has partitions.")
        tables = (
            [TABLES[options["table"]]] if options["table"] else list(filter(partitions.is_partitioned, TABLES.values()))
        )
        try:
            for table in tables:
                self._do(options["deed"], table, options.get("before", ""))
        except (partitions.NotNow, DatabaseError) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _do(self, deed: str, table: partitions.Table, before: str) -> None:
        now = timezone.now()
        if deed == "start":
            partitions.start(table, now)
        elif deed == "ahead":
            self.stdout.write(f"Made: {', '.join(partitions.ahead(table, now)) or 'nothing'}.")
        elif deed == "detach":
            self._detach(table, before, now)
        for name, rows, size in partitions.partitions(table):
            self.stdout.write(f"{name:<40} {rows:>12,} rows {size / 2**20:>10,.0f} MB")

    def _detach(self, table: partitions.Table, before: str, now: datetime) -> None:
        try:
            moment = datetime.strptime(before, "%Y-%m").replace(tzinfo=UTC)
        except ValueError as nonsense:
            raise CommandError("Give a month such as 2026-04.") from nonsense
        for name in partitions.detach(table, moment, now):
            self.stdout.write(f"{name} is a table of its own now. Back it up, then DROP TABLE {name};")
