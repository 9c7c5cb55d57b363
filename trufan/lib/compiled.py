"""Statements by keys, on paths that every request takes: each is put together once and not each time.

Django builds the text of a query anew whenever it runs, which costs more than PostgreSQL takes to answer it; and
PostgreSQL plans anew what it has not been given to keep (`prepared`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.utils import timezone
from psycopg.sql import Literal

from trufan.lib import prepared

Row = TypeVar("Row", bound=Model)
_MARK = re.compile("%[%s]")
#: What a statement may differ in from call to call.
Key = UUID | datetime | int | str


class AllByKeys(Generic[Row]):
    """`AllByKeys(lambda venue: TaxRate.objects.filter(venue=venue), UUID).all(pk)`: the rows, in their order.

    `build` makes the queryset of so many keys of these kinds, `UUID`, `datetime`, `int` or `str`; nothing else may
    differ from call to call. It may follow relations (`select_related`) and annotate; it may not prefetch.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *kinds: type[Key]) -> None:
        self._build = build
        self._marks = [_mark(kind, at) for at, kind in enumerate(kinds or (UUID,))]
        self._compiled: dict[str, _Statement] = {}

    def all(self, *keys: Key) -> list[Row]:
        """One query."""
        return self._statement().run(keys)

    def _statement(self) -> _Statement:
        statement = self._compiled.get(connection.vendor)
        if statement is None:
            statement = _Statement(self._build(*self._marks), self._marks)
            self._compiled[connection.vendor] = statement
        return statement


class OneByKeys(AllByKeys[Row]):
    """The same where there is one row at most: `OneByKeys(lambda pk: Ticket.objects.filter(pk=pk)).get(pk)`."""

    def get(self, *keys: Key) -> Row | None:
        """The row, or None. One query."""
        rows = self.all(*keys)
        return rows[0] if rows else None


class UpdateByKeys:
    """The same of a change: `UpdateByKeys(lambda pk, n: (Kind.objects.filter(pk=pk), {"sold": n}), UUID, int)`.

    `build` makes the rows and what of them becomes what; `updated_at` is always set.
    """

    def __init__(self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]], *kinds: type[Key]) -> None:
        self._build = build
        self._marks = [_mark(kind, at) for at, kind in enumerate((*kinds, datetime))]
        self._compiled: dict[str, tuple[str, _Params]] = {}

    def run(self, *keys: Key) -> int:
        """One statement. How many rows it found."""
        with prepared.cursor() as cursor:
            cursor.execute(*self.statement(*keys))
            found: int = cursor.rowcount
        return found

    def statement(self, *keys: Key) -> tuple[str, list[Any]]:
        """What `run` carries out, for who carries it out together with another."""
        statement = self._compiled.get(connection.vendor)
        if statement is None:
            statement = self._compiled[connection.vendor] = self._made()
        sql, params = statement
        return sql, params.filled((*keys, timezone.now()))

    def _made(self) -> tuple[str, _Params]:
        *marks, now = self._marks
        rows, changes = self._build(*marks)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values({**changes, "updated_at": now})
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, _Params(params, self._marks)


class _Params:
    """The parameters of a statement: those that stay, and where the keys go."""

    def __init__(self, params: Iterable[Any], marks: Sequence[Key]) -> None:
        given = {_adapted(mark): at for at, mark in enumerate(marks)}
        self._params = [
            (given.get(value) if isinstance(value, (str, int, UUID, datetime)) else None, value) for value in params
        ]
        if set(given.values()) - {at for at, _ in self._params}:
            # Something changed a mark on its way: the statement would always ask for the mark.
            raise TypeError("a key of the statement is not among its parameters as it was given")

    def written_into(self, sql: str) -> str:
        """The statement with what stays as part of its text: only so a plan that is kept fits a partial index.

        Only the keys are parameters from then on.
        """
        kept, values = [], iter(self._params)

        def write(mark: re.Match[str]) -> str:
            if mark[0] == "%%":
                return mark[0]
            at, value = next(values)
            if at is not None or not isinstance(value, str | int):
                kept.append((at, value))
                return "%s"
            # psycopg's own quoting, of values that stand in our queries.
            return Literal(value).as_string().replace("%", "%%")

        text = _MARK.sub(write, sql)
        self._params = kept
        return text

    def filled(self, keys: Sequence[Key]) -> list[Any]:
        return [value if at is None else _adapted(keys[at]) for at, value in self._params]


class _Statement:
    """What one kind of database is asked, and how its rows become objects."""

    def __init__(self, rows: QuerySet[Any], marks: Sequence[Key]) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        self._params = _Params(params, marks)
        self._sql = self._params.written_into(sql) if connection.vendor == "postgresql" else sql
        select, info = compiler.select, compiler.klass_info
        self._converters = compiler.get_converters([column for column, _, _ in select])
        self._compiler, self._model = compiler, info["model"]
        fields = info["select_fields"]
        self._start, self._end = fields[0], fields[-1] + 1
        self._names = [column.target.attname for column, _, _ in select[self._start : self._end]]
        # The stubs are of a later Django, which has one argument more.
        self._related = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
        self._annotations = compiler.annotation_col_map

    def run(self, keys: Sequence[Key]) -> list[Any]:
        with prepared.cursor() as cursor:
            cursor.execute(self._sql, self._params.filled(keys))
            rows = cursor.fetchall()
        if rows and self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        return [self._made(row) for row in rows]

    def _made(self, row: Sequence[Any]) -> Any:
        made = self._model.from_db(connection.alias, self._names, row[self._start : self._end])
        for related in self._related:
            related.populate(row, made)
        for name, column in (self._annotations or {}).items():
            setattr(made, name, row[column])
        return made


def _mark(kind: type[Key], at: int) -> Key:
    """A key that nothing else in a statement is: it stands for the one to come."""
    if kind is UUID:
        return uuid4()
    if kind is datetime:
        return datetime(9000, 1, 1, tzinfo=UTC) + timedelta(microseconds=at + 1)
    # As a small integer column can hold it.
    return 31_000 + at if kind is int else f"mark-{uuid4().hex}"


def _adapted(key: Key) -> Any:
    """As the database keeps it."""
    if isinstance(key, UUID):
        return key if connection.features.has_native_uuid_field else key.hex
    return connection.ops.adapt_datetimefield_value(key) if isinstance(key, datetime) else key
