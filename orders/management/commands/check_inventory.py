"""`manage.py check_inventory`: are the counters of stock what the rows say? Changes nothing; safe at any time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.inventory_check import differences


class Command(BaseCommand):
    help = "Prove that held, sold and allocated equal the rows behind them; prints each difference, exits 1 on any."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(differences())
        for difference in found:
            self.stdout.write(str(difference))
        if found:
            raise CommandError(f"{len(found)} counters differ from their rows.")
        self.stdout.write("All counters equal their rows.")
