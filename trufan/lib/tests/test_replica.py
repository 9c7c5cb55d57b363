"""Reads that go to the replica, what comes of them when it is gone or behind, and writes that never go there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from reports import asking, reading, registry
from trufan.doctor.database import reads_elsewhere
from trufan.lib import measures, replica
from trufan.lib.replica import Router
from venues.models import Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(monkeypatch):
    """The same database under the replica's name, as it is in tests with `REPLICA_DATABASE_URL`."""
    monkeypatch.setitem(connections.settings, "replica", connections.settings["default"])
    connections["replica"] = connection
    yield
    del connections["replica"]


def behind(monkeypatch, seconds):
    monkeypatch.setattr(replica, "lag", lambda: None if seconds is None else timedelta(seconds=seconds))


def gone(monkeypatch):
    def refuse():
        raise OperationalError("no route")

    monkeypatch.setattr(replica, "lag", refuse)


def asked_of():
    return Venue.objects.all().db


def fallbacks(why):
    return measures.REPLICA_FALLBACKS.labels(why)._value.get()


def test_inside_rows_come_from_the_replica_and_outside_from_the_primary(second):
    assert replica.read(asked_of)[0] == "replica"
    assert asked_of() == "default"


def test_whatever_is_written_goes_to_the_primary(second):
    assert replica.read(lambda: Router().db_for_write(Venue))[0] == "default"
    assert not Router().allow_migrate("replica", "venues")


def test_a_replica_that_lags_a_little_is_read_and_told(second, monkeypatch):
    behind(monkeypatch, 7)
    name, as_of = replica.read(asked_of)
    assert name == "replica"
    assert timedelta(seconds=6.9) < timezone.now() - as_of < timedelta(seconds=9)


@pytest.mark.parametrize("seconds", [61, None])
def test_one_that_is_too_far_behind_is_not_read(second, monkeypatch, seconds):
    before = fallbacks("lagging")
    behind(monkeypatch, seconds)
    name, as_of = replica.read(asked_of)
    assert name == "default" and timezone.now() - as_of < timedelta(seconds=2)
    assert fallbacks("lagging") == before + 1


def test_one_that_is_gone_is_told_once_and_left_alone_for_a_while(second, monkeypatch):
    before = fallbacks("gone")
    with monkeypatch.context() as broken:
        gone(broken)
        broken.setattr(connection, "close", lambda: None)
        assert [replica.read(asked_of)[0] for _ in range(3)] == ["default"] * 3
        assert replica.alias() == "default"
    assert fallbacks("gone") == before + 1
    assert replica.read(asked_of)[0] == "default"
    replica.reset()
    assert replica.read(asked_of)[0] == replica.alias() == "replica"


def test_one_that_goes_while_it_is_read_is_made_up_for_by_the_primary(second, monkeypatch):
    monkeypatch.setattr(connection, "close", lambda: None)
    asked = []

    def what():
        asked.append(asked_of())
        if len(asked) == 1:
            raise OperationalError("canceling statement due to conflict with recovery")
        return "figures"

    assert replica.read(what)[0] == "figures"
    assert asked == ["replica", "default"]


def test_without_one_nothing_changes():
    assert replica.read(asked_of)[0] == replica.alias() == "default"
    assert list(reads_elsewhere()) == []


def test_a_report_sums_on_the_replica_and_counts_on_the_primary(second, monkeypatch, venue):
    read, written = [], []
    monkeypatch.setattr(reading, "table", lambda *what: read.append(asked_of()))
    monkeypatch.setattr(reading.keeping, "refresh", lambda *what: written.append(asked_of()))
    asking.answer(asking.read(registry.find("sales"), venue, {}, timezone.now().date()))
    assert (read, written) == (["replica"], ["default"])


def test_a_report_says_as_of_when_through_http(second, monkeypatch, api, olga, venue):
    behind(monkeypatch, 30)
    answer = api.as_(olga).get(f"/api/v1/venues/{venue.pk}/reports/sales")
    as_of = timezone.datetime.fromisoformat(answer.json()["as_of"])
    assert timedelta(seconds=29) < timezone.now() - as_of < timedelta(seconds=35)


@pytest.mark.parametrize(
    ("state", "severity"),
    [(lambda patch: behind(patch, 1), "ok"), (lambda patch: behind(patch, 600), "warning"), (gone, "warning")],
)
def test_the_doctor_looks_at_it(second, monkeypatch, state, severity):
    state(monkeypatch)
    assert [each.severity for each in reads_elsewhere()] == [severity]
