"""Make the keys by which push services know us."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from notifications.push import vapid


class Command(BaseCommand):
    help = "Print a new pair of VAPID keys as lines for .env. Browsers registered under another pair are lost."

    def handle(self, *args: Any, **options: Any) -> None:
        public, private = vapid.make()
        self.stdout.write(f"VAPID_PUBLIC_KEY={public}\nVAPID_PRIVATE_KEY={private}")
