"""Registering a customer."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Role, SignIn, User
from accounts.tests.conftest import AUTH, ME, code
from audit.models import AuditLog
from notifications.models import MessageSettings, Notification
from trufan.testing import PASSWORD

FAY = {"email": "fay@example.com", "password": PASSWORD, "first_name": "Fay", "last_name": "Fan"}


def register(client: APIClient, **changes: Any) -> Any:
    return client.post(f"{AUTH}/register", {**FAY, **changes})


def test_answers_the_person_and_tokens_that_work(anyone: APIClient, bearer: Any):
    answer = register(anyone, phone="+1 212 555 0123")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"user", "access_token", "refresh_token", "token_type", "expires_in"}
    assert body["token_type"] == "bearer"
    assert (body["user"]["email"], body["user"]["phone"]) == ("fay@example.com", "+12125550123")
    assert body["user"]["email_verified_at"] is None
    assert bearer(body["access_token"]).get(ME).json() == body["user"]


@pytest.mark.parametrize(
    ("asked_for", "kept"),
    [("es-MX,es;q=0.9,en;q=0.5", "es"), ("en-US,en;q=0.9,es;q=0.5", None), ("tlh", None), ("", None)],
)
def test_messages_speak_the_language_of_the_browser(anyone: APIClient, asked_for: str, kept: str | None):
    assert anyone.post(f"{AUTH}/register", FAY, HTTP_ACCEPT_LANGUAGE=asked_for).status_code == 201
    assert MessageSettings.objects.values_list("language", flat=True).first() == kept


def test_mails_a_link_and_is_audited_without_personal_data(anyone: APIClient):
    register(anyone)
    assert Notification.objects.get().template == "verify_email"
    entry = AuditLog.objects.get(action="user.registered")
    assert entry.actor == User.objects.get()
    assert "fay" not in str(entry.new_values)


def test_keeps_the_password_as_bcrypt_only(anyone: APIClient):
    register(anyone)
    user = User.objects.get()
    assert user.password.startswith("bcrypt_sha256$")
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("Short-1", "password_too_short"),
        ("Correct-Horse", "password_no_digit"),
        ("correct-horse-9", "password_no_upper_case"),
        ("Password1", "password_too_common"),
        ("Fay@example1.com", "password_too_similar"),
    ],
)
def test_refuses_a_weak_password_and_names_the_rule(anyone: APIClient, password: str, broken: str):
    answer = register(anyone, password=password)
    assert code(answer) == (422, "validation_error")
    assert {"field": "password", "code": broken} in [
        {key: detail[key] for key in ("field", "code")} for detail in answer.json()["error"]["details"]
    ]
    assert not User.objects.exists()


def test_a_password_keeps_its_spaces(anyone: APIClient):
    register(anyone, password="  Correct-Horse-9  ")
    assert User.objects.get().check_password("  Correct-Horse-9  ")


@pytest.mark.parametrize("spelling", ["Fay@Example.com", "  fay@example.com ", "ｆａｙ@example.com"])
def test_another_spelling_of_a_taken_address_is_taken(anyone: APIClient, fay: User, spelling: str):
    answer = register(anyone, email=spelling)
    assert code(answer) == (409, "email_taken")
    assert answer.json()["error"]["details"][0]["field"] == "email"
    assert User.objects.count() == 1


def test_a_taken_phone_is_refused(anyone: APIClient, fay: User):
    User.objects.filter(pk=fay.pk).update(phone="+12125550123")
    assert code(register(anyone, email="other@example.com", phone="+12125550123")) == (409, "phone_taken")


def test_nobody_can_give_themselves_a_role_or_a_verified_address(anyone: APIClient):
    register(
        anyone,
        role="super_admin",
        is_active=False,
        is_superuser=True,
        is_staff=True,
        email_verified_at="2026-01-01T00:00:00Z",
        erased_at="2026-01-01T00:00:00Z",
        id="019c1f3e-7a52-7c11-9d3b-5f0e6c2a1b40",
    )
    user = User.objects.get()
    assert (user.role, user.is_active, user.email_verified_at, user.erased_at) == (Role.CUSTOMER, True, None, None)
    assert str(user.pk) != "019c1f3e-7a52-7c11-9d3b-5f0e6c2a1b40"


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "no address"},
        {"email": None},
        {"email": ["fay@example.com"]},
        {"password": 12345678},
        {"first_name": ""},
        {"first_name": "x" * 81},
        {"phone": "212 555 0123"},
        {"phone": {"number": "+12125550123"}},
    ],
)
def test_what_is_not_valid_is_422(anyone: APIClient, changes: dict[str, Any]):
    assert register(anyone, **changes).status_code == 422


def test_is_limited_by_address(anyone: APIClient, settings: Any):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "register": 2}
    settings.RATE_LIMIT_KEY_PREFIX = "registering"
    statuses = [register(anyone, email=f"f{n}@example.com").status_code for n in range(3)]
    assert statuses == [201, 201, 429]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_address():
    answers: list[int] = []

    def attempt() -> None:
        answers.append(register(APIClient()).status_code)
        connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409, 409, 409]
    assert (User.objects.count(), SignIn.objects.count()) == (1, 1)


@pytest.mark.parametrize("name", ["Fay\n\nYou won", "See http://example.com", "www.example.com", "\u202eyaF", "F\x07"])
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_name_that_would_make_a_letter_of_the_mail_is_refused(anyone: APIClient, field: str, name: str):
    answer = register(anyone, **{field: name})

    assert answer.status_code == 422
    assert [(d["field"], d["code"]) for d in answer.json()["error"]["details"]] == [(field, "invalid_name")]
    assert not Notification.objects.exists()


def test_names_of_all_scripts_are_welcome(anyone: APIClient):
    answer = register(anyone, first_name="Zoë-Åsa 🎸", last_name="O'Neil بن\u200cسلمان")

    assert answer.status_code == 201
