"""`manage.py seed_load`: as much data as years of busy venues leave, to measure with."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone


class Command(BaseCommand):
    help = "Fill a PostgreSQL database for measuring: 1,000,000 tickets in 300,000 orders, and 100,000 stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--orders", type=int, default=300_000, help="with 10 tickets for every 3 orders")
        parser.add_argument("--stays", type=int, default=100_000, help="of cars")
        parser.add_argument("--venues", type=int, default=10)
        parser.add_argument("--events", type=int, default=10, help="of each venue")
        parser.add_argument("--people", type=int, default=50_000, help="who bought")
        parser.add_argument("--yes", action="store_true", help="write into a database although DEBUG is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DJANGO_ENV == "production":
            raise CommandError("Made-up sales have no place in production.")
        if not (settings.DEBUG or options["yes"]):
            raise CommandError("DEBUG is off. Say --yes to fill this database with made-up sales.")
        if connection.vendor != "postgresql":
            raise CommandError("The rows are copied by PostgreSQL: set DATABASE_URL.")
        if find_spec("factory") is None:
            raise CommandError("The development requirements are needed: make install.")
        from trufan import load

        begun = time.monotonic()
        size = load.Size(**{name: options[name] for name in ("orders", "stays", "venues", "events", "people")})
        load.make(size, timezone.now(), self.stdout.write)
        self.stdout.write(
            f"Made in {time.monotonic() - begun:.0f} s. Audit entries are copies: verify_audit refuses them."
        )
