"""Plain SQL is refused by the database itself."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit import protection, sealing, trail
from audit.models import AuditLog, AuditSeal

pytestmark = pytest.mark.django_db


@pytest.fixture
def protected(venue):
    """A sealed entry behind the triggers, which go again with the test's transaction."""
    trail.record("venue.changed", venue)
    sealing.seal(timezone.now())
    # PostgreSQL alters no table while a constraint's check is still due.
    connection.check_constraints()
    protection.install(connection)


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditlog SET action = 'x'",
        "DELETE FROM audit_auditlog",
        "UPDATE audit_auditseal SET hash = 'x'",
        "DELETE FROM audit_auditseal",
    ],
)
def test_plain_sql_neither_changes_nor_deletes(protected, sql):
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        run(sql)
    assert AuditLog.objects.get().action == "venue.changed"
    assert AuditSeal.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.parametrize("tables", ["audit_auditseal", "audit_auditlog, audit_auditseal", "audit_auditlog CASCADE"])
def test_truncate_is_refused_too(protected, tables):
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        run(f"TRUNCATE {tables}")


def test_behind_the_triggers_new_entries_are_still_written_and_sealed(protected, venue):
    trail.record("venue.changed", venue)
    assert sealing.seal(timezone.now()) == 1


def test_installing_twice_changes_nothing(protected):
    protection.install(connection)
    assert protection.missing(connection) == []


def test_a_trigger_that_is_gone_is_missed(protected):
    protection.remove(connection)
    assert sorted(protection.missing(connection))[0].startswith("audit_auditlog_")
    assert "audit_enqueue" not in protection.missing(connection)


@pytest.mark.postgres
def test_a_trigger_that_is_switched_off_is_missed(protected):
    run("ALTER TABLE audit_auditlog DISABLE TRIGGER audit_auditlog_protected")
    assert protection.missing(connection) == ["audit_auditlog_protected"]


def test_the_migration_can_be_taken_back(protected):
    protection.uninstall(connection)
    assert "audit_enqueue" in protection.missing(connection)
