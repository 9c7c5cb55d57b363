"""Deliver now what is due, without waiting for a worker or the sweep."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications import delivery


class Command(BaseCommand):
    help = "Deliver every notification that is due, and say how many were tried."

    def handle(self, *args: Any, **options: Any) -> None:
        tried = delivery.sweep_due(timezone.now(), budget=None)
        self.stdout.write(f"{tried} notifications tried")
