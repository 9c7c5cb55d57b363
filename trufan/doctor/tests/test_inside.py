"""What the doctor says about this machine and its services: each check, well and unwell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import Role
from accounts.second_factor.models import SecondFactor
from audit.browsing.checks import verify_and_keep
from audit.models import AuditCheck, AuditLog
from audit.trail import record
from notifications.webhooks.models import WebhookEndpoint
from trufan.celery import app
from trufan.doctor import background, configuration, database, examination, records, storage
from trufan.doctor.findings import Finding, Severity, error, ok, run
from trufan.lib import queues, sweeps
from trufan.testing import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


def worst(found) -> str:
    """The gravest severity among the findings."""
    order = list(Severity)
    return max((each.severity for each in found), key=order.index)


def said(found) -> str:
    return " ".join(f"{each.message} {each.advice}" for each in found)


def test_a_check_that_raises_is_an_error_and_the_next_still_runs():
    def broken():
        raise RuntimeError("secret")

    found = list(run({"one": broken, "two": lambda: [ok("Fine.")]}))
    assert [(each.check, each.severity) for each in found] == [("one", "error"), ("two", "ok")]
    assert "RuntimeError" in found[0].message
    assert "secret" not in said(found)


def test_a_refused_setting_is_an_error_that_says_what_to_do(settings):
    assert worst(configuration.configuration()) == "ok"
    settings.DJANGO_ENV = "prodution"
    (found,) = [each for each in configuration.configuration() if "trufan.E001" in each.message]
    assert found.severity == "error"
    assert found.advice


def test_a_live_server_needs_its_static_files(settings, tmp_path):
    assert list(configuration.static_files()) == []
    settings.IS_LIVE, settings.STATIC_ROOT = True, tmp_path
    assert worst(configuration.static_files()) == "error"
    (tmp_path / "staticfiles.json").write_text("{}")
    assert worst(configuration.static_files()) == "ok"


def test_a_database_that_is_gone_is_one_error_and_no_more_questions(monkeypatch, settings):
    def gone():
        raise OperationalError("password of postgres")

    monkeypatch.setattr(connection, "ensure_connection", gone)
    monkeypatch.setattr(examination, "INSIDE", {"database": database.database, "migrations": database.migrations})
    (found,) = examination.examine(offline=True)
    assert (found.check, found.severity) == ("database", "error")
    assert "password" not in said([found])


def test_the_version_of_postgresql_is_judged():
    assert [database._version(number).severity for number in (13, 14, 15, 17)] == ["error", "warning", "ok", "ok"]


def test_a_migration_that_waits_is_an_error_and_an_unknown_one_a_warning():
    assert worst(database.migrations()) == "ok"
    MigrationRecorder(connection).record_applied("orders", "9999_of_a_newer_release")
    assert worst(database.migrations()) == "warning"
    (last,) = MigrationLoader(connection).graph.leaf_nodes("orders")
    MigrationRecorder(connection).record_unapplied(*last)
    assert worst(database.migrations()) == "error"


def test_triggers_that_do_not_stand_are_named(monkeypatch):
    monkeypatch.setattr(database.protection, "missing", lambda connection: ["audit_no_update"])
    monkeypatch.setattr(database.ledger_protection, "missing", lambda connection: [])
    (found,) = database.triggers()
    assert found.severity == "error"
    assert "audit_no_update" in found.message
    monkeypatch.setattr(database.protection, "missing", lambda connection: [])
    assert worst(database.triggers()) == "ok"


@pytest.mark.postgres
def test_pools_that_do_not_fit_into_postgresql_are_a_warning(settings, monkeypatch):
    assert worst(database.connections()) == "ok"
    monkeypatch.setattr(database, "_pool_size", lambda: 5000)
    (found,) = database.connections()
    assert found.severity == "warning"
    assert "max_connections" in found.advice


@pytest.mark.postgres
def test_a_postgresql_that_learns_nothing_of_its_tables_is_a_warning():
    with connection.cursor() as cursor:
        cursor.execute("SHOW autovacuum")
        assert worst(database.statistics()) == {"on": "ok", "off": "warning"}[cursor.fetchone()[0]]
        cursor.execute("SET LOCAL track_counts = off")
    (found,) = database.statistics()
    assert found.severity == "warning"
    assert "VACUUM ANALYZE" in found.advice


@pytest.mark.postgres
def test_postgresql_answers_and_its_clock_agrees():
    assert worst(database.database()) == "ok"
    assert worst(database.clock()) == "ok"


@pytest.mark.parametrize(
    ("seconds", "severity"), [(0, "ok"), (1, "ok"), (-3, "warning"), (3, "warning"), (31, "error"), (-31, "error")]
)
def test_a_clock_that_is_off_is_told_by_how_much(seconds, severity):
    there = NOW + timedelta(seconds=seconds)
    assert database.skew("Redis", there, NOW, NOW).severity == severity


def test_a_slow_answer_is_no_skew():
    assert database.skew("Redis", NOW + timedelta(seconds=20), NOW, NOW + timedelta(seconds=40)).severity == "ok"


def test_redis_that_is_gone_is_an_error(settings):
    settings.REDIS_URL = ""
    assert worst(background.redis()) == "note"
    settings.REDIS_URL = "redis://:hidden@127.0.0.1:1/0"
    found = list(background.redis())
    assert worst(found) == "error"
    assert "hidden" not in said(found)


@pytest.mark.redis
def test_redis_answers():
    assert worst(background.redis()) in ("ok", "warning")
    assert "answers" in said(background.redis())


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        ({"redis_version": "7.2.1", "maxmemory_policy": "noeviction", "maxmemory": 0, "used_memory": 9}, "ok"),
        ({"redis_version": "6.0.1", "maxmemory_policy": "noeviction", "maxmemory": 0, "used_memory": 9}, "warning"),
        ({"redis_version": "7.2.1", "maxmemory_policy": "allkeys-lru", "maxmemory": 0, "used_memory": 9}, "warning"),
        ({"redis_version": "7.2.1", "maxmemory_policy": "noeviction", "maxmemory": 10, "used_memory": 9.5}, "warning"),
    ],
)
def test_a_redis_that_is_old_forgets_or_is_full_is_a_warning(told, severity):
    class Told:
        def info(self):
            return told

    assert worst(background._server(Told())) == severity


def test_workers_that_do_not_answer_are_an_error(settings, monkeypatch):
    settings.CELERY_BROKER_URL = ""
    assert worst(background.workers()) == "note"
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert worst(background.workers()) == "error"
    monkeypatch.setattr(background.tasks, "check", lambda: None)
    monkeypatch.setattr(app.control, "ping", lambda timeout: [])
    assert "No worker answers" in said(background.workers())
    monkeypatch.setattr(app.control, "ping", lambda timeout: [{"celery@a": {"ok": "pong"}}])
    assert worst(background.workers()) == "ok"


def test_the_age_of_the_last_sweep_is_judged(settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    settings.SWEEP_SECONDS = 30
    assert "No sweep has run yet" in said(background.sweep())
    sweeps.run_all(timezone.now())
    assert worst(background.sweep()) == "ok"
    for age, severity in ((100, "ok"), (130, "warning"), (1000, "error")):
        then = timezone.now() - timedelta(seconds=age)
        monkeypatch.setattr(sweeps, "last_run", lambda then=then: then)
        assert worst(background.sweep()) == severity


def test_queues_are_judged_by_their_oldest_job(monkeypatch):
    def measured(queue):
        monkeypatch.setattr(queues, "measure_all", lambda now: {"mail": queue})
        return worst(background.queues())

    assert measured(queues.Queue(3, 5.0)) == "ok"
    assert measured(queues.Queue(3, 5000.0)) == "warning"
    assert measured(queues.Queue(queues.CEILING, 5.0)) == "warning"
    assert measured(None) == "error"


def test_an_audit_key_that_did_not_write_the_rows_is_an_error(settings):
    record("order.refunded", None, actor=None)
    assert worst(records.audit_key()) == "ok"
    settings.AUDIT_KEY = "another"
    found = list(records.audit_key())
    assert worst(found) == "error"
    assert "1 of the newest 1" in said(found)


def test_a_trail_that_nobody_verifies_is_a_warning_and_a_broken_one_an_error(settings):
    assert worst(records.audit_trail()) == "note"
    settings.IS_LIVE = True
    assert worst(records.audit_trail()) == "warning"
    verify_and_keep(timezone.now())
    assert worst(records.audit_trail()) == "ok"
    AuditCheck.objects.update(checked_at=timezone.now() - timedelta(days=3))
    assert worst(records.audit_trail()) == "warning"
    AuditCheck.objects.create(checked_at=timezone.now(), is_intact=False, finding="seal 3 was altered")
    assert "seal 3" in said(records.audit_trail())
    assert worst(records.audit_trail()) == "error"


def test_endpoints_that_fail_or_were_switched_off_are_warnings(venue):
    assert worst(records.webhook_endpoints()) == "ok"
    endpoint = WebhookEndpoint.objects.create(venue_id=venue.pk, slot=1, url="https://a.example", secret="s")
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=timezone.now())
    assert worst(records.webhook_endpoints()) == "warning"
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False, off_reason="failing")
    assert "switched off" in said(records.webhook_endpoints())
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(off_reason="by_staff", failing_since=None)
    assert worst(records.webhook_endpoints()) == "ok"


def test_somebody_must_run_it_with_a_second_factor(settings, olga):
    settings.SECOND_FACTOR_REQUIRED = True
    assert worst(records.people()) == "error"
    ada = UserFactory(role=Role.SUPER_ADMIN)
    assert worst(records.people()) == "warning"
    SecondFactor.objects.create(user=ada, secret="sealed")
    assert worst(records.people()) == "ok"
    settings.SECOND_FACTOR_REQUIRED = False
    assert worst(records.people()) == "note"


def test_folders_that_are_missing_or_full_are_told(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = settings.PRIVATE_ROOT = str(tmp_path / "none")
    assert worst(storage.folders()) == "note"
    settings.IS_LIVE = True
    assert worst(storage.folders()) == "error"
    settings.MEDIA_ROOT = settings.PRIVATE_ROOT = str(tmp_path)
    for free, severity in ((10 * 1024**3, "ok"), (1024**3, "warning"), (1024**2, "error")):
        monkeypatch.setattr(storage.shutil, "disk_usage", lambda path, free=free: type("Usage", (), {"free": free}))
        assert worst(storage.folders()) == severity


def test_a_folder_that_cannot_be_written_is_an_error(settings, tmp_path, monkeypatch):
    def refused(**kwargs):
        raise PermissionError

    settings.MEDIA_ROOT = settings.PRIVATE_ROOT = str(tmp_path)
    monkeypatch.setattr(storage.tempfile, "TemporaryFile", refused)
    assert "PermissionError" in said(storage.folders())
    assert worst(storage.folders()) == "error"


def test_a_live_server_without_a_backup_of_today_is_a_warning(settings, tmp_path, monkeypatch):
    assert list(storage.last_backup()) == []
    settings.IS_LIVE, settings.BACKUP_ROOT = True, tmp_path
    assert worst(storage.last_backup()) == "warning"
    for hours, severity in ((2, "ok"), (40, "warning")):
        then = timezone.now() - timedelta(hours=hours)
        monkeypatch.setattr(storage.backups, "newest", lambda root, then=then: then)
        assert worst(storage.last_backup()) == severity


def doctor(*arguments: str) -> tuple[int, str]:
    """Exit code, and what was printed."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_with_1_on_an_error_and_on_a_warning_when_strict(monkeypatch):
    def examined(*found):
        monkeypatch.setattr("trufan.management.commands.doctor.examine", lambda offline: iter(found))

    examined(ok("Fine."))
    assert doctor() == (0, "ok       : Fine.\nHealthy: 0 errors, 0 warnings.\n")
    examined(Finding(Severity.WARNING, "Old.", "Renew.", "tls"))
    assert doctor()[0] == 0
    assert doctor("--strict")[0] == 1
    examined(error("Gone.", "Start it."))
    code, text = doctor()
    assert code == 1
    assert "Start it." in text
    code, text = doctor("--json")
    assert code == 1
    assert json.loads(text) == {
        "healthy": False,
        "findings": [{"severity": "error", "message": "Gone.", "advice": "Start it.", "check": ""}],
    }


def test_the_command_looks_at_everything_without_changing_anything(ada):
    before = AuditLog.objects.count()
    _, text = doctor("--json", "--offline")
    looked_at = {each["check"] for each in json.loads(text)["findings"]}
    assert {"configuration", "database", "migrations", "triggers", "queues", "people", "folders"} <= looked_at
    assert looked_at.isdisjoint(examination.OUTSIDE)
    assert AuditLog.objects.count() == before
