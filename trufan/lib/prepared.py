"""A cursor for statements that are always the same: PostgreSQL parses and plans each once for a connection.

Django binds parameters in the client, so that to the server every statement is a new one. For what every request asks,
planning costs several times what running does.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import ClientCursor, Cursor, pq
from psycopg.errors import FeatureNotSupported


def cursor() -> Any:
    """As `connection.cursor()`; what it runs is prepared where the server can keep it.

    Behind PgBouncer in transaction mode nothing is kept (`prepare_threshold` is None there), and on SQLite the driver
    keeps statements by itself. Parameters are bound by the server, which must be able to tell their types.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    # What `connection.cursor()` does with the cursor that it makes: whoever measures or logs queries sees these too.
    return connection._prepare_cursor(_Preparing(connection.connection))


class _Preparing(Cursor[Any]):
    """psycopg's cursor, which binds in the server; Django's own binds in the client."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        how = {"prepare": True, **how}
        try:
            done = super().execute(query, params, **how)
        except FeatureNotSupported:
            # A migration has changed a column that a kept plan answers with. Within a transaction that is the end of
            # it, and its rollback forgets the plans; outside nothing else would.
            if self.connection.info.transaction_status != pq.TransactionStatus.IDLE:
                raise
            self.connection.execute("DEALLOCATE ALL")
            done = super().execute(query, params, **how)
        # psycopg keeps what was asked only of what it does not prepare; Django's log of queries looks for it here.
        asked: Any = _Asked(self, query, params)
        self._query = asked
        return done


class _Asked:
    """What was asked, with its parameters in place, put together when somebody looks."""

    __slots__ = ("_by", "_params", "_query")

    def __init__(self, by: Cursor[Any], query: str, params: Any) -> None:
        self._by, self._query, self._params = by, query, params

    @property
    def query(self) -> bytes:
        return ClientCursor(self._by.connection).mogrify(self._query, self._params).encode()
