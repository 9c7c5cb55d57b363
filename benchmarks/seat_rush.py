"""Five hundred buyers at once who all want the best seats of an arena of twenty thousand.

    DATABASE_URL=postgres://…/postgres python benchmarks/seat_rush.py [20000] [500] [types]

Writes into a database of its own, which is removed afterwards. Prints how many orders a second were placed, what a
buyer waited, and the proof: no seat twice, no deadlock, no seat lost.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import django
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
# Who finds no free connection waits for one, as requests wait for a worker.
os.environ.setdefault("DB_POOL_TIMEOUT", "600")

#: More than there are connections in a process's pool.
MOST_THREADS = 100


def main(seats: int, buyers: int, types: int) -> None:
    """Build the arena, let them buy, and print what it took."""
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("SQLite has one writer at a time: set DATABASE_URL.")
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _measure(seats, buyers, types)
    finally:
        connection.close()
        connection.creation.destroy_test_db(name, verbosity=0)


def _measure(seats: int, buyers: int, types: int) -> None:
    from ticketing.seats.tests.seated import asking, order, plan_of, seat_by, seated_type
    from trufan.lib.errors import DomainError
    from trufan.testing import EventFactory, StaffFactory, UserFactory

    begun = time.perf_counter()
    event = EventFactory(capacity=seats)
    fans = [UserFactory() for _ in range(20)]
    sections = {str(100 + at): (25, seats // (25 * 40)) for at in range(40)}
    plan = plan_of(event.venue, sections)
    sold_as = [seated_type(event, f"Price {at}") for at in range(types)]
    by = StaffFactory(venue=event.venue).user
    seat_by(event, plan, by, **{f"_{name}": sold_as[at * types // 40] for at, name in enumerate(sections)})
    _say(f"{seats:,} seats of {types} ticket type(s) in {time.perf_counter() - begun:.0f} s")

    start, waited = Barrier(min(buyers, MOST_THREADS)), []

    def buy(number: int) -> str:
        if number < MOST_THREADS:
            start.wait()
        asked = time.perf_counter()
        try:
            order(fans[number % len(fans)], asking(sold_as[number % types], 1 + number % 4))
            return "ordered"
        except (DomainError, DatabaseError) as refusal:
            # "OperationalError: deadlock detected" would stand here.
            return f"{type(refusal).__name__}: {str(refusal).splitlines()[0][:60]}"
        finally:
            waited.append(time.perf_counter() - asked)
            connection.close()

    begun = time.perf_counter()
    with ThreadPoolExecutor(min(buyers, MOST_THREADS)) as pool:
        answers = Counter(pool.map(buy, range(buyers)))
    took = time.perf_counter() - begun
    _report(event, buyers, answers, took, waited)


def _report(event: Any, buyers: int, answers: Counter[str], took: float, waited: list[float]) -> None:
    from orders.models import OrderItem
    from ticketing.models import EventSeat

    _say(f"{buyers} buyers in {took:.1f} s: {buyers / took:.0f} a second; {dict(answers)}")
    _say(f"a buyer waited {statistics.median(waited):.2f} s, at most {max(waited):.2f} s ({MOST_THREADS} at a time)")
    named = [label for item in OrderItem.objects.all() for label in item.options["seats"]]
    held = EventSeat.objects.filter(event=event, status="held").count()
    _say(f"{len(named)} seats ordered, {len(set(named))} different ones, {held} held")
    call_command("check_inventory")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [20_000, 500, 1][len(given) :]))
