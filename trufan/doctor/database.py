"""The database: that it answers, fits this code, has room for our connections, and agrees on the time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from audit import protection
from payments import ledger_protection
from trufan.doctor.findings import Finding, error, note, ok, warning
from trufan.lib import partitions, replica
from trufan.partitioned import TABLES

#: What the tests run on, and the oldest that Django speaks to.
TESTED, OLDEST = 15, 14
#: From this part of `max_connections` on, a rush may find none left.
CROWDED = 0.8
#: Tokens and holds live for minutes: seconds of difference are seen, half a minute breaks things.
SKEW_SEEN, SKEW_BREAKS = timedelta(seconds=2), timedelta(seconds=30)


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        yield error(
            f"The database does not answer ({type(problem).__name__}).",
            "Check DATABASE_URL, that PostgreSQL runs, and that its pg_hba.conf lets this machine in.",
        )
        return
    if connection.vendor == "postgresql":
        yield _version(int(getattr(connection, "pg_version")) // 10_000)  # noqa: B009  of PostgreSQL's wrapper alone
    else:
        yield note("The database is SQLite: for one person on one machine.")


def _version(major: int) -> Finding:
    if major < OLDEST:
        return error(f"PostgreSQL {major} is too old.", f"Upgrade to {TESTED} or newer.")
    if major < TESTED:
        return warning(f"PostgreSQL {major} is older than what is tested.", f"Upgrade to {TESTED} or newer.")
    return ok(f"PostgreSQL {major} answers.")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield error(f"{len(waiting)} migrations are not applied.", "Run manage.py migrate, once, before the new code.")
        return
    yield ok("All migrations are applied.")
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.graph.nodes)
    replaced = {old for each in executor.loader.replacements.values() for old in each.replaces}
    ours = {key for key in unknown - replaced if key[0] in executor.loader.migrated_apps}
    if ours:
        yield warning(
            f"The database has {len(ours)} migrations that this code does not know: it is of a newer release.",
            "Right for a while after going back a release; else deploy the newer code here.",
        )


def triggers() -> Iterator[Finding]:
    """History and books are guarded by the database itself."""
    missing = [*protection.missing(connection), *ledger_protection.missing(connection)]
    for trigger in missing:
        yield error(
            f"The trigger {trigger} does not stand: rows that must never change could be changed.",
            "Find out who dropped it, then put it back as audit/protection.py and payments/ledger_protection.py say.",
        )
    if not missing:
        yield ok("The triggers that guard history and books stand.")


def reads_elsewhere() -> Iterator[Finding]:
    """Whether the replica answers, and how far it is behind."""
    if not replica.exists():
        return
    try:
        behind = replica.lag()
    except DatabaseError as problem:
        yield warning(
            f"The replica does not answer ({type(problem).__name__}): reports weigh on the primary.",
            "Check REPLICA_DATABASE_URL and that PostgreSQL runs there.",
        )
        return
    if behind is None or behind.total_seconds() > settings.REPLICA_MAX_LAG:
        far = "and nobody knows how far" if behind is None else f"by {behind.total_seconds():.0f} seconds"
        yield warning(
            f"The replica is behind, {far}: reports weigh on the primary.",
            "See pg_stat_replication on the primary, and the replica's log.",
        )
    else:
        yield ok(f"The replica answers, {behind.total_seconds():.1f} seconds behind.")


def monthly_partitions() -> Iterator[Finding]:
    """Of tables that are partitioned, whether the next month has a place and every row found one."""
    if connection.vendor != "postgresql":
        return
    for name, table in TABLES.items():
        found = list(partitions.problems(table, timezone.now()))
        for problem in found:
            yield warning(problem, f"Run manage.py partition ahead {name} every night (docs/scaling.md).")
        if not found and partitions.is_partitioned(table):
            yield ok(f"The partitions of {table.name} are made ahead.")


def statistics() -> Iterator[Finding]:
    """Whether PostgreSQL learns what its tables hold: without, what takes 0.1 s over 5,000 orders took 8 s."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('autovacuum')::bool AND current_setting('track_counts')::bool")
        (is_on,) = cursor.fetchone()
    if is_on:
        yield ok("PostgreSQL keeps its statistics by itself.")
    else:
        yield warning(
            "Autovacuum is off: nothing clears dead rows away, and plans are made for tables as they were.",
            "Set autovacuum and track_counts to on in postgresql.conf; until then run VACUUM ANALYZE every night.",
        )


def connections() -> Iterator[Finding]:
    """Whether the pools of this machine's processes fit into PostgreSQL, and how many connections are taken now."""
    if connection.vendor != "postgresql":
        return
    if settings.DATABASE_POOLER:
        yield note("A pooler stands in front of PostgreSQL.", "Ask it how full it is: SHOW POOLS (docs/scaling.md).")
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,"
            # pg_stat_activity hides the sessions of other roles.
            " (SELECT sum(numbackends) FROM pg_stat_database)"
        )
        room, taken = cursor.fetchone()
    wanted = _pool_size() * int(os.environ.get("WEB_CONCURRENCY", "2"))
    if wanted > room:
        yield warning(
            f"The API's pools may open {wanted} connections, and PostgreSQL has room for {room}.",
            "Lower DB_POOL_SIZE and DB_POOL_OVERFLOW, or raise max_connections (docs/scaling.md).",
        )
    if taken >= CROWDED * room:
        yield warning(
            f"{taken} of {room} connections are taken.", "See who holds them: SELECT * FROM pg_stat_activity."
        )
    if wanted <= room and taken < CROWDED * room:
        yield ok(f"{taken} of {room} connections are taken; the API may open {wanted}.")


def _pool_size() -> int:
    options: dict[str, Any] = settings.DATABASES["default"].get("OPTIONS", {})
    pool = options.get("pool")
    return int(pool["max_size"]) if pool else 1


def clock() -> Iterator[Finding]:
    """The database's clock against this machine's."""
    if connection.vendor != "postgresql":
        return
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
    yield skew("PostgreSQL", there, before, timezone.now())


def skew(whose: str, there: datetime, before: datetime, after: datetime) -> Finding:
    """How far a clock that was read between `before` and `after` is from ours."""
    off = max(before - there, there - after, timedelta(0))
    advice = "Let both machines follow a time server (chrony, systemd-timesyncd)."
    if off >= SKEW_BREAKS:
        return error(f"The clock of {whose} is {off.total_seconds():.0f} seconds from ours.", advice)
    if off >= SKEW_SEEN:
        return warning(f"The clock of {whose} is {off.total_seconds():.1f} seconds from ours.", advice)
    return ok(f"The clock of {whose} agrees with ours.")
