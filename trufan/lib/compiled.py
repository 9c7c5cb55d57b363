"""One row by its key, on paths that every request takes: the statement is put together once and not each time.

Django builds the text of a query anew whenever it runs, which costs more than PostgreSQL takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


class OneByKeys(Generic[Row]):
    """`OneByKeys(lambda *keys: Ticket.objects.filter(pk=keys[0]), 1).get(pk)`: the row, or None.

    `build` makes the queryset of so many UUIDs, in which nothing else may differ from call to call: no time, no user.
    It may follow relations (`select_related`) and annotate; it may not prefetch.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], keys: int = 1) -> None:
        self._build, self._marks = build, [uuid4() for _ in range(keys)]
        self._compiled: dict[str, _Statement] = {}

    def get(self, *keys: UUID) -> Row | None:
        """One query."""
        statement = self._compiled.get(connection.vendor)
        if statement is None:
            statement = _Statement(self._build(*self._marks), self._marks)
            self._compiled[connection.vendor] = statement
        return statement.run(keys)


class _Statement:
    """What one kind of database is asked, and how a row of it becomes objects."""

    def __init__(self, rows: QuerySet[Any], marks: list[UUID]) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self._sql, params = compiler.as_sql()
        given = {_adapted(mark): at for at, mark in enumerate(marks)}
        self._params = [(given.get(value) if isinstance(value, (str, UUID)) else None, value) for value in params]
        select, info = compiler.select, compiler.klass_info
        self._converters = compiler.get_converters([column for column, _, _ in select])
        self._compiler, self._model = compiler, info["model"]
        fields = info["select_fields"]
        self._start, self._end = fields[0], fields[-1] + 1
        self._names = [column.target.attname for column, _, _ in select[self._start : self._end]]
        # The stubs are of a later Django, which has one argument more.
        self._related = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
        self._annotations = compiler.annotation_col_map

    def run(self, keys: tuple[UUID, ...]) -> Any:
        params = [value if at is None else _adapted(keys[at]) for at, value in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            row = cursor.fetchone()
        if row is None:
            return None
        if self._converters:
            row = next(iter(self._compiler.apply_converters([row], self._converters)))
        made = self._model.from_db(connection.alias, self._names, row[self._start : self._end])
        for related in self._related:
            related.populate(row, made)
        for name, column in (self._annotations or {}).items():
            setattr(made, name, row[column])
        return made


def _adapted(key: UUID) -> Any:
    """As the database keeps it."""
    return key if connection.features.has_native_uuid_field else key.hex
