"""Migrations that would stop a running service are named; those that would not are let through."""

from __future__ import annotations

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.state import ModelState, ProjectState

from trufan.migration_safety import BASELINE, dangers, is_judged

INDEX = models.Index(fields=["name"], name="stand_name")
CHECK = models.CheckConstraint(condition=models.Q(name__gt=""), name="stand_named")
BEFORE = ProjectState()
BEFORE.add_model(
    ModelState("orders", "Stand", [("name", models.CharField(max_length=10)), ("n", models.IntegerField())])
)


def found(*operations, atomic: bool = True) -> list[str]:
    kind = type("Migration", (Migration,), {"operations": list(operations), "atomic": atomic})
    return [str(danger) for danger in dangers(kind("0999_test", "orders"), BEFORE)]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("stand", "name"),
        migrations.DeleteModel("Stand"),
        migrations.RenameField("stand", "name", "title"),
        migrations.RenameModel("Stand", "Stall"),
        migrations.AddField("stand", "size", models.IntegerField(default=0)),
        migrations.AlterField("stand", "n", models.BigIntegerField()),
        migrations.AlterField("stand", "name", models.CharField(max_length=5)),
        migrations.AddIndex("stand", INDEX),
        migrations.AddConstraint("stand", CHECK),
        AddIndexConcurrently("stand", INDEX),
    ],
    ids=lambda operation: operation.__class__.__name__,
)
def test_what_locks_or_breaks_is_named_unless_it_was_reviewed(operation):
    (said,) = found(operation)
    assert said.startswith("orders.0999_test")
    operation.reviewed = "the table is empty everywhere"
    assert found(operation) == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("stand", "size", models.IntegerField(null=True)),
        migrations.AddField("stand", "size", models.IntegerField(db_default=0)),
        migrations.AlterField("stand", "name", models.CharField(max_length=20, choices=[("a", "A")])),
        migrations.AlterField("stand", "n", models.IntegerField(null=True, help_text="How many.")),
        AddConstraintNotValid("stand", CHECK),
        migrations.RunPython(migrations.RunPython.noop),
    ],
    ids=lambda operation: operation.__class__.__name__,
)
def test_what_only_adds_or_loosens_is_let_through(operation):
    assert found(operation) == []


def test_a_table_of_the_same_migration_is_nobodys_yet():
    made = migrations.CreateModel("Booth", [("name", models.CharField(max_length=10))])
    assert found(made, migrations.AddIndex("booth", INDEX), migrations.AddConstraint("booth", CHECK)) == []


def test_an_index_is_built_beside_the_service_outside_of_a_transaction():
    assert found(AddIndexConcurrently("stand", INDEX), atomic=False) == []


def test_rows_move_in_a_migration_of_their_own():
    column = migrations.AddField("stand", "size", models.IntegerField(null=True))
    (said,) = found(column, migrations.RunPython(migrations.RunPython.noop))
    assert "a migration of its own" in said


def test_only_ours_and_only_newer_ones_are_judged():
    assert is_judged(Migration(f"{BASELINE['orders'] + 1:04}_new", "orders"))
    assert not is_judged(Migration("0001_initial", "orders"))
    assert not is_judged(Migration("0099_theirs", "auth"))


def test_those_of_this_release_are_safe(capsys):
    call_command("lint_migrations")
    assert "safe under load" in capsys.readouterr().out
