"""Rows that are only added: entries, marks, messages. Nobody in the transaction that writes them reads them again.

So they can wait for each other, and go to PostgreSQL as one statement whatever tables they are of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model

from trufan.lib import prepared
from trufan.lib.json_rows import columns, packed

#: Of which table, and whether a row that is there already is passed over.
_Kind = tuple[type[Model], bool]
_Waiting = dict[_Kind, list[Any]]
#: Rows of one `INSERT` where each value is a parameter.
_MOST = 500
_waiting: ContextVar[_Waiting | None] = ContextVar("trufan_waiting_rows", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """What is added in the block is written together: when it ends, or before a statement that writes or asks for it.

    So who asks sees it, and a row that others wait for is not locked while it is written. Straight inside of an
    `atomic` block, with none within that may be rolled back by itself. What the block raises leaves nothing behind.
    """
    rows: _Waiting = {}
    token = _waiting.set(rows)
    try:
        with connection.execute_wrapper(partial(_after, rows)):
            yield
        _write_all(rows)
    finally:
        _waiting.reset(token)


class Change:
    """An UPDATE of one row, and whether it found it."""

    def __init__(self, sql: str, values: Sequence[Any]) -> None:
        self.sql, self.values = sql, values
        self.found = False


@contextmanager
def gathered_if(change: Change) -> Iterator[Change]:
    """What is added in the block is written when it ends, if the change finds its row; else nothing is.

    Outside of a transaction they are one statement on PostgreSQL, which is whole by itself. Nothing else may be written
    in the block, and nobody be told of what it adds before it ended.
    """
    rows: _Waiting = {}
    token = _waiting.set(rows)
    try:
        yield change
        if connection.vendor == "postgresql" and not connection.in_atomic_block:
            change.found = _write_if(change, rows)
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change.sql, change.values)
                change.found = cursor.rowcount == 1
                _write(rows if change.found else {})
    finally:
        _waiting.reset(token)


def append(*rows: Model, or_pass: bool = False) -> None:
    """Add rows that are not stored yet, at once or with the others that are gathered. No signals are sent.

    `or_pass`: a row that contradicts one that is there is left out and is no error.
    """
    waiting: _Waiting = {}
    now = _waiting.get()
    for row in rows:
        (waiting if now is None else now).setdefault((type(row), or_pass), []).append(row)
    _write(waiting)


def _after(waiting: _Waiting, execute: Callable[..., Any], sql: Any, *more: Any) -> Any:
    """Carry out a statement; before it write what waits, if it might matter to it."""
    if waiting and not (_only_reads(sql) and all(table._meta.db_table not in sql for table, _ in waiting)):
        _write_all(waiting)
    return execute(sql, *more)


def _only_reads(sql: Any) -> bool:
    return isinstance(sql, str) and sql.startswith("SELECT") and " FOR " not in sql


def _write_all(waiting: _Waiting) -> None:
    rows = dict(waiting)
    waiting.clear()
    _write(rows)


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


def _stored(waiting: Mapping[_Kind, Sequence[Any]]) -> None:
    for row in (row for rows in waiting.values() for row in rows):
        row._state.adding, row._state.db = False, connection.alias


def _write_if(change: Change, waiting: _Waiting) -> bool:
    """In one statement; whether the change found its row."""
    text = _text_if(change.sql, tuple(waiting))
    with prepared.cursor() as cursor:
        cursor.execute(text, [*change.values, *(packed(rows) for rows in waiting.values())])
        found = bool(cursor.fetchone()[0])
    if found:
        _stored(waiting)
    return found


# -- Texts: put together of our own names alone; what people said are the parameters --


@cache
def _text_of_all(kinds: tuple[_Kind, ...]) -> str:
    """One statement; each table's rows are one parameter."""
    *first, last = (_insert(table, _unpacked(table), or_pass) for table, or_pass in kinds)
    within = ", ".join(f'"row_{at}" AS ({text})' for at, text in enumerate(first))
    return f"WITH {within} {last}" if within else last


@cache
def _text_if(change: str, kinds: tuple[_Kind, ...]) -> str:
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
