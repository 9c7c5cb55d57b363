"""Twins at the same moment, on real threads and connections."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from trufan.lib.idempotency_record import IdempotencyRecord
from trufan.lib.tests.probe_urls import EffectViewSet

pytestmark = [
    pytest.mark.urls("trufan.lib.tests.probe_urls"),
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]
ATOMIC, LEASED = "/api/v1/effects", "/api/v1/effects/leased"


@pytest.fixture(autouse=True)
def gates(monkeypatch):
    monkeypatch.setattr(EffectViewSet, "inside", threading.Event())
    monkeypatch.setattr(EffectViewSet, "go_on", threading.Event())


def send(path, body):
    try:
        return APIClient().post(path, body, headers={"Idempotency-Key": "twin"})
    finally:
        connection.close()


def effects():
    return IdempotencyRecord.objects.filter(caller="effect").count()


def test_a_twin_waits_for_the_first_and_replays_it():
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, ATOMIC, {"wait": True})
        assert EffectViewSet.inside.wait(5)
        second = pool.submit(send, ATOMIC, {"wait": True})
        with pytest.raises(TimeoutError):
            second.result(timeout=0.5)
        EffectViewSet.go_on.set()
        answers = [first.result(10), second.result(10)]

    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert effects() == 1


def test_a_twin_runs_when_the_first_was_undone():
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, ATOMIC, {"wait": True, "answer": "domain"})
        assert EffectViewSet.inside.wait(5)
        second = pool.submit(send, ATOMIC, {"wait": True, "answer": "domain"})
        EffectViewSet.go_on.set()
        answers = [first.result(10), second.result(10)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert not [answer for answer in answers if "Idempotent-Replayed" in answer]
    assert effects() == 0


def test_a_leased_twin_is_told_that_the_first_still_runs():
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, LEASED, {"wait": True})
        assert EffectViewSet.inside.wait(5)
        twin = pool.submit(send, LEASED, {"wait": True}).result(10)
        EffectViewSet.go_on.set()
        assert first.result(10).status_code == 201

    assert twin.json()["error"]["code"] == "idempotency_in_progress"
    assert send(LEASED, {"wait": True})["Idempotent-Replayed"] == "true"
    assert effects() == 1


@pytest.mark.parametrize("path", [ATOMIC, LEASED])
def test_of_ten_at_once_one_runs(path):
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: send(path, {"a": 1}), range(10)))

    assert effects() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1


def test_of_ten_who_find_a_lapsed_lease_one_runs():
    send(LEASED, {"a": 1})
    records = IdempotencyRecord.objects.exclude(caller="effect")
    records.update(response_status=None, leased_until=timezone.now() - timedelta(seconds=1))
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: send(LEASED, {"a": 1}), range(10)))

    assert effects() == 2
