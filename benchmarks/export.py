"""What does an export of 100,000 rows take, beside one of 1,000?

    python benchmarks/export.py [--rows 100000] [--kinds csv xlsx]

Fills a database of its own (SQLite, in a folder that goes afterwards) with tickets, then lets a fresh process for each
file answer the console's `export/` of tickets and read the answer piece by piece, as a server does. Prints the rows,
the size of the file, the seconds, the most memory that the process had meanwhile (resident) and by how much that is
more than before. Set DATABASE_URL to fill and read another, empty and migrated database; its rows stay.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
STEP = 2_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--few", type=int, default=1_000)
    options.add_argument("--kinds", nargs="+", default=["csv", "xlsx"])
    options.add_argument("--one", nargs=2, metavar=("KIND", "EVENT"), help="what a fresh process is asked")
    asked = options.parse_args()
    if asked.one:
        _answer(*asked.one)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/export.sqlite3")
        django.setup()
        events = _filled(asked.few, asked.rows)
        _say(f"{'rows':>8}  kind  {'MB':>6} {'seconds':>8} {'peak MB':>8} {'grew MB':>8}")
        for kind in asked.kinds:
            for event, rows in events.items():
                said = subprocess.run(
                    [sys.executable, __file__, "--one", kind, event], check=True, capture_output=True, text=True
                )
                _say(f"{rows:>8}  {kind:4}  {said.stdout.splitlines()[-1]}")


def _filled(*sizes: int) -> dict[str, int]:
    """An event of so many tickets for each size; its id → the size."""
    from django.core.management import call_command
    from django.utils import timezone

    from orders.models import Order, OrderItem
    from ticketing.models import Ticket, TicketType
    from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, VenueFactory

    call_command("migrate", verbosity=0)
    venue, buyer, events = VenueFactory(), UserFactory(), {}
    for size in sizes:
        event = EventFactory(venue=venue, capacity=size)
        kind = TicketTypeFactory(event=event, quantity=size)
        order = Order.objects.create(
            venue=venue, event=event, user=buyer, contact_email=buyer.email, contact_name="Load", status="paid",
            currency=venue.currency, paid_at=timezone.now(),
        )  # fmt: skip
        line = OrderItem.objects.create(
            order=order, position=0, item_type="ticket", item_id=kind.pk, description="Load", quantity=size,
            unit_price=0, status="fulfilled",
        )  # fmt: skip
        for at in range(0, size, STEP):
            Ticket.objects.bulk_create(
                Ticket(
                    event=event, ticket_type=kind, order=order, order_item=line, ordinal=at + n + 1, holder=buyer,
                    holder_name=f"Guest {at + n}",
                )
                for n in range(min(STEP, size - at))
            )  # fmt: skip
        TicketType.objects.filter(pk=kind.pk).update(sold=size)
        events[str(event.pk)] = size
    return events


def _answer(kind: str, event: str) -> None:
    """Ask for the file once, for its head alone, to have everything loaded; then measure."""
    django.setup()
    from django.conf import settings
    from django.test import RequestFactory

    settings.ALLOWED_HOSTS = ["testserver"]
    from django.contrib import admin

    from accounts.models import User
    from ticketing.models import Ticket

    user = User.objects.filter(role="super_admin").first()
    user = user or User.objects.create_superuser("load-admin@example.com", None)
    page: Any = admin.site._registry[Ticket]

    def ask(query: dict[str, str]) -> int:
        request: Any = RequestFactory().get("/admin/ticketing/ticket/export/", query)
        request.user, request.session = user, {}
        answer = page.export_view(request)
        assert answer.status_code == 200, answer
        size = sum(len(piece) for piece in answer.streaming_content)
        answer.close()
        return size

    ask({"as": kind, "q": "nobody at all"})
    _forget_peak()
    before, began = _peak(), time.perf_counter()
    size = ask({"as": kind, "event__id__exact": event})
    took, peak = time.perf_counter() - began, _peak()
    _say(f"{size / 1e6:6.1f} {took:8.1f} {peak:8.0f} {peak - before:8.1f}")


def _forget_peak() -> None:
    """Start counting from what the process has now; Linux alone can."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """The most this process had since then, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
