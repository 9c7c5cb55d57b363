"""How long the gate takes to decide after a million past stays, and what the database reads for it.

    DATABASE_URL=postgres://…/postgres python benchmarks/gate_history.py [1000000]

Writes into a database of its own, which is removed afterwards. Prints for each kind of decision the queries it asks,
the most rows that any of them looks at in a table that grows, whether one of these is read from end to end, and the
milliseconds.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.test.utils import setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

MILLION = 1_000_000


def main(count: int) -> None:
    """Build the history, make one decision of each kind, and print what it took."""
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("Only PostgreSQL tells how it carries a query out: set DATABASE_URL.")
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _measure(count)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _measure(count: int) -> None:
    from parking.stays.tests import long_history
    from parking.stays.tests.test_gate_history import decisions
    from trufan.testing import CapacityFactory, StaffFactory, UserFactory
    from venues.models import VenueStaff

    capacity = CapacityFactory()
    camera = StaffFactory(venue=capacity.lot.venue, role=VenueStaff.Role.PARKING).user
    begun = time.perf_counter()
    long_history.write(capacity, camera, count)
    _say(f"{count:,} past stays and gate events in {time.perf_counter() - begun:.0f} s")
    _say(f"{'decision':<22}{'queries':>8}{'most rows':>11}{'whole table':>13}{'ms':>8}")
    for name, decide in decisions(capacity.lot, capacity, camera, UserFactory()).items():
        _report(name, decide)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _report(name: str, decide: Callable[[], Any]) -> None:
    from parking.stays.tests.plans import queries_of, scans_of
    from parking.stays.tests.test_gate_history import GROWING

    begun = time.perf_counter()
    queries = queries_of(decide)
    took = (time.perf_counter() - begun) * 1000
    scans = [scan for scan in scans_of(queries) if scan.table in GROWING]
    whole = any(scan.kind == "Seq Scan" for scan in scans)
    rows = max((scan.rows for scan in scans), default=0)
    _say(f"{name:<22}{len(queries):>8}{rows:>11}{'yes' if whole else 'no':>13}{took:>8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MILLION)
