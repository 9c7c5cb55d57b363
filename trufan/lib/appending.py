"""Rows that are only added: entries, marks, messages. Nobody in the transaction that writes them reads them again.

So they can wait for each other, and go to PostgreSQL as one statement whatever tables they are of: with the change of
one row that others wait for, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model
from psycopg import pq

from trufan.lib import prepared
from trufan.lib.json_rows import columns, packed

#: Of which table, and whether a row that is there already is passed over.
_Kind = tuple[type[Model], bool]
#: Rows of one `INSERT` where each value is a parameter.
_MOST = 500


@dataclass(frozen=True)
class Change:
    """An UPDATE of one row of a table. `missed` is called where it finds none, and raises."""

    table: type[Model]
    sql: str
    values: Sequence[Any]
    missed: Callable[[], None]


@dataclass
class _Waiting:
    rows: dict[_Kind, list[Any]] = field(default_factory=dict)
    change: Change | None = None

    def __bool__(self) -> bool:
        return bool(self.rows or self.change)

    def names(self, sql: str) -> bool:
        """Whether a statement is about a table that something waits for."""
        tables = [table for table, _ in self.rows] + ([self.change.table] if self.change else [])
        return any(table._meta.db_table in sql for table in tables)


_waiting: ContextVar[_Waiting | None] = ContextVar("trufan_waiting_rows", default=None)


@contextmanager
def gathered(*, ends: bool = False) -> Iterator[None]:
    """What is added in the block is written together: when it ends, or before a statement that writes or asks for it.

    So who asks sees it, and a row that others wait for is not locked while it is written. Straight inside of an
    `atomic` block, with none within that may be rolled back by itself, or outside of any, where nothing else is
    written. What the block raises leaves nothing behind.

    `ends`: nothing that may fail comes after it in the transaction. Where nothing was asked before either, all of the
    transaction is one statement, and needs no BEGIN and COMMIT around it.
    """
    waiting = _Waiting()
    token = _waiting.set(waiting)
    try:
        with connection.execute_wrapper(partial(_after, waiting)):
            yield
        _write_all(waiting, _by_itself() if ends else None)
    finally:
        _waiting.reset(token)


def append(*rows: Model, or_pass: bool = False) -> None:
    """Add rows that are not stored yet, at once or with the others that are gathered. No signals are sent.

    `or_pass`: a row that contradicts one that is there is left out and is no error.
    """
    now = _waiting.get()
    waiting = _Waiting() if now is None else now
    for row in rows:
        waiting.rows.setdefault((type(row), or_pass), []).append(row)
    if now is None:
        _write_all(waiting)


def change(asked: Change) -> None:
    """Carry out a change, at once or with the rows that are gathered, after them.

    What it misses is said then, perhaps by a later statement of the block: nobody may catch it within.
    """
    now = _waiting.get()
    if now is None:
        _write_all(_Waiting(change=asked))
    else:
        if now.change:
            _write_all(now)
        now.change = asked


def _after(waiting: _Waiting, execute: Callable[..., Any], sql: Any, *more: Any) -> Any:
    """Carry out a statement; before it write what waits, if it might matter to it."""
    if waiting and not (_only_reads(sql) and not waiting.names(sql)):
        _write_all(waiting)
    return execute(sql, *more)


def _only_reads(sql: Any) -> bool:
    return isinstance(sql, str) and sql.startswith("SELECT") and " FOR " not in sql


def _write_all(waiting: _Waiting, around: AbstractContextManager[None] | None = None) -> None:
    rows, changed = dict(waiting.rows), waiting.change
    waiting.rows.clear()
    waiting.change = None
    if changed is None:
        with around or nullcontext():
            _write(rows)
    elif connection.vendor == "postgresql" and rows:
        with around or nullcontext():
            found = _write_with(changed, rows)
        if not found:
            changed.missed()
        _stored(rows)
    else:
        with nullcontext() if connection.in_atomic_block else transaction.atomic():
            _write(rows)
            with prepared.cursor() as cursor:
                cursor.execute(changed.sql, changed.values)
                if not cursor.rowcount:
                    changed.missed()


@contextmanager
def _by_itself() -> Iterator[None]:
    """A statement that is all there is of its transaction needs no other around it.

    The rows that it locks are then locked while PostgreSQL works, and not while this thread waits for its turn to
    send the COMMIT: with those of a process taking turns, that was most of the time.
    """
    raw = connection.connection
    is_all = connection.vendor == "postgresql" and connection.in_atomic_block and not connection.savepoint_ids
    if not is_all or raw is None or raw.info.transaction_status != pq.TransactionStatus.IDLE:
        yield
        return
    raw.autocommit = True
    try:
        yield
    finally:
        # A connection that was lost has nothing to set, and saying so would hide why.
        if raw.info.transaction_status == pq.TransactionStatus.IDLE:
            raw.autocommit = False


def _write(waiting: Mapping[_Kind, Sequence[Any]]) -> None:
    if not waiting:
        return
    if connection.vendor == "postgresql":
        with prepared.cursor() as cursor:
            cursor.execute(_text_of_all(tuple(waiting)), [packed(rows) for rows in waiting.values()])
    else:
        with connection.cursor() as cursor:
            for (table, or_pass), rows in _in_batches(waiting):
                cursor.execute(_text_of_values(table, or_pass, len(rows)), _values(table, rows))
    _stored(waiting)


def _write_with(changed: Change, waiting: Mapping[_Kind, Sequence[Any]]) -> bool:
    """In one statement: all of it, or nothing; whether the change found its row."""
    with prepared.cursor() as cursor:
        text = _text_with(changed.sql, tuple(waiting))
        cursor.execute(text, [*changed.values, *(packed(rows) for rows in waiting.values())])
        return bool(cursor.fetchone()[0])


def _stored(waiting: Mapping[_Kind, Sequence[Any]]) -> None:
    for row in (row for rows in waiting.values() for row in rows):
        row._state.adding, row._state.db = False, connection.alias


# -- Texts: put together of our own names alone; what people said are the parameters --


@cache
def _text_of_all(kinds: tuple[_Kind, ...]) -> str:
    """One statement; each table's rows are one parameter."""
    *first, last = (_insert(table, _unpacked(table), or_pass) for table, or_pass in kinds)
    within = ", ".join(f'"row_{at}" AS ({text})' for at, text in enumerate(first))
    return f"WITH {within} {last}" if within else last


@cache
def _text_with(change: str, kinds: tuple[_Kind, ...]) -> str:
    """The same, if the change finds its row; one column and row of the answer: how many it found."""
    parts = [f'"changed" AS ({change} RETURNING 1)']
    for at, (table, or_pass) in enumerate(kinds):
        rows = f'{_unpacked(table)}, "changed"'
        parts.append(f'"row_{at}" AS ({_insert(table, rows, or_pass)})')
    return f'WITH {", ".join(parts)} SELECT count(*) FROM "changed"'  # noqa: S608  # nosec B608


@cache
def _text_of_values(table: type[Model], or_pass: bool, number: int) -> str:
    row = f"({', '.join(['%s'] * len(columns(table)))})"
    return _insert(table, f"VALUES {', '.join([row] * number)}", or_pass)


def _unpacked(table: type[Model]) -> str:
    name = connection.ops.quote_name(table._meta.db_table)
    return f"SELECT {_names(table)} FROM json_populate_recordset(NULL::{name}, %s)"  # noqa: S608  # nosec B608


def _insert(table: type[Model], rows: str, or_pass: bool) -> str:
    text = f"INSERT INTO {connection.ops.quote_name(table._meta.db_table)} ({_names(table)}) {rows}"  # nosec B608
    return f"{text} ON CONFLICT DO NOTHING" if or_pass else text


def _names(table: type[Model]) -> str:
    return ", ".join(connection.ops.quote_name(field.column or "") for field in columns(table))


# -- Where each value is a parameter --


def _in_batches(waiting: Mapping[_Kind, Sequence[Any]]) -> Iterator[tuple[_Kind, Sequence[Any]]]:
    """No more rows at once than the database takes parameters for; an order may be of thousands of tickets."""
    for kind, rows in waiting.items():
        size = min(_MOST, connection.ops.bulk_batch_size(columns(kind[0]), rows))
        for start in range(0, len(rows), size):
            yield kind, rows[start : start + size]


def _values(table: type[Model], rows: Sequence[Model]) -> list[Any]:
    # The connection itself: what stands for that of this thread would look it up for each value.
    fields, own = columns(table), connections[DEFAULT_DB_ALIAS]
    return [field.get_db_prep_save(field.pre_save(row, True), own) for row in rows for field in fields]
