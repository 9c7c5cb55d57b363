"""Whether anything of the other venue was changed, or anything new hung upon it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

#: Written by whoever buys, waits or looks, at any venue that is on sale.
COUNTED = {"held", "sold", "updated_at", "version", "version_seen", "last_used_at", "views", "waiting", "position"}
OURS = {
    "accounts", "audit", "events", "notifications", "orders", "parking", "payments", "reports", "ticketing", "venues",
}  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """What happens in here is taken back. What insists on being the outermost transaction may be one in here."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def tables() -> list[type[Model]]:
    """Every table of ours."""
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]


def keys_of_all() -> dict[type[Model], set[Any]]:
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in tables()}


class Watch:
    """Rows as they are, to be compared with what they are later in the same transaction.

    PostgreSQL counts for each table what a transaction wrote; only those that were written to are read again.
    """

    def __init__(self, theirs: dict[type[Model], set[Any]]) -> None:
        self.theirs = {model: keys for model, keys in theirs.items() if keys}
        self.ids = {key for keys in theirs.values() for key in keys if isinstance(key, UUID)}
        self.before = {model: self._rows(model) for model in self.theirs}
        self.known = keys_of_all()
        self.written = _written()

    def start(self) -> None:
        """Count from here."""
        self.written = _written()

    def changes(self) -> list[str]:
        """What of theirs differs, a line for each row, and `table +` for a new row that names one of theirs."""
        found = []
        touched = _written() - self.written if connection.vendor == "postgresql" else None
        for model in tables():
            if touched is not None and not touched[model._meta.db_table]:
                continue
            found += self._changed(model) if model in self.theirs else []
            found += self._added(model)
        return found

    def _rows(self, model: type[Model]) -> dict[Any, dict[str, Any]]:
        rows = model._base_manager.filter(pk__in=self.theirs[model]).values()
        return {row[model._meta.pk.attname]: row for row in rows}

    def _changed(self, model: type[Model]) -> list[str]:
        after = self._rows(model)
        return [
            f"{model.__name__}: {key} " + (str(_difference(row, after[key])) if key in after else "deleted")
            for key, row in self.before[model].items()
            if key not in after or _difference(row, after[key])
        ]

    def _added(self, model: type[Model]) -> list[str]:
        news = model._base_manager.exclude(pk__in=self.known[model]).values()
        return [f"{model.__name__} +{row}" for row in news if self.ids & {v for v in row.values() if _hashable(v)}]


def _hashable(value: Any) -> bool:
    return isinstance(value, UUID)


def _difference(was: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (value, now[name]) for name, value in was.items() if now[name] != value and name not in COUNTED}


def _written() -> Counter[str]:
    if connection.vendor != "postgresql":
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return Counter(dict(cursor.fetchall()))
