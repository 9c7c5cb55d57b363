"""Rows of a table as one JSON array, which PostgreSQL takes apart by itself (`json_populate_recordset`).

The statement that adds them is then the same whatever their number, so that it can be kept, and has one parameter for
each table and not one for each value: with those, putting its text together was a quarter of an order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, time
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import Field, GeneratedField, Model
from django.utils.functional import Promise

#: Reads off a row what stands in JSON for one column of it.
_Way = Callable[[Model], Any]


@cache
def columns(table: type[Model]) -> list[Field[Any, Any]]:
    """The fields of its own columns that are written: not those that the database works out."""
    return [field for field in table._meta.local_concrete_fields if not isinstance(field, GeneratedField)]


def packed(rows: Sequence[Model]) -> str:
    """Rows of one table, as saving would write them; fields that set themselves when saved do.

    Raises `TypeError` for what is no JSON in a JSON field, as saving does.
    """
    names, ways, encode = _reading(type(rows[0]))
    return encode([dict(zip(names, [way(row) for way in ways], strict=True)) for row in rows])


@cache
def _reading(table: type[Model]) -> tuple[list[str], list[_Way], Callable[[Any], str]]:
    fields = columns(table)
    kinds = {field.encoder for field in fields if isinstance(field, models.JSONField) and field.encoder}
    if len(kinds) > 1:
        raise TypeError(f"the JSON fields of {table.__name__} are written in several ways")
    encoder = kinds.pop() if kinds else _Encoder
    encode = encoder(separators=(",", ":")).encode
    return [field.column or "" for field in fields], [_way(field) for field in fields], encode


class _Encoder(json.JSONEncoder):
    """Of tables whose JSON fields have none of their own: words that are translated when they are read, and no more."""

    def default(self, value: Any) -> Any:
        return str(value) if isinstance(value, Promise) else super().default(value)


def _way(field: Field[Any, Any]) -> _Way:
    read, kept = attrgetter(field.attname), field.target_field if isinstance(field, models.ForeignKey) else field
    if type(kept) is models.UUIDField:
        return lambda row: None if (key := read(row)) is None else str(key)
    if type(kept) is models.DateTimeField and not kept.auto_now and not kept.auto_now_add:
        return lambda row: None if (moment := read(row)) is None else moment.isoformat()
    if isinstance(kept, models.GenericIPAddressField):
        # Django writes NULL for none.
        return lambda row: read(row) or None
    if type(kept).pre_save is Field.pre_save and type(kept).get_prep_value in _AS_IT_IS:
        return read
    return lambda row: _told(field.get_prep_value(field.pre_save(row, True)))


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | time) else value


#: Of fields whose values JSON and PostgreSQL read alike.
_AS_IT_IS = frozenset(
    kind.get_prep_value
    for kind in (models.JSONField, models.CharField, models.TextField, models.BooleanField, models.IntegerField)
)
