"""Print the test vectors of rotating codes: `manage.py rotation_vectors > docs/vectors/rotating-codes.json`."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from ticketing.rotation import vectors


class Command(BaseCommand):
    help = "Print the test vectors of rotating codes, as docs/vectors/rotating-codes.json has them."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(vectors.build(), indent=2))
