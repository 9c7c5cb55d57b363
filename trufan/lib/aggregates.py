"""Aggregates that Django has for one database only, or not at all."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, JSONField


class JSONRows(Aggregate):
    """Some columns of each row as one JSON value, `[[a, b], …]`; NULL where there is no row, on SQLite `[]`.

    Keys come as the database writes them.
    """

    function = "JSONB_AGG"
    template = "%(function)s(JSONB_BUILD_ARRAY(%(expressions)s))"
    output_field = JSONField()
    arity = None

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        parts, params = [], []
        for column in self.get_source_expressions():
            if column is None:
                continue
            sql, given = compiler.compile(column)
            # What is JSON already would else be quoted.
            parts.append(f"JSON({sql})" if isinstance(column.output_field, JSONField) else sql)
            params += given
        return f"JSON_GROUP_ARRAY(JSON_ARRAY({', '.join(parts)}))", params
