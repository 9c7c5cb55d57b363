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
from django.db.models import Field, GeneratedField, Model

#: Of which table, and whether a row that is there already is passed over.
_Kind = tuple[type[Model], bool]
_Waiting = dict[_Kind, list[Any]]
#: Rows of one `INSERT`, whose text is kept.
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
    statements = [(_text(*kind, len(rows)), _values(kind[0], rows)) for kind, rows in _in_batches(waiting)]
    if connection.vendor == "postgresql" and len(statements) > 1:
        *first, (last, _) = statements
        within = ", ".join(f'"row_{at}" AS ({text})' for at, (text, _) in enumerate(first))
        statements = [(f"WITH {within} {last}", [value for _, values in statements for value in values])]
    with connection.cursor() as cursor:
        for text, values in statements:
            cursor.execute(text, values)
    _stored(waiting)


def _stored(waiting: Mapping[_Kind, Sequence[Any]]) -> None:
    for row in (row for rows in waiting.values() for row in rows):
        row._state.adding, row._state.db = False, connection.alias


def _write_if(change: Change, waiting: _Waiting) -> bool:
    """In one statement; whether the change found its row."""
    parts, values = [f'"changed" AS ({change.sql} RETURNING 1)'], list(change.values)
    for (table, or_pass), rows in waiting.items():
        for row in rows:
            parts.append(f'"row_{len(parts)}" AS ({_text_if(table, or_pass)})')
            values += _values(table, [row])
    # Put together of our own names alone; what people said are the parameters.
    sql = f'WITH {", ".join(parts)} SELECT count(*) FROM "changed"'  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = bool(cursor.fetchone()[0])
    if found:
        _stored(waiting)
    return found


def _in_batches(waiting: Mapping[_Kind, Sequence[Any]]) -> Iterator[tuple[_Kind, Sequence[Any]]]:
    """No more rows at once than the database takes parameters for; an order may be of thousands of tickets."""
    for kind, rows in waiting.items():
        size = min(_MOST, connection.ops.bulk_batch_size(_fields(kind[0]), rows))
        for start in range(0, len(rows), size):
            yield kind, rows[start : start + size]


@cache
def _fields(table: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in table._meta.local_concrete_fields if not isinstance(field, GeneratedField)]


@cache
def _text(table: type[Model], or_pass: bool, number: int) -> str:
    row = f"({_marks(table)})"
    return _insert(table, f"VALUES {', '.join([row] * number)}", or_pass)


@cache
def _text_if(table: type[Model], or_pass: bool) -> str:
    """One row, if the statement's part `changed` has one. Of our own names alone, as above."""
    return _insert(table, f'SELECT {_marks(table)} FROM "changed"', or_pass)  # noqa: S608  # nosec B608


def _insert(table: type[Model], rows: str, or_pass: bool) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in _fields(table))
    # Put together of our own names alone; what people said are the parameters.
    text = f"INSERT INTO {quote(table._meta.db_table)} ({columns}) {rows}"  # nosec B608
    return f"{text} ON CONFLICT DO NOTHING" if or_pass else text


def _marks(table: type[Model]) -> str:
    return ", ".join(["%s"] * len(_fields(table)))


def _values(table: type[Model], rows: Sequence[Model]) -> list[Any]:
    # The connection itself: what stands for that of this thread would look it up for each value.
    fields, own = _fields(table), connections[DEFAULT_DB_ALIAS]
    return [field.get_db_prep_save(field.pre_save(row, True), own) for row in rows for field in fields]
