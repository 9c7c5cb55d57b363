"""What the manifest of a large event costs: bytes, seconds and memory, in full and for what changed since.

    DATABASE_URL=postgres://…/postgres python benchmarks/manifest.py [50000]

Writes into a database of its own, which is removed afterwards.
"""

from __future__ import annotations

import copy
import gzip
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.test.utils import setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
GATES = ["North", "South", "East", "West"]


def main(count: int) -> None:
    """Build the event and print what its manifests cost."""
    django.setup()
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        event = _event(count)
        _say(f"{connection.vendor}, {count:,} tickets, half of them used")
        version = _measure("all", event, None)
        _measure("nothing changed", event, version)
        _use(event, 1_000)
        _measure("a thousand changed", event, version)
        _plan(event, version)
        _say(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _event(count: int) -> Any:
    from events.models import Event
    from ticketing.tests.sales import buy
    from trufan.lib.ids import uuid7
    from trufan.testing import TicketTypeFactory

    kind = TicketTypeFactory()
    types = [kind, *(TicketTypeFactory(event=kind.event) for _ in range(9))]
    Event.objects.update(configuration={"rotating_codes": True, "door": {"reentry": True}})
    ticket = buy(None, kind)[0]
    tickets = []
    for number in range(1, count):
        twin = copy.copy(ticket)
        twin._state = copy.copy(ticket._state)
        twin.pk, twin.number, twin.ordinal = uuid7(), f"B{number:010}", number + 1
        twin.ticket_type = types[number % 10]
        if number % 2:
            twin.status, twin.used_at, twin.used_gate = "used", twin.created_at, GATES[number % 4]
        tickets.append(twin)
    type(ticket).objects.bulk_create(tickets, batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Event.objects.select_related("venue").get(pk=kind.event_id)


def _use(event: Any, count: int) -> None:
    from django.utils import timezone

    from ticketing.models import Ticket

    chosen = list(Ticket.objects.filter(event=event, status="valid").values_list("pk", flat=True)[:count])
    Ticket.objects.filter(pk__in=chosen).update(status="used", used_at=timezone.now(), used_gate="North")


def _measure(what: str, event: Any, since: Any) -> Any:
    from django.utils import timezone

    from ticketing.manifest import making, versions

    # Asked before, as a scanner's last manifest was.
    version = versions.current(event.pk)
    took, worked, packing, content = [], [], [], b""
    for _ in range(3):
        begun, ran = time.perf_counter(), time.process_time()
        content = making.make(event, timezone.now(), since).content
        made = time.perf_counter()
        worked.append(time.process_time() - ran)
        small = gzip.compress(content, 1, mtime=0)
        took.append(made - begun)
        packing.append(time.perf_counter() - made)
    _say(
        f"{what}: {len(content):,} bytes, {len(small):,} on the wire; "
        f"made in {min(took):.2f} s, {min(worked):.2f} s of it this process's own, packed in {min(packing):.2f} s"
    )
    return version


def _plan(event: Any, version: Any) -> None:
    """How the changed rows are found."""
    if connection.vendor != "postgresql":
        return
    from ticketing.models import Ticket

    plan = Ticket.objects.filter(event=event, door_version__gte=version.number).order_by().explain(analyze=True)
    _say(next(line.strip() for line in plan.splitlines() if "Scan" in line))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
