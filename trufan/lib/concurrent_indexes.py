"""Indexes added and dropped while the service runs: on PostgreSQL without locking out writers, elsewhere as usual."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import AddIndex
from django.db.migrations.operations.fields import FieldOperation


class AddIndexOnline(AddIndexConcurrently):
    """For a migration with `atomic = False`; SQLite, which knows no such index, gets a plain one."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._on_partitions(app_label, schema_editor, to_state):
            return
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        if _partitions(schema_editor, to_state.apps.get_model(app_label, self.model_name)):
            kind = AddIndex  # of a partitioned table PostgreSQL drops no index concurrently; dropping reads nothing
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)

    def _on_partitions(self, app_label: str, schema_editor: Any, to_state: Any) -> bool:
        """Of a table that was partitioned (docs/scaling.md): on each partition online, then on the table, which takes
        those it finds. False where it is not."""
        model = to_state.apps.get_model(app_label, self.model_name)
        partitions = _partitions(schema_editor, model)
        sql = str(self.index.create_sql(model, schema_editor))
        for number, name in enumerate(partitions):
            part = sql.replace(f'"{self.index.name}"', f'"{self.index.name}_{number}"', 1)
            part = part.replace(f'"{model._meta.db_table}"', f'"{name}"', 1)
            schema_editor.execute(part.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY IF NOT EXISTS", 1))
        if partitions:
            schema_editor.execute(sql)
        return bool(partitions)


class DropOwnIndexOnline(FieldOperation):
    """A foreign key comes to have `db_index=False`, because another index begins with its column.

    `DropOwnIndexOnline("ticket", "event")`, where `atomic = False`; nothing else about the field changes.
    Django's own operation would lock the table, and on SQLite make it anew.
    """

    reviewed = "only an index goes, and it is not waited for"

    def describe(self) -> str:
        return f"Drop the index that {self.name} of {self.model_name} has for itself"

    def state_forwards(self, app_label: str, state: Any) -> None:
        field = state.models[app_label, self.model_name_lower].fields[self.name].clone()
        field.db_index = False
        state.alter_field(app_label, self.model_name_lower, self.name, field, preserve_default=True)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        how = "DROP INDEX CONCURRENTLY IF EXISTS" if _is_online(schema_editor, model) else "DROP INDEX IF EXISTS"
        for name in self._own_indexes(schema_editor, model):
            schema_editor.execute(f"{how} {schema_editor.quote_name(name)}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        sql = str(schema_editor._create_index_sql(model, fields=[model._meta.get_field(self.name)]))
        if _is_online(schema_editor, model):
            sql = sql.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1)
        schema_editor.execute(sql)

    def _own_indexes(self, schema_editor: Any, model: Any) -> list[str]:
        named = {index.name for index in model._meta.indexes}
        column = model._meta.get_field(self.name).column
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_constraints(cursor, model._meta.db_table)
        return [
            name
            for name, told in found.items()
            if told["index"] and not told["unique"] and told["columns"] == [column] and name not in named
        ]


def _is_online(schema_editor: Any, model: Any) -> bool:
    """Whether PostgreSQL can do it beside who writes: not on a partitioned table."""
    return schema_editor.connection.vendor == "postgresql" and not _partitions(schema_editor, model)


def _partitions(schema_editor: Any, model: Any) -> list[str]:
    if schema_editor.connection.vendor != "postgresql":
        return []
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = %s AND p.relkind = 'p' ORDER BY 1",
            [model._meta.db_table],
        )
        return [name for (name,) in cursor.fetchall()]
