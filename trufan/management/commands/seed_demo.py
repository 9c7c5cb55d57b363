"""`manage.py seed_demo`: something to look at on a fresh machine."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from trufan.demo import PEOPLE, seed


class Command(BaseCommand):
    help = "Write the demonstration data that is not there yet. Refuses in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DJANGO_ENV == "production":
            raise CommandError("Demonstration data, with its well-known passwords, has no place in production.")
        made = seed(timezone.now())
        for line in made:
            self.stdout.write(f"  + {line}")
        self.stdout.write("The demo was complete already." if not made else "Sign in as:")
        for person in PEOPLE:
            self.stdout.write(f"  {person.email:24} {person.password:14} {person.role}")
