"""Which migrations would stop a running service: long locks, rewrites, what the last release still uses.

Read from the operations alone, without a database. The why, and what to do instead: docs/deployment.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED, CheckConstraint, Field, ManyToManyField

#: Up to these numbers no installation had rows yet: they were written before the first release.
BASELINE = {
    "accounts": 2,
    "audit": 3,
    "events": 2,
    "notifications": 3,
    "orders": 17,
    "parking": 4,
    "payments": 6,
    "reports": 2,
    "ticketing": 13,
    "trufan_lib": 1,
    "venues": 4,
}
#: What a column in the database knows nothing of.
_ONLY_HERE = frozenset(
    "blank choices default editable error_messages help_text limit_choices_to related_name validators"
    " verbose_name".split()
)
#: An operation says this when somebody has looked, and it is safe: `operation.reviewed = "why"` in the migration.
REVIEWED = "reviewed"
_CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently)
_USED = (migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel)


@dataclass(frozen=True)
class Danger:
    """`where` names migration and operation, `advice` what to do instead."""

    where: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.advice}"


def is_judged(migration: Migration) -> bool:
    """Whether it is ours and newer than the baseline."""
    last = BASELINE.get(migration.app_label)
    return last is not None and int(migration.name[:4]) > last


def dangers(migration: Migration, before: ProjectState) -> Iterator[Danger]:
    """What in this migration would hurt while the former release serves. `before`: the models as it finds them."""
    new = {each.name.lower() for each in migration.operations if isinstance(each, migrations.CreateModel)}
    schema = [each for each in migration.operations if not isinstance(each, migrations.RunPython)]
    for operation in migration.operations:
        if getattr(operation, REVIEWED, "") or _table(operation) in new:
            continue
        if found := _danger(operation, migration, before):
            what, advice = found
            where = f"{migration.app_label}.{migration.name} {operation.describe()}"
            yield Danger(where, what, advice)
        elif isinstance(operation, migrations.RunPython) and migration.atomic and schema:
            where = f"{migration.app_label}.{migration.name}"
            yield Danger(where, "Data moves while tables are locked.", "Put it into a migration of its own.")


def _table(operation: Operation) -> str:
    return str(getattr(operation, "model_name", "")).lower()


def _danger(operation: Operation, migration: Migration, before: ProjectState) -> tuple[str, str] | None:
    if isinstance(operation, _USED):
        return "The last release still uses it.", "Contract a release later; then mark it as reviewed."
    if isinstance(operation, migrations.AlterField):
        if _is_only_looser(operation, before.models[migration.app_label, operation.model_name_lower]):
            return None
        return "It may rewrite the table under a lock.", "Add another column, or mark it as reviewed."
    if isinstance(operation, migrations.AddField):
        return _new_column(operation)
    if isinstance(operation, _CONCURRENT):
        return ("It can't run in a transaction.", "Set atomic = False.") if migration.atomic else None
    if isinstance(operation, migrations.AddIndex):
        return "It locks out writers while it is built.", "Use AddIndexConcurrently with atomic = False."
    if isinstance(operation, AddConstraintNotValid):
        return None
    if isinstance(operation, migrations.AddConstraint):
        is_check = isinstance(operation.constraint, CheckConstraint)
        better = "Use AddConstraintNotValid, then ValidateConstraint in a migration of its own."
        return "All rows are read under a lock.", better if is_check else "Build its index concurrently, or review it."
    return None


def _is_only_looser(operation: migrations.AlterField, model: ModelState) -> bool:
    """Whether the column stays, or only takes more than it did: PostgreSQL then changes its catalogue alone."""
    old, new = _stored(model.fields[operation.name]), _stored(operation.field)
    old_length, new_length = old.pop("max_length", None), new.pop("max_length", None)
    was_null, is_null = old.pop("null", False), new.pop("null", False)
    is_no_shorter = old_length == new_length or (old_length or 0) < (new_length or 0)
    return old == new and is_no_shorter and (is_null or not was_null)


def _stored(field: Field) -> dict[str, Any]:
    """What of a field is the database's business."""
    _, path, args, options = field.deconstruct()
    kept = {name: value for name, value in options.items() if name not in _ONLY_HERE}
    return {**kept, "path": path, "args": args}


def _new_column(operation: migrations.AddField) -> tuple[str, str] | None:
    field = operation.field
    if isinstance(field, ManyToManyField) or field.null or field.db_default is not NOT_PROVIDED:
        return None
    return "The last release inserts rows without it.", "Make it nullable, or give it a db_default."
