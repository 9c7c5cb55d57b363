"""Forgotten, reset and changed passwords."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import password_reset
from accounts.models import ResetRequest, SignIn, User
from accounts.tests.conftest import AUTH, ME, code
from audit.models import AuditLog
from notifications.models import Notification
from trufan.testing import PASSWORD, UserFactory

NEW = "Another-Horse-7"


def forget(email: str) -> Any:
    return APIClient().post(f"{AUTH}/password/forgot", {"email": email})


def reset(token: str, new_password: str = NEW) -> Any:
    return APIClient().post(f"{AUTH}/password/reset", {"token": token, "new_password": new_password})


def login(email: str, password: str) -> int:
    return APIClient().post(f"{AUTH}/login", {"email": email, "password": password}).status_code


@pytest.fixture
def token(fay: User) -> str:
    return password_reset.link_for(fay).partition("#token=")[2]


def test_forgetting_answers_alike_and_looks_nobody_up(
    fay: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    nudges: list[str] = []
    monkeypatch.setattr("accounts.background.nudge", lambda: nudges.append("nudge"))
    answers, queries = [], []
    for email in (fay.email, "nobody@example.com"):
        with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as seen:
            answers.append(forget(email))
        queries.append([query["sql"].split()[0] for query in seen])
        assert not any("accounts_user" in query["sql"] for query in seen)
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    assert queries[0] == queries[1]
    assert len(nudges) == 2
    assert not Notification.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_a_worker_the_link_is_mailed_beside_the_answer(settings: Any):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    fay = UserFactory(email="fay@example.com")
    forget(fay.email)
    for thread in [each for each in threading.enumerate() if each.name == "accounts.reset_requests"]:
        thread.join()
    assert Notification.objects.get(template="reset_password").recipient == fay.email
    assert not ResetRequest.objects.exists()


def test_the_link_is_mailed_afterwards_to_whom_has_an_account(fay: User, gus: User):
    User.objects.filter(pk=gus.pk).update(is_active=False)
    for email in (" FAY@example.com", "nobody@example.com", gus.email):
        forget(email)
    assert password_reset.answer_requests(timezone.now()) == 3
    mail = Notification.objects.get()
    assert (mail.template, mail.recipient, mail.context["minutes"]) == ("reset_password", fay.email, 60)
    assert not ResetRequest.objects.exists()
    assert reset(mail.context["link"].partition("#token=")[2]).status_code == 204
    assert login(fay.email, NEW) == 200


def test_however_often_one_asks_one_mail_a_minute_goes_out(fay: User):
    now = timezone.now().replace(second=0)
    for _ in range(3):
        forget(fay.email)
    password_reset.answer_requests(now)
    forget(fay.email)
    password_reset.answer_requests(now + timedelta(seconds=59))
    assert Notification.objects.count() == 1
    forget(fay.email)
    password_reset.answer_requests(now + timedelta(seconds=60))
    assert Notification.objects.count() == 2


def test_a_reset_ends_every_session_proves_the_address_and_lifts_the_lock(
    fay: User, token: str, sign_in: Any, bearer: Any
):
    User.objects.filter(pk=fay.pk).update(email_verified_at=None)
    caller = bearer(sign_in(fay)["access_token"])
    token = password_reset.link_for(User.objects.get(pk=fay.pk)).partition("#token=")[2]
    for _ in range(5):
        login(fay.email, "Wrong-Horse-9")
    assert login(fay.email, PASSWORD) == 429
    assert reset(token).status_code == 204
    assert caller.get(ME).status_code == 401
    assert (login(fay.email, PASSWORD), login(fay.email, NEW)) == (401, 200)
    fay.refresh_from_db()
    assert fay.email_verified_at is not None
    assert AuditLog.objects.filter(action="user.password_reset", actor=fay).count() == 1
    assert Notification.objects.filter(template="password_changed", recipient=fay.email).count() == 1


def test_a_link_is_good_once(token: str):
    assert reset(token).status_code == 204
    assert code(reset(token, "Third-Horse-55")) == (422, "invalid_link")


def test_a_link_is_good_for_an_hour(token: str):
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert code(reset(token)) == (422, "invalid_link")
    assert reset(token).status_code == 204


@pytest.mark.parametrize("change", [{"email": "new@example.com"}, {"is_active": False}, {"password": "x"}])
def test_a_link_ends_with_what_it_was_for(fay: User, token: str, change: dict[str, Any]):
    User.objects.filter(pk=fay.pk).update(**change)
    assert code(reset(token)) == (422, "invalid_link")


@pytest.mark.parametrize("rubbish", ["x", ".", "a.b", "é.é", "MDE5.abc-def", "_" * 200])
def test_rubbish_is_no_link(db: None, rubbish: str):
    assert code(reset(rubbish)) == (422, "invalid_link")


def test_a_link_for_one_opens_no_other(fay: User, gus: User, token: str):
    uid = password_reset.link_for(gus).partition("#token=")[2].partition(".")[0]
    assert code(reset(f"{uid}.{token.partition('.')[2]}")) == (422, "invalid_link")


def test_a_weak_new_password_is_refused_and_the_link_stays_good(token: str):
    assert code(reset(token, "weak")) == (422, "validation_error")
    assert reset(token).status_code == 204


def change(caller: APIClient, current: str = PASSWORD, new: str = NEW) -> Any:
    return caller.post(f"{AUTH}/password/change", {"current_password": current, "new_password": new})


def test_a_change_ends_every_other_session(fay: User, sign_in: Any, bearer: Any):
    here, there = bearer(sign_in(fay)["access_token"]), bearer(sign_in(fay)["access_token"])
    console = Client()
    console.force_login(fay, backend="django.contrib.auth.backends.ModelBackend")
    assert change(here).status_code == 204
    assert (here.get(ME).status_code, there.get(ME).status_code) == (200, 401)
    fay.refresh_from_db()
    assert console.session["_auth_user_hash"] != fay.get_session_auth_hash()
    assert login(fay.email, NEW) == 200
    assert AuditLog.objects.get(action="user.password_changed").new_values == {"sign_ins_ended": 1}
    assert Notification.objects.filter(template="password_changed").count() == 1


def test_a_change_needs_the_current_password_and_failures_count(as_fay: APIClient, fay: User):
    answers = [code(change(as_fay, "Wrong-Horse-9")) for _ in range(5)]
    assert answers == [(403, "wrong_password")] * 4 + [(429, "account_locked")]
    assert code(change(as_fay)) == (429, "account_locked")
    assert SignIn.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(("new", "broken"), [("weak", "password_too_short"), (PASSWORD, "password_unchanged")])
def test_a_change_keeps_the_rules(as_fay: APIClient, new: str, broken: str):
    answer = change(as_fay, new=new)
    assert code(answer) == (422, "validation_error")
    assert broken in {detail["code"] for detail in answer.json()["error"]["details"]}


@pytest.mark.parametrize("path", ["forgot", "reset"])
def test_is_limited_by_address(db: None, settings: Any, path: str):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "password_reset": 1}
    settings.RATE_LIMIT_KEY_PREFIX = f"passwords-{path}"
    body = {"email": "fay@example.com", "token": "x", "new_password": NEW}
    assert APIClient().post(f"{AUTH}/password/{path}", body).status_code != 429
    assert APIClient().post(f"{AUTH}/password/{path}", body).status_code == 429
