"""`manage.py retention`: how long what is kept, how old the oldest is; and forgetting a batch of each now."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from trufan.lib import retention


class Command(BaseCommand):
    help = "Show every kind of personal data, how long it is kept and the oldest there is; --run forgets what is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run", action="store_true", help="Forget one batch of each kind now, then show.")
        parser.add_argument("--json", action="store_true", help="One JSON object instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        forgotten = retention.run_all(timezone.now()) if options["run"] else {}
        rows = [_row(kind, forgotten) for kind in retention.kinds()]
        if options["json"]:
            stays = [{"name": each.name, "what": str(each.what), "why": str(each.why)} for each in retention.staying()]
            self.stdout.write(json.dumps({"kinds": rows, "stays": stays}, indent=2))
            return
        for row in rows:
            gone = f", {row['forgotten']} forgotten" if "forgotten" in row else ""
            self.stdout.write(f"{row['name']}: {row['kept']}, oldest {row['oldest'] or '-'}{gone}")
        for each in retention.staying():
            self.stdout.write(f"{each.name}: stays. {each.why}")


def _row(kind: retention.Kind, forgotten: dict[str, int]) -> dict[str, Any]:
    oldest = kind.oldest()
    row = {
        "name": kind.name,
        "what": str(kind.what),
        "why": str(kind.why),
        "kept": kind.kept,
        "setting": kind.setting,
        "oldest": oldest.isoformat() if oldest else None,
    }
    return {**row, "forgotten": forgotten[kind.name]} if forgotten else row
