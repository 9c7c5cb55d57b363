"""Print the types of webhook messages as docs/webhooks.md lists them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from notifications.webhooks import guide


class Command(BaseCommand):
    help = "Print the types of webhook messages, with examples, as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(guide.types())
