"""A cursor for statements that are always the same: PostgreSQL parses and plans each once for a connection.

Django binds parameters in the client, so that to the server every statement is a new one. For what every request asks,
planning costs several times what running does.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db import connection


def cursor() -> Any:
    """As `connection.cursor()`; what it runs is prepared where the server can keep it.

    Behind PgBouncer in transaction mode nothing is kept (`prepare_threshold` is None there), and on SQLite the driver
    keeps statements by itself. Parameters are bound by the server, which must be able to tell their types.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    # Django's own way to a cursor, but for which class it is.
    return connection._prepare_cursor(_preparing()(connection.connection))  # type: ignore[attr-defined]


def _preparing() -> type[Any]:
    global _Preparing
    if _Preparing is None:
        from django.db.backends.postgresql.base import ServerBindingCursor

        class Preparing(ServerBindingCursor):
            def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
                done = super().execute(query, params, **{"prepare": True, **how})  # type: ignore[misc]
                # What was asked, for whoever looks: psycopg keeps it only of what it does not prepare.
                self._query = SimpleNamespace(query=query.encode())
                return done

        _Preparing = Preparing
    return _Preparing


_Preparing: type[Any] | None = None
