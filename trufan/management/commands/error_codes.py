"""`manage.py error_codes`: the table of `docs/api.md`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.urls import get_resolver

from trufan.lib.errors import codes


class Command(BaseCommand):
    help = "Print every code the API can answer with, as the rows of the table in docs/api.md."

    def handle(self, *args: Any, **options: Any) -> None:
        # An app's refusals are known once what raises them is loaded.
        _ = get_resolver().url_patterns
        for code, kind in codes().items():
            self.stdout.write(f"| `{code}` | {kind.status} | {kind.message} |")
