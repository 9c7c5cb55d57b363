"""Alive is not the same as ready."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from trufan import health


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)


def test_alive_asks_no_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_ready_when_everything_is(client, db):
    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "cache": "ok", "broker": "ok"},
        "queues": response.json()["queues"],
    }
    assert response.json()["queues"]["notifications"] == {"depth": 0, "oldest_seconds": None, "lagging": False}


def test_not_ready_without_the_database(client, db, monkeypatch):
    def gone(*args):
        raise RuntimeError("connection to 10.0.0.5 refused")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", gone)
        response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["checks"]["database"] == "failed"
    assert "10.0.0.5" not in response.content.decode()


def test_not_ready_while_a_migration_is_missing(client, db):
    (last,) = MigrationLoader(connection).graph.leaf_nodes("trufan_lib")
    MigrationRecorder(connection).record_unapplied(*last)
    response = client.get("/health/ready")

    assert (response.status_code, response.json()["checks"]["migrations"]) == (503, "failed")


def test_not_ready_when_the_cache_forgets(client, db, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    response = client.get("/health/ready")

    assert (response.status_code, response.json()["checks"]["cache"]) == (503, "failed")


def test_not_ready_without_the_broker(client, db, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/health/ready")

    assert (response.status_code, response.json()["checks"]["broker"]) == (503, "failed")


def test_probes_are_counted_by_no_limit_and_change_nothing(client, db):
    assert {client.get("/health").status_code for _ in range(150)} == {200}
    assert Client(enforce_csrf_checks=True).post("/health").status_code == 405


@pytest.mark.parametrize("debug", [False, True])
def test_what_lies_below_health_is_a_404_in_the_envelope(client, settings, debug):
    settings.DEBUG = debug
    response = client.get("/health/secrets")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
