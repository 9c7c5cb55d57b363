"""One refresh token, used once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import SignIn, User
from accounts.tests.conftest import AUTH, ME, code
from audit.models import AuditLog
from trufan.testing import UserFactory


def refresh(token: str) -> Any:
    return APIClient().post(f"{AUTH}/refresh", {"refresh_token": token})


def test_answers_the_person_and_the_next_pair(fay: User, sign_in: Any, bearer: Any):
    first = sign_in(fay)
    body = refresh(first["refresh_token"]).json()
    assert set(body) == set(first)
    assert body["user"]["id"] == str(fay.pk)
    assert body["refresh_token"] != first["refresh_token"]
    assert bearer(body["access_token"]).get(ME).status_code == 200
    assert refresh(body["refresh_token"]).status_code == 200
    assert SignIn.objects.count() == 1


def test_a_spent_token_ends_the_family_and_is_audited(fay: User, sign_in: Any, bearer: Any):
    spent = sign_in(fay)["refresh_token"]
    newest = refresh(spent).json()
    assert code(refresh(spent)) == (401, "invalid_token")
    assert code(refresh(newest["refresh_token"])) == (401, "invalid_token")
    assert code(bearer(newest["access_token"]).get(ME)) == (401, "invalid_token")
    entry = AuditLog.objects.get(action="session.reuse_detected")
    assert entry.entity_id == SignIn.objects.get().pk


def test_reuse_leaves_other_devices_alone(fay: User, sign_in: Any):
    other, spent = sign_in(fay), sign_in(fay)["refresh_token"]
    refresh(spent)
    refresh(spent)
    assert refresh(other["refresh_token"]).status_code == 200


def test_a_token_used_again_after_the_end_is_audited_once(fay: User, sign_in: Any):
    spent = sign_in(fay)["refresh_token"]
    for _ in range(4):
        refresh(spent)
    assert AuditLog.objects.filter(action="session.reuse_detected").count() == 1


def test_an_access_token_does_not_refresh(fay: User, sign_in: Any):
    assert code(refresh(sign_in(fay)["access_token"])) == (401, "invalid_token")


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "." * 500])
def test_rubbish_does_not_refresh(db: None, token: str):
    assert code(refresh(token)) == (401, "invalid_token")


def test_whoever_is_switched_off_gets_no_more_tokens(fay: User, sign_in: Any):
    token = sign_in(fay)["refresh_token"]
    User.objects.filter(pk=fay.pk).update(is_active=False)
    assert code(refresh(token)) == (401, "invalid_token")


def test_seven_days_of_silence_end_the_session_and_each_refresh_gives_seven_more(fay: User, sign_in: Any):
    token = sign_in(fay)["refresh_token"]
    start = timezone.now()
    with time_machine.travel(start + timedelta(days=6)):
        token = refresh(token).json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=12)):
        token = refresh(token).json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=19, minutes=1)):
        assert code(refresh(token)) == (401, "invalid_token")


def test_costs_two_queries(fay: User, sign_in: Any, django_assert_num_queries: Any):
    token = sign_in(fay)["refresh_token"]
    with django_assert_num_queries(2):
        refresh(token)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_exactly_one_wins(sign_in: Any):
    token = sign_in(UserFactory())["refresh_token"]
    ready = threading.Barrier(8)
    answers: list[int] = []

    def attempt() -> None:
        ready.wait()
        answers.append(refresh(token).status_code)
        connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [401] * 7
    assert SignIn.objects.get().revoked_because == "refresh_token_reused"
