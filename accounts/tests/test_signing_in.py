"""Signing in, what it tells to strangers, and the lock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import lockout
from accounts.models import SignIn, User
from accounts.tests.conftest import AUTH, ME, code
from audit.models import AuditLog
from trufan.testing import PASSWORD


def login(client: APIClient, email: str, password: str = PASSWORD, **headers: Any) -> Any:
    return client.post(f"{AUTH}/login", {"email": email, "password": password}, **headers)


def test_answers_the_person_and_both_tokens(anyone: APIClient, fay: User, bearer: Any):
    body = login(anyone, " Fay@Example.COM ").json()
    assert body["user"]["id"] == str(fay.pk)
    assert body["expires_in"] == 1800
    assert bearer(body["access_token"]).get(ME).status_code == 200
    fay.refresh_from_db()
    assert fay.last_login is not None


def test_is_audited_with_address_and_device(anyone: APIClient, fay: User):
    login(anyone, fay.email, headers={"User-Agent": "Phone/1"})
    entry = AuditLog.objects.get(action="user.signed_in")
    assert (entry.actor, entry.ip_address, entry.user_agent) == (fay, "127.0.0.1", "Phone/1")
    assert SignIn.objects.get().user_agent == "Phone/1"


def test_a_stale_token_does_not_stand_in_the_way(bearer: Any, fay: User):
    assert login(bearer("rubbish"), fay.email).status_code == 200


def test_leaves_no_session_cookie(anyone: APIClient, fay: User):
    assert not login(anyone, fay.email).cookies


def test_unknown_wrong_and_switched_off_get_one_answer(anyone: APIClient, fay: User, gus: User):
    User.objects.filter(pk=gus.pk).update(is_active=False)
    answers = [
        login(anyone, "nobody@example.com"),
        login(anyone, fay.email, "Wrong-Horse-9"),
        login(anyone, gus.email),
    ]
    assert [code(answer) for answer in answers] == [(401, "invalid_credentials")] * 3
    assert len({answer.json()["error"]["message"] for answer in answers}) == 1
    assert {answer["WWW-Authenticate"] for answer in answers} == {'Bearer realm="api"'}


@pytest.mark.parametrize("kind", ["unknown", "wrong", "switched off", "erased"])
def test_every_failure_costs_one_hash(anyone: APIClient, fay: User, kind: str):
    if kind == "switched off":
        User.objects.filter(pk=fay.pk).update(is_active=False)
    if kind == "erased":
        fay.set_unusable_password()
        fay.save()
    encode = BCryptSHA256PasswordHasher.encode
    with patch.object(BCryptSHA256PasswordHasher, "encode", autospec=True, side_effect=encode) as hashed:
        login(anyone, "nobody@example.com" if kind == "unknown" else fay.email, "Wrong-Horse-9")
    assert hashed.call_count == 1


@pytest.mark.parametrize("address", ["fay@example.com", "nobody@example.com"])
def test_five_failures_lock_the_pair_whether_or_not_it_has_an_account(anyone: APIClient, fay: User, address: str):
    answers = [login(anyone, address, "Wrong-Horse-9") for _ in range(6)]
    assert [code(answer) for answer in answers[:4]] == [(401, "invalid_credentials")] * 4
    assert [code(answer) for answer in answers[4:]] == [(429, "account_locked")] * 2
    assert 890 <= int(answers[5]["Retry-After"]) <= 900
    assert answers[5]["Content-Type"] == "application/json"


def test_a_locked_pair_is_refused_with_the_right_password_too_and_other_places_are_not(anyone: APIClient, fay: User):
    for _ in range(5):
        login(anyone, fay.email, "Wrong-Horse-9")
    assert code(login(anyone, fay.email)) == (429, "account_locked")
    assert login(anyone, fay.email, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_other_spellings_share_one_count(anyone: APIClient, fay: User):
    for spelling in ["fay@example.com", "FAY@example.com", "Fay@Example.com", "fay@EXAMPLE.com", " fay@example.com"]:
        login(anyone, spelling, "Wrong-Horse-9")
    assert code(login(anyone, fay.email)) == (429, "account_locked")


def test_a_lock_ends_in_time_however_often_somebody_knocks(anyone: APIClient, fay: User):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        for _ in range(5):
            login(anyone, fay.email, "Wrong-Horse-9")
    with time_machine.travel(now + timedelta(minutes=14), tick=False):
        knocked = login(anyone, fay.email)
        assert (code(knocked), knocked["Retry-After"]) == ((429, "account_locked"), "60")
    with time_machine.travel(now + timedelta(minutes=15, seconds=1), tick=False):
        assert login(anyone, fay.email).status_code == 200


def test_success_forgets_earlier_failures(anyone: APIClient, fay: User):
    for _ in range(3):
        for _ in range(4):
            login(anyone, fay.email, "Wrong-Horse-9")
        assert login(anyone, fay.email).status_code == 200


def test_the_console_shares_the_lock(anyone: APIClient, ada: User):
    for _ in range(5):
        login(anyone, ada.email, "Wrong-Horse-9")
    console = Client()
    console.post("/admin/login/", {"username": " ADA@example.com", "password": PASSWORD})
    assert "_auth_user_id" not in console.session
    AccessAttempt.objects.all().delete()
    console.post("/admin/login/", {"username": " ADA@example.com", "password": PASSWORD})
    assert "_auth_user_id" in console.session


def test_a_locked_page_that_is_not_the_apis_says_when_to_come_back(rf: Any):
    answer = lockout.answer(rf.post("/elsewhere"), HttpResponse("Welcome"))
    assert (answer.status_code, answer["Retry-After"], answer.content) == (
        429,
        "900",
        b"Too many failed attempts. Try again later.",
    )


def test_is_limited_by_address(anyone: APIClient, settings: Any, fay: User):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "login": 2}
    settings.RATE_LIMIT_KEY_PREFIX = "signing-in"
    assert [login(anyone, fay.email).status_code for _ in range(3)] == [200, 200, 429]


def test_costs_a_known_number_of_queries(anyone: APIClient, fay: User, django_assert_max_num_queries: Any):
    # One of them asks which language the person chose.
    with django_assert_max_num_queries(13):
        login(anyone, fay.email)
