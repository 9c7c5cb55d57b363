"""How a test that commits leaves an empty database behind: what it filled is emptied, and nothing else is touched.

Django's own flush empties every table and then writes permissions and content types anew, which takes longer than most
of these tests.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.test import TransactionTestCase

#: Written by migrating, the same for every test.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}

flush = TransactionTestCase._fixture_teardown


def install() -> None:
    """Empty quickly after every test that commits. On PostgreSQL that takes a superuser, for the keys and triggers."""
    TransactionTestCase._fixture_teardown = _empty_all  # type: ignore[method-assign]


def _empty_all(case: TransactionTestCase) -> None:
    if case.available_apps is not None or case.serialized_rollback:
        flush(case)
        return
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        _empty(connections[alias])


def _empty(connection: Any) -> None:
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - KEPT)
        if connection.vendor == "postgresql":
            # Waits, as TRUNCATE would, for what a thread or a killed process has still open.
            with transaction.atomic(using=connection.alias):
                cursor.execute(f"LOCK TABLE {', '.join(map(connection.ops.quote_name, tables))}")
        ask = "SELECT '{0}' WHERE EXISTS (SELECT 1 FROM {1})"
        cursor.execute(" UNION ALL ".join(_say(ask, each, connection) for each in tables))
        filled = [row[0] for row in cursor.fetchall()]
        with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
            if connection.vendor == "postgresql":
                # Neither foreign keys nor triggers look: all of it goes.
                cursor.execute("SET LOCAL session_replication_role = replica")
            for each in filled:
                cursor.execute(_say("DELETE FROM {1}", each, connection))


def _say(sql: str, table: str, connection: Any) -> str:
    """SQL about a table of this project, by its name and its quoted name."""
    return sql.format(table, connection.ops.quote_name(table))
