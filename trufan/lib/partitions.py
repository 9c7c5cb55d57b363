"""Monthly partitions of tables that only grow, on PostgreSQL: turned in place, made ahead, taken off (docs/scaling.md).

A partition holds the keys of a month. Keys are UUIDs of version 7 and begin with the time of their making, so the
primary key is the partition key: it stays unique over all partitions, and a row is found by its id in one of them.
Other unique constraints hold within a partition alone. What PostgreSQL does under a lock here reads no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

#: A switch that has to wait longer for its locks gives up and may be tried again: sales would queue behind it.
LOCK_SECONDS = 3
#: Partitions are made for so many months after this one.
AHEAD = 3
#: The switch waits for no month to end: so close to it, the first partition takes the next month too.
_MARGIN = timedelta(days=1)
_FIRST, _REST = "p0", "rest"
_MONTH = re.compile(r"_y(\d{4})m(\d{2})$")


class NotNow(Exception):
    """What was asked is not possible; the message says why, and nothing was changed."""


@dataclass(frozen=True)
class Table:
    """`why_stays`: why no partition may ever be taken off; empty: they may, once `is_used` counts nothing.

    `is_used` is SQL that counts rows of the partition `{partition}` which something still needs, before `%(now)s`.
    """

    name: str
    why_stays: str = ""
    is_used: str = ""


def month_of(moment: datetime, later: int = 0) -> datetime:
    """The beginning, in UTC, of the moment's month or of so many later."""
    months = moment.astimezone(UTC).year * 12 + moment.astimezone(UTC).month - 1 + later
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def bound(moment: datetime) -> str:
    """The least key that is made from this moment on."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-0000-0000-000000000000"


def is_partitioned(table: Table) -> bool:
    return bool(_rows("SELECT 1 FROM pg_class WHERE oid = %s::regclass AND relkind = 'p'", table.name))


def partitions(table: Table) -> list[tuple[str, int, int]]:
    """Name, rows (as PostgreSQL estimates) and bytes of each, in order of their names."""
    return _rows(
        """SELECT c.relname, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid) FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass ORDER BY c.relname""",
        table.name,
    )


# -- Turning --


def start(table: Table, now: datetime) -> None:
    """Turn the table: what it holds becomes the first partition as it stands. Raises `NotNow`, `OperationalError`.

    Rows are read before and after the switch, while others write; the switch itself reads none.
    """
    if is_partitioned(table):
        raise NotNow(f"{table.name} is partitioned already.")
    upper = month_of(now + _MARGIN, 1)
    check = f"{table.name}_{_FIRST}"
    _run(
        f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {check}",
        f"ALTER TABLE {table.name} ADD CONSTRAINT {check} CHECK (id < '{bound(upper)}') NOT VALID",
    )
    try:
        _run(f"ALTER TABLE {table.name} VALIDATE CONSTRAINT {check}")
    except IntegrityError as strange:
        _run(f"ALTER TABLE {table.name} DROP CONSTRAINT {check}")
        raise NotNow(f"{table.name} has rows whose keys do not begin with their time: made up?") from strange
    with transaction.atomic():
        referring = _switch(table, check, upper)
        ahead(table, now)
    for name, constraint in referring:
        _run(f"ALTER TABLE {name} VALIDATE CONSTRAINT {constraint}")
    _run(f"ANALYZE {table.name}")


def _switch(table: Table, check: str, upper: datetime) -> list[tuple[str, str]]:
    """The new table in place of the old, within the caller's transaction; the foreign keys that are to be validated."""
    name, first = table.name, f"{table.name}_{_FIRST}"
    _run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'", f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
    indexes, foreign, triggers = _indexes(name), _foreign_keys(name), _triggers(name)
    referring = _referring(name)
    for where, constraint, _ in [*referring, *_own_keys(name)]:
        _run(f"ALTER TABLE {where} DROP CONSTRAINT {constraint}")
    for trigger, _, is_for_rows in triggers:
        if is_for_rows:
            _run(f"DROP TRIGGER {trigger} ON {name}")
    _run(f"ALTER TABLE {name} RENAME TO {first}")
    for index in [f"{name}_pkey", *(each for each, _, _ in indexes)]:
        _run(f"ALTER INDEX {index} RENAME TO {index[:58]}_{_FIRST}")
    _run(
        f"CREATE TABLE {name} (LIKE {first} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id)",
        f"ALTER TABLE {name} DROP CONSTRAINT {check}",
        f"ALTER TABLE {name} ADD CONSTRAINT {name}_pkey PRIMARY KEY (id)",
        *(f"ALTER TABLE {name} ADD CONSTRAINT {key} {words}" for key, words in foreign),
        *(words for _, words, is_unique in indexes if not is_unique),
        *(words for _, words, _ in triggers),
        *_grants(first, name),
        f"ALTER TABLE {name} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ('{bound(upper)}')",
        f"ALTER TABLE {first} DROP CONSTRAINT {check}",
        f"CREATE TABLE {name}_{_REST} PARTITION OF {name} DEFAULT",
        *(f"ALTER TABLE {where} ADD CONSTRAINT {key} {words} NOT VALID" for where, key, words in referring),
    )
    _finish(table, f"{name}_{_REST}")
    return [(where, key) for where, key, _ in referring]


# -- Month by month --


def ahead(table: Table, now: datetime, months: int = AHEAD) -> list[str]:
    """Make the partitions that are missing, from this month on; their names. Run it every night."""
    if not is_partitioned(table):
        raise NotNow(f"{table.name} is not partitioned.")
    made = []
    for later in range(months + 1):
        since, until = month_of(now, later), month_of(now, later + 1)
        name = f"{table.name}_y{since:%Y}m{since:%m}"
        if name in {each for each, _, _ in partitions(table)} or bound(since) < _first_ends(table):
            continue
        with transaction.atomic():
            _run(
                f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'",
                f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
                f"ALTER TABLE {table.name} ATTACH PARTITION {name} "
                f"FOR VALUES FROM ('{bound(since)}') TO ('{bound(until)}')",
            )
            _finish(table, name)
        made.append(name)
    return made


def detach(table: Table, before: datetime, now: datetime) -> list[str]:
    """Take off the months that end by `before`; they stay as tables of their own. Raises `NotNow`.

    All in one transaction: what one of them still needs of another goes with it.
    """
    if table.why_stays:
        raise NotNow(table.why_stays)
    ends = {name: _ends(name) for name, _, _ in partitions(table)}
    gone = [name for name, end in ends.items() if end is not None and end <= before]
    with transaction.atomic():
        _run(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        for name in gone:
            _run(f"ALTER TABLE {table.name} DETACH PARTITION {name}")
        for name in gone:
            if used := _count(table.is_used.format(partition=name, table=table.name), now):
                raise NotNow(f"{used} rows of {name} are still needed.")
    return gone


def problems(table: Table, now: datetime) -> Iterator[str]:
    """What is wrong with a partitioned table: no partition for next month, or rows that fell into none."""
    if not is_partitioned(table):
        return
    names = {each for each, _, _ in partitions(table)}
    following = month_of(now, 1)
    if f"{table.name}_y{following:%Y}m{following:%m}" not in names and bound(following) >= _first_ends(table):
        yield f"{table.name} has no partition for {following:%B %Y}."
    if _rows(f"SELECT 1 FROM {table.name}_{_REST} LIMIT 1"):  # noqa: S608  # nosec B608  a name of ours
        yield f"Rows of {table.name} belong to no month and fell into {table.name}_{_REST}."


# -- What PostgreSQL says of a table --


def _finish(table: Table, partition: str) -> None:
    """What a partition does not get from its table: uniqueness beyond the key, and guards of whole statements."""
    first = f"{table.name}_{_FIRST}"
    for name, words, is_unique in _indexes(first):
        if is_unique:
            stem = name.removesuffix(f"_{_FIRST}")[:40]
            suffix = partition.removeprefix(table.name)
            _run(words.replace(name, f"{stem}{suffix}", 1).replace(f" public.{first} ", f" {partition} "))
    for _name, words, is_for_rows in _triggers(table.name):
        if not is_for_rows:
            _run(words.replace(f" ON public.{table.name} ", f" ON {partition} "))


def _indexes(table: str) -> list[tuple[str, str, bool]]:
    """Name, statement, and whether it is unique beside the primary key; without the primary key's own."""
    return _rows(
        """SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisunique FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass AND NOT i.indisprimary""",
        table,
    )


def _foreign_keys(table: str) -> list[tuple[str, str]]:
    """Those that lead to other tables."""
    return _rows(
        """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid <> conrelid""",
        table,
    )


def _own_keys(table: str) -> list[tuple[str, str, str]]:
    """Those that lead to the table itself. They are not made again: no partition could ever be taken off."""
    return _rows(
        """SELECT conrelid::regclass::text, conname, '' FROM pg_constraint
        WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = conrelid""",
        table,
    )


def _referring(table: str) -> list[tuple[str, str, str]]:
    """Foreign keys of other tables that lead here."""
    return _rows(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'f' AND confrelid = %s::regclass AND confrelid <> conrelid""",
        table,
    )


def _triggers(table: str) -> list[tuple[str, str, bool]]:
    """Name, statement, and whether it is for each row."""
    return _rows(
        """SELECT tgname, pg_get_triggerdef(oid), tgtype & 1 = 1 FROM pg_trigger
        WHERE tgrelid = %s::regclass AND NOT tgisinternal""",
        table,
    )


def _grants(source: str, target: str) -> list[str]:
    """Owner and rights of the old table, for the new one."""
    (owner,) = _rows("SELECT relowner::regrole::text FROM pg_class WHERE oid = %s::regclass", source)
    rights = _rows(
        """SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass""",
        source,
    )
    return [
        f"ALTER TABLE {target} OWNER TO {owner[0]}",
        *(f"GRANT {right} ON {target} TO {grantee}" for right, grantee in rights),
    ]


def _first_ends(table: Table) -> str:
    """The least key that is not in the first partition any more."""
    found = _rows("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s", f"{table.name}_{_FIRST}")
    return found[0][0].split("TO ('")[1].split("'")[0] if found and found[0][0] else ""


def _ends(partition: str) -> datetime | None:
    """When the time of a partition is over; None for the one of rows that belong to no month."""
    if partition.endswith(f"_{_FIRST}"):
        least = _first_ends(Table(partition.removesuffix(f"_{_FIRST}")))
        return datetime.fromtimestamp(int(least.replace("-", "")[:12], 16) / 1000, UTC) if least else None
    found = _MONTH.search(partition)
    return month_of(datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC), 1) if found else None


def _count(sql: str, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"now": now})
        return int(cursor.fetchone()[0])


def _rows(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
