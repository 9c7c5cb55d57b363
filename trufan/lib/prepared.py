"""A cursor for statements that are always the same: PostgreSQL parses and plans each once for a connection.

Django binds parameters in the client, so that to the server every statement is a new one. For what every request asks,
planning costs several times what running does.
"""

from __future__ import annotations

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


class _Asked:
    """What was asked, for Django's log of queries: psycopg keeps it only of what it does not prepare."""

    __slots__ = ("_connection", "_params", "_query")

    def __init__(self, server: Any, query: str, params: Any) -> None:
        self._connection, self._query, self._params = server, query, params

    @property
    def query(self) -> bytes:
        """With its parameters in place, as of any other statement."""
        from psycopg import ClientCursor

        return ClientCursor(self._connection).mogrify(self._query, self._params).encode()


def _preparing() -> type[Any]:
    global _Preparing
    if _Preparing is None:
        from django.db.backends.postgresql.base import ServerBindingCursor
        from psycopg import pq
        from psycopg.errors import FeatureNotSupported

        class Preparing(ServerBindingCursor):
            def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
                try:
                    done = self._run(query, params, **how)
                except FeatureNotSupported:
                    # A migration has changed a column that a kept plan answers with. Within a transaction that is the
                    # end of it, and its rollback forgets the plans; outside nothing else would.
                    server: Any = self.connection  # type: ignore[attr-defined]
                    if server.info.transaction_status != pq.TransactionStatus.IDLE:
                        raise
                    server.execute("DEALLOCATE ALL")
                    done = self._run(query, params, **how)
                self._query = _Asked(self.connection, query, params)  # type: ignore[attr-defined]
                return done

            def _run(self, query: Any, params: Any, **how: Any) -> Any:
                return super().execute(query, params, **{"prepare": True, **how})  # type: ignore[misc]

        _Preparing = Preparing
    return _Preparing


_Preparing: type[Any] | None = None
