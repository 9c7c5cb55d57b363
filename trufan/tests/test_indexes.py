"""No index stands twice: writers pay for each, and readers need one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from orders.models import OrderItem
from trufan.lib.concurrent_indexes import DropOwnIndexOnline


def whole_indexes(model: type[models.Model]) -> Iterator[tuple[str, list[str]]]:
    """Of every row: name, and fields in their order."""
    for index in model._meta.indexes:
        if index.condition is None and index.fields and not index.opclasses:
            yield index.name, [name for name, _ in index.fields_orders]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None and constraint.fields:
            yield constraint.name, list(constraint.fields)


def test_a_foreign_key_has_no_index_of_its_own_where_another_begins_with_it():
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] not in ("django", "axes")]
    twice = [
        f"{model.__name__}.{field.name}: {name}"
        for model in ours
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.db_index and not field.unique
        for name, fields in whole_indexes(model)
        if fields[0] == field.name
    ]
    assert not twice, "db_index=False, and DropOwnIndexOnline in the migration"


def test_no_index_of_rows_begins_another():
    by_fields = [
        (model.__name__, index.name, index.fields_orders)
        for model in apps.get_models()
        for index in model._meta.indexes
        if index.condition is None and index.fields and not index.opclasses and not index.include
    ]
    twice = [
        (shorter, longer)
        for table, shorter, fields in by_fields
        for other, longer, more in by_fields
        if table == other and shorter != longer and more[: len(fields)] == fields
    ]
    assert not twice


@pytest.mark.django_db(transaction=True)
def test_the_index_goes_and_comes_back():
    """As a migration drops it and takes that back, beside those that stay."""
    column, table = "order_id", OrderItem._meta.db_table

    def own() -> list[str]:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table)
        return [name for name, told in found.items() if told["index"] and told["columns"] == [column]]

    after = ProjectState.from_apps(apps)
    key_after = after.models["orders", "orderitem"].fields["order"]
    before = after.clone()
    key: Any = before.models["orders", "orderitem"].fields["order"].clone()
    key.db_index = True
    before.alter_field("orders", "orderitem", "order", key, preserve_default=True)
    operation = DropOwnIndexOnline("orderitem", "order")
    told = before.clone()
    operation.state_forwards("orders", told)
    assert told.models["orders", "orderitem"].fields["order"].deconstruct() == key_after.deconstruct()

    assert not own()
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("orders", editor, after, before)
    assert len(own()) == 1
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("orders", editor, before, after)
    assert not own()
