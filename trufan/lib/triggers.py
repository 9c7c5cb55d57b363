"""Triggers that a table needs, told once for both databases: made where they are missing, lifted for tests.

A set stands in the app whose tables it guards; a migration installs it. On SQLite a later migration that alters one of
the tables copies it and leaves its triggers behind: end it with `install`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Trigger:
    """`create` is the statement that makes it. A guard refuses, and may be lifted; the others do work."""

    name: str
    table: str
    create: str
    is_guard: bool = False


@dataclass(frozen=True)
class TriggerSet:
    """What stands in either database; `functions` are those that PostgreSQL's triggers call, by name."""

    sqlite: Sequence[Trigger]
    postgres: Sequence[Trigger]
    functions: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: TriggerSet) -> TriggerSet:
        return TriggerSet(
            [*self.sqlite, *other.sqlite], [*self.postgres, *other.postgres], {**self.functions, **other.functions}
        )

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Make every trigger that is missing."""
        absent = set(self.missing(connection))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                for function in self.functions.values():
                    cursor.execute(function)
            for trigger in self._all(connection):
                if trigger.name in absent:
                    cursor.execute(trigger.create)

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """Lift the guards, and nothing else: for tests that empty tables."""
        self._drop(connection, [trigger for trigger in self._all(connection) if trigger.is_guard])

    def uninstall(self, connection: BaseDatabaseWrapper) -> None:
        """Take everything away that `install` made."""
        self._drop(connection, self._all(connection))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for name in self.functions:
                    cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")

    def missing(self, connection: BaseDatabaseWrapper) -> list[str]:
        """The names of triggers that should stand and don't (or are switched off)."""
        source = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
            if connection.vendor == "postgresql"
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        with connection.cursor() as cursor:
            cursor.execute(source)
            standing = {name for (name,) in cursor.fetchall()}
        return [trigger.name for trigger in self._all(connection) if trigger.name not in standing]

    def _all(self, connection: BaseDatabaseWrapper) -> Sequence[Trigger]:
        return self.postgres if connection.vendor == "postgresql" else self.sqlite

    def _drop(self, connection: BaseDatabaseWrapper, triggers: Sequence[Trigger]) -> None:
        with connection.cursor() as cursor:
            for trigger in triggers:
                on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def append_only(*tables: str, function: str, refusal: str) -> TriggerSet:
    """Guards that refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE of the tables, with `refusal` as the message.

    They hold against every role that does not own the tables. `function` is the name of PostgreSQL's.
    """
    return TriggerSet(
        sqlite=[
            Trigger(
                f"{table}_no_{verb.lower()}",
                table,
                f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
                    BEGIN SELECT RAISE(ABORT, '{refusal}'); END""",
                is_guard=True,
            )
            for table in tables
            for verb in ("UPDATE", "DELETE")
        ],
        # One statement-level trigger a table: it fires, and refuses, even when no row would be touched.
        postgres=[
            Trigger(
                f"{table}_protected",
                table,
                f"""CREATE TRIGGER {table}_protected BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                    FOR EACH STATEMENT EXECUTE FUNCTION {function}()""",
                is_guard=True,
            )
            for table in tables
        ],
        functions={
            function: f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'insufficient_privilege'; END $$"""
        },
    )
