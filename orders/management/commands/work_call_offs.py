"""`manage.py work_call_offs`: refund the orders of called-off events to the end, now rather than by the sweep."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.calloffs import working
from trufan.lib import correlation


class Command(BaseCommand):
    help = "Works through the orders of every event that was called off. Safe to stop, and to run twice at once."

    def handle(self, *args: Any, **options: Any) -> None:
        correlation.begin()
        handled = working.sweep(timezone.now(), budget=None)
        self.stdout.write(f"{handled} orders handled.")
