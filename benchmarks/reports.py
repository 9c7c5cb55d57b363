"""How long reports take at a busy venue: counting its days out of the books, and reading a year of rollups.

    DATABASE_URL=postgres://…/postgres python benchmarks/reports.py [orders [of them on one day]]

Writes into a database of its own, which is removed afterwards. Ten orders of different things are placed and paid
through the rules and then copied in the database, with their lines, codes, payments and movements, so many times over a
year (60,000 by default, 6,000 of them on one busy day; 1,000,000 make five million lines). Prints the time of counting
that day by each rollup, of rebuilding the year with the memory it took, and of each report over the year; then again
with as many rows in the rollup of sales as 300 things sold on every day make; and the plans of both.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
TIMES = 5
#: Orders that are placed by the rules; each is copied as often as the others.
ORIGINALS = 10


def main(count: int, busy: int) -> None:
    """Copy, count, read."""
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("Copies are made in SQL for PostgreSQL: set DATABASE_URL.")
    setup_test_environment(debug=False)
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _measure(_sold(count // ORIGINALS, busy // ORIGINALS))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _sold(copies: int, busy: int) -> Any:
    """A venue with so many copies of each original, so many of them of one day."""
    from orders.models import Order, OrderItem, PromoUse
    from payments.models import JournalEntry, LedgerLine, Payment
    from reports.models import BuyerOfOrder

    venue = _originals()
    begun = time.perf_counter()
    copier = _Copier(copies, f"- (CASE WHEN n <= {int(busy)} THEN 1 ELSE n % 364 + 1 END) * interval '1 day'")
    moved = {"number": "substr(md5(number || n), 1, 12)", "reference": "left(reference || ':' || n, 160)"}
    copier.copy(Order, ("id",), ("created_at", "paid_at"), number=moved["number"])
    copier.copy(OrderItem, ("id", "order_id"), ())
    copier.copy(PromoUse, ("id", "order_id"), ())
    copier.copy(Payment, ("id", "payable_id"), ("created_at", "settled_at"), provider_id="NULL")
    ids = ("id", "payment_id", "source_id")
    with transaction.atomic():  # a movement balances by its commit
        copier.copy(JournalEntry, ids, ("created_at", "occurred_at"), reference=moved["reference"])
        copier.copy(LedgerLine, ("id", "entry_id"), ("occurred_at",))
    # Everybody buys twice.
    key = f"md5((n % {max(copies // 2, 1)})::text || key)"
    copier.copy(BuyerOfOrder, ("order_id",), ("at",), key=key)
    _run("VACUUM ANALYZE")
    orders, lines = Order.objects.count(), OrderItem.objects.count()
    _say(f"{orders:,} orders, {lines:,} lines copied in {time.perf_counter() - begun:.0f} s")
    return venue


def _originals() -> Any:
    """Five lines each, of tickets and food, no two alike; some with a tip or a code."""
    from django.utils import timezone

    from orders.pricing import Tip
    from orders.tests.carts import buy
    from trufan.testing import (
        EventFactory,
        ProductVariantFactory,
        PromoCodeFactory,
        TaxRateFactory,
        TicketTypeFactory,
        UserFactory,
    )  # fmt: skip

    event = EventFactory(starts_at=timezone.now() + timedelta(days=30))
    TaxRateFactory(venue=event.venue)
    PromoCodeFactory(venue=event.venue, code="TEN", ppm=100_000)
    kinds = [TicketTypeFactory(event=event, price=price) for price in (4_500, 9_900, 19_900)]
    food = [ProductVariantFactory(product__outlet__venue=event.venue) for _ in range(8)]
    for number in range(ORIGINALS):
        lines = [(kinds[number % 3], 1 + number % 4), (kinds[(number + 1) % 3], 1)]
        lines += [(food[(number + step) % 8], 1 + number % 2) for step in (0, 3, 5)]
        tip, codes = Tip(100 * (number % 3)), ["TEN"] if number % 4 == 0 else []
        buy(UserFactory(), *lines, tip=tip, codes=codes)
    return event.venue


class _Copier:
    """Copies every row of a table `copies` times, moved in time by `at`, a piece of SQL about copy number `n`."""

    def __init__(self, copies: int, at: str) -> None:
        self.copies, self.at = copies, at

    def copy(self, model: Any, ids: tuple[str, ...], times: tuple[str, ...], **others: str) -> None:
        names = [field.column for field in model._meta.concrete_fields]
        made = {name: f"md5({name}::text || n)::uuid" for name in ids}
        made |= {name: f"{name} {self.at}" for name in times} | others
        picked = ", ".join(made.get(name, name) for name in names)
        _run(_into(model, names), "SELECT", picked, *_of_one(model), f"generate_series(1, {int(self.copies)}) AS n")


def _into(model: Any, names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {model._meta.db_table} ({quoted})"


def _of_one(model: Any, *, limit: str = "") -> list[str]:
    return ["FROM (SELECT * FROM", model._meta.db_table, limit, ") AS one,"]


def _run(*parts: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(" ".join(parts), values)


def _measure(venue: Any) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from reports.rollups import base

    today = timezone.now().astimezone(venue.zone).date()
    busy = base.venue_day(venue, today - timedelta(days=1))
    for rollup in base.rollups():
        with CaptureQueriesContext(connection) as queries:
            rows = rollup.compute(busy)
        once = _timed(lambda rollup=rollup: rollup.compute(busy))
        _say(f"the busy day of {rollup.name:<10}{once:>10.0f} ms{len(queries):>5} queries{len(rows):>7} rows")
    begun = time.perf_counter()
    call_command("rebuild_reports", stdout=StringIO())
    took, most = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"the year rebuilt in {took:.0f} s, {most:.0f} MB of memory at most")
    _read(venue, today)
    _fill(venue, today)
    _read(venue, today)
    _plans(venue, busy, today)


def _read(venue: Any, today: date) -> None:
    from reports import reading, registry
    from reports.definition import Query

    _say(f"{'a year of':<14}{'by':<12}{'median ms':>10}{'queries':>9}")
    for report in registry.all_reports():
        for dimension in report.dimensions:
            query = Query(frozenset([venue.pk]), venue.currency, today - timedelta(days=365), today, dimension.key)
            with CaptureQueriesContext(connection) as queries:
                reading.answer(report, query)
            took = _timed(lambda report=report, query=query: reading.answer(report, query))
            _say(f"{report.key:<14}{dimension.key:<12}{took:>10.1f}{len(queries):>9}")


def _fill(venue: Any, today: date) -> None:
    """300 things on every day of a year: some five million lines, were they sold fifty times each."""
    from reports.models import SalesDay

    names = [field.column for field in SalesDay._meta.concrete_fields if not field.primary_key]
    made = {"day": "%s::date - d", "item_id": "md5('thing' || i)::uuid"}
    picked = ", ".join(made.get(name, name) for name in names)
    series = "generate_series(0, 364) AS d, generate_series(1, 300) AS i"
    _run(_into(SalesDay, names), "SELECT", picked, *_of_one(SalesDay, limit="LIMIT 1"), series, values=[today])
    _run("ANALYZE")
    _say(f"\nwith {SalesDay.objects.count():,} rows in the rollup of sales:")


def _plans(venue: Any, busy: Any, today: date) -> None:
    from reports.models import BuyerOfOrder, SalesDay
    from reports.sales.moves import MOVED, free_of

    year = SalesDay.objects.filter(venue_id=venue.pk, day__range=(today - timedelta(days=365), today))
    from payments.models import JournalEntry

    booked = JournalEntry.objects.filter(MOVED, busy.on("occurred_at"), venue_id=venue.pk)
    for what, rows in (
        ("a year of the rollup", year),
        ("a day of the books", booked.order_by("occurred_at", "pk")),
        ("what was free on a day", free_of(busy)),
        ("the buyers of a day", BuyerOfOrder.objects.filter(busy.on("at"), venue_id=venue.pk)),
    ):
        _say(f"\n{what}:\n{rows.explain(analyze=True)}")


def _timed(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000, int(sys.argv[2]) if len(sys.argv) > 2 else 6_000)
