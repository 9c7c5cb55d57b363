"""Many times the rows of a few, made by the database itself: for measuring with as much data as years bring.

A copy's keys are derived from the original's and its number, and every column that holds a key of a copied row follows
it. So a copied order has its own lines, tickets, payment and movements, and they name each other as the originals do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import CharField, DateTimeField, EmailField, Field, Model, QuerySet
from django.db.models.fields.related import ForeignKey
from psycopg import sql

#: Minutes over which the copies are spread, back from the originals, and a step that visits them in no order.
_YEAR, _STRIDE = 365 * 24 * 60, 7_919


@dataclass(frozen=True)
class Buyer:
    """The one person whom the originals name; the copies name one of `people` made of them."""

    id: str
    email: str
    name: str
    people: int


class Copier:
    """Copies the rows of some tables `count` times. Columns named in `apart` differ from copy to copy."""

    #: Text that is unique by itself or with another column, or says whose it is: how a copy's is made.
    NUMBERS = frozenset({"number"})
    LONGER = frozenset({"nonce", "dedupe_key", "provider_id"})

    def __init__(self, rows: Iterable[QuerySet[Any]], buyer: Buyer) -> None:
        self._tables = [(found.model, [row.pk for row in found]) for found in rows]
        self._buyer = buyer

    def run(self, count: int) -> dict[str, int]:
        """Make the copies; call within a transaction. Table → how many rows were written."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE load_keys (id uuid PRIMARY KEY) ON COMMIT DROP")
            for _, keys in self._tables:
                cursor.execute("INSERT INTO load_keys SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING", [keys])
            made = {}
            for model, keys in self._tables:
                cursor.execute(
                    self._statement(model),
                    {"count": count, "keys": keys, **vars(self._buyer)},
                )
                made[model._meta.label] = cursor.rowcount
            cursor.execute("DROP TABLE load_keys")
        return made

    def _statement(self, model: type[Model]) -> Any:
        fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
        values: list[Any] = [sql.SQL(self._value(field)).format(_named(field)) for field in fields]
        return sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS one,"
            " generate_series(1, %(count)s) AS n WHERE one.{key} = ANY(%(keys)s::uuid[])"
        ).format(
            table=sql.Identifier(model._meta.db_table),
            columns=sql.SQL(", ").join([_named(field) for field in fields]),
            values=sql.SQL(", ").join(values),
            key=_named(model._meta.pk),
        )  # fmt: skip

    def _value(self, field: Field) -> str:
        """What a copy says in this column; `{}` is its name."""
        kind = field.target_field if isinstance(field, ForeignKey) else field
        if kind.get_internal_type() == "UUIDField":
            return (
                "CASE WHEN one.{0} = %(id)s::uuid THEN md5(%(id)s || ':' || n %% %(people)s)::uuid"
                " WHEN one.{0} IN (SELECT id FROM load_keys) THEN md5(one.{0}::text || n)::uuid ELSE one.{0} END"
            )
        if isinstance(field, DateTimeField):
            return f"one.{{0}} - (n::bigint * {_STRIDE} %% {_YEAR}) * interval '1 minute'"
        if not isinstance(field, CharField):
            return "one.{0}"
        return self._text(field)

    def _text(self, field: Field) -> str:
        name = field.name
        if name in self.NUMBERS or (name == "reference" and not field.unique):
            return "upper(substr(md5(one.{0} || ':' || n), 1, 12))"
        if name in self.LONGER:
            return (
                "nullif(one.{0}, '') || ':' || n"
                if field.null
                else "CASE one.{0} WHEN '' THEN '' ELSE one.{0} || ':' || n END"
            )
        if name == "reference":
            return "left(one.{0} || ':' || n, 160)"
        if name in ("plate", "plate_key"):
            return "'L' || upper(substr(md5('plate' || n %% %(people)s), 1, 6))"
        if isinstance(field, EmailField) or name == "recipient":
            return "CASE one.{0} WHEN %(email)s THEN 'fan' || n %% %(people)s || '.' || %(email)s ELSE one.{0} END"
        if name in ("contact_name", "holder_name"):
            return "CASE one.{0} WHEN %(name)s THEN 'Pat Person' || n %% %(people)s ELSE one.{0} END"
        return "one.{0}"


def people_like(buyer: Buyer, model: type[Model]) -> int:
    """The `people` whom the copies name, so that their foreign keys hold."""
    fields = model._meta.concrete_fields
    made = {
        "id": "md5(%(id)s || ':' || n)::uuid",
        "email": "'fan' || n || '.' || one.email",
        "last_name": "'Person' || n",
        "created_at": f"one.created_at - (n::bigint * {_STRIDE} %% {_YEAR}) * interval '1 minute'",
    }
    kept = sql.SQL("one.{}")
    values: list[Any] = [
        sql.SQL(made[field.column]) if field.column in made else kept.format(_named(field)) for field in fields
    ]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS one,"
        " generate_series(0, %(last)s) AS n WHERE one.id = %(id)s::uuid"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join([_named(field) for field in fields]),
        values=sql.SQL(", ").join(values),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"last": buyer.people - 1, "id": buyer.id})
        return cursor.rowcount


def _named(field: Any) -> Any:
    return sql.Identifier(field.column)
