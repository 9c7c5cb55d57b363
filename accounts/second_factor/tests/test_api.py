"""The API asks for the second factor as well, or it would be the way around the console's."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from accounts.models import SecondFactor, SignIn, User
from accounts.second_factor.tests.phone import with_phone
from trufan.testing import PASSWORD

LOGIN = "/api/v1/auth/login"


def knock(user: User, password: str = PASSWORD, **more: str) -> tuple[int, Any]:
    answer = APIClient().post(LOGIN, {"email": user.email, "password": password, **more}, format="json")
    body = answer.json()
    return answer.status_code, body.get("error", {}).get("code", body)


def test_the_password_alone_is_not_enough(olga: User) -> None:
    with_phone(olga)
    assert knock(olga) == (401, "second_factor_required")
    assert knock(olga, otp="")[0] == 422
    assert not SignIn.objects.filter(user=olga).exists()


def test_with_a_code_one_is_in_and_refreshes_without(olga: User) -> None:
    phone, _ = with_phone(olga)
    status, body = knock(olga, otp=phone.code())
    assert status == 200
    answer = APIClient().post("/api/v1/auth/refresh", {"refresh_token": body["refresh_token"]}, format="json")
    assert answer.status_code == 200


def test_a_recovery_code_does_as_well(olga: User) -> None:
    _, codes = with_phone(olga)
    assert knock(olga, otp=codes[0])[0] == 200
    assert knock(olga, otp=codes[0]) == (401, "invalid_second_factor")


def test_guessing_stops_at_both_doors(olga: User) -> None:
    phone, _ = with_phone(olga)
    for _ in range(django_settings.AXES_FAILURE_LIMIT - 1):
        assert knock(olga, otp=phone.wrong()) == (401, "invalid_second_factor")
    assert knock(olga, otp=phone.wrong()) == (429, "second_factor_locked")
    assert knock(olga, otp=phone.code()) == (429, "second_factor_locked")


@pytest.mark.parametrize("has_factor", [True, False])
def test_a_wrong_password_gets_the_same_answer_and_counts_no_code(olga: User, has_factor: bool) -> None:
    if has_factor:
        with_phone(olga)
    assert knock(olga, "Wrong-1", otp="000000") == (401, "invalid_credentials")
    assert knock(olga, "Wrong-1") == (401, "invalid_credentials")
    assert not SecondFactor.objects.filter(failures__gt=0).exists()


def test_who_must_have_one_sets_it_up_first(olga: User, gus: User, fay: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert knock(olga) == (403, "second_factor_not_set_up")
    assert knock(gus)[0] == 200
    assert knock(fay)[0] == 200
