"""Which bearer tokens are believed."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import SignIn, User
from accounts.tests.conftest import ME, code
from trufan.lib import correlation

KEY = settings.SIMPLE_JWT["SIGNING_KEY"]


def claims(token: str, **changes: Any) -> dict[str, Any]:
    return {**jwt.decode(token, options={"verify_signature": False}), **changes}


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_me_costs_one_query(as_fay: APIClient, fay: User, django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        assert as_fay.get(ME).json()["email"] == fay.email
    assert correlation.current().actor == fay


def test_without_a_token_one_is_asked_to_sign_in(anyone: APIClient):
    answer = anyone.get(ME)
    assert code(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "bearer x",
        "Bearer a b c",
        "Bearer a.b.c",
        "Bearer " + "." * 50,
        "Bearer é.é.é",
        "Bearer \x00.\x00.\x00",
        "Bearer " + part(b"[" * 3000 + b"]" * 3000) + ".e30.AAAA",
        "Bearer " + part([]) + ".e30.AAAA",
        "Bearer " + part({"alg": ["HS256"]}) + ".e30.AAAA",
        "Bearer " + part({"alg": "HS256", "kid": 7}) + ".e30.AAAA",
        "Bearer " + part({"alg": "HS256", "crit": ["exp"]}) + ".e30.AAAA",
        "Bearer " + part(b'{"alg":' + b"9" * 5000 + b"}") + ".e30.AAAA",
        "Bearer " + "A" * 100_000,
    ],
)
def test_a_malformed_token_is_401_and_never_500(anyone: APIClient, header: str):
    answer = anyone.get(ME, HTTP_AUTHORIZATION=header)
    assert code(answer) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": 7},
        {"sub": "fay"},
        {"sid": None},
        {"sid": [1]},
        {"sid": str(uuid.uuid4())},
        {"sub": str(uuid.uuid4())},
        {"exp": 0},
        {"exp": "tomorrow"},
        {"exp": 10**30},
        {"token_type": "refresh"},
        {"token_type": None},
        {"jti": None},
        {"nbf": 10**11},
    ],
)
def test_wrong_claims_are_refused_even_if_signed(fay: User, sign_in: Any, bearer: Any, changes: dict[str, Any]):
    payload = claims(sign_in(fay)["access_token"])
    payload.update(changes)
    token = jwt.encode({name: value for name, value in payload.items() if value is not None}, KEY, "HS256")
    assert code(bearer(token).get(ME)) == (401, "invalid_token")


@pytest.mark.parametrize(("key", "algorithm"), [(KEY, "HS512"), ("x" * 64, "HS256"), ("", "none")])
def test_another_key_or_algorithm_is_refused(fay: User, sign_in: Any, bearer: Any, key: str, algorithm: str):
    token = jwt.encode(claims(sign_in(fay)["access_token"]), key, algorithm)
    assert code(bearer(token).get(ME)) == (401, "invalid_token")


def test_a_good_token_written_by_hand_would_pass(fay: User, sign_in: Any, bearer: Any):
    """What the two tests above change is what they are refused for."""
    token = jwt.encode(claims(sign_in(fay)["access_token"]), KEY, "HS256")
    assert bearer(token).get(ME).status_code == 200


def test_a_refresh_token_is_no_access_token(fay: User, sign_in: Any, bearer: Any):
    assert code(bearer(sign_in(fay)["refresh_token"]).get(ME)) == (401, "invalid_token")


def test_another_persons_sign_in_is_refused(fay: User, gus: User, sign_in: Any, bearer: Any):
    token = jwt.encode(claims(sign_in(fay)["access_token"], sub=str(gus.pk)), KEY, "HS256")
    assert code(bearer(token).get(ME)) == (401, "invalid_token")


def test_an_access_token_ends_after_half_an_hour(fay: User, sign_in: Any, bearer: Any):
    token = sign_in(fay)["access_token"]
    with time_machine.travel(timezone.now() + timedelta(minutes=29)):
        assert bearer(token).get(ME).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert code(bearer(token).get(ME)) == (401, "invalid_token")


def test_whoever_is_switched_off_erased_or_deleted_is_out_at_once(fay: User, sign_in: Any, bearer: Any):
    caller = bearer(sign_in(fay)["access_token"])
    for off in ({"is_active": False}, {"is_active": True, "erased_at": timezone.now()}):
        User.objects.filter(pk=fay.pk).update(**off)
        assert code(caller.get(ME)) == (401, "invalid_token")
    SignIn.objects.filter(user=fay).delete()
    User.objects.filter(pk=fay.pk).update(erased_at=None)
    assert code(caller.get(ME)) == (401, "invalid_token")


def test_another_scheme_is_anonymous(anyone: APIClient):
    assert code(anyone.get(ME, HTTP_AUTHORIZATION="Basic ZmF5OmZheQ==")) == (401, "not_authenticated")
