"""Proving an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import email_verification
from accounts.models import User
from accounts.signals import email_verified
from accounts.tests.conftest import AUTH, code
from audit.models import AuditLog
from notifications.models import Notification


@pytest.fixture
def unproven(fay: User) -> User:
    fay.email_verified_at = None
    fay.save()
    return fay


@pytest.fixture
def announced() -> Iterator[list[User]]:
    heard: list[User] = []

    def hear(user: User, **kwargs: Any) -> None:
        heard.append(user)

    email_verified.connect(hear)
    yield heard
    email_verified.disconnect(hear)


def verify(token: str) -> Any:
    return APIClient().post(f"{AUTH}/email/verify", {"token": token})


def test_the_mailed_link_proves_the_address_once(unproven: User, announced: list[User], as_fay: APIClient):
    as_fay.post(f"{AUTH}/email/resend")
    token = Notification.objects.get().context["link"].partition("#token=")[2]
    assert verify(token).status_code == 204
    assert code(verify(token)) == (422, "invalid_link")
    unproven.refresh_from_db()
    assert unproven.email_verified_at is not None
    assert announced == [unproven]
    assert AuditLog.objects.filter(action="user.email_verified", actor=unproven).count() == 1


def test_a_failing_receiver_undoes_the_proof(unproven: User):
    def fail(**kwargs: Any) -> None:
        raise RuntimeError

    email_verified.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            verify(email_verification.token_for(unproven))
    finally:
        email_verified.disconnect(fail)
    unproven.refresh_from_db()
    assert unproven.email_verified_at is None


def test_a_link_is_good_for_three_days(unproven: User, announced: list[User]):
    token = email_verification.token_for(unproven)
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert code(verify(token)) == (422, "invalid_link")
    assert verify(token).status_code == 204


def test_a_link_to_a_former_address_proves_nothing(unproven: User, announced: list[User]):
    token = email_verification.token_for(unproven)
    User.objects.filter(pk=unproven.pk).update(email="new@example.com")
    assert code(verify(token)) == (422, "invalid_link")
    assert not announced


@pytest.mark.parametrize(
    "token",
    ["x", "a:b:c", "é", signing.dumps(["x", "y"], salt="another")],
    ids=["one letter", "three parts", "not ascii", "another salt"],
)
def test_rubbish_and_tokens_of_another_kind_prove_nothing(db: None, token: str):
    assert code(verify(token)) == (422, "invalid_link")


def test_what_is_proven_is_not_mailed_again(as_fay: APIClient):
    assert code(as_fay.post(f"{AUTH}/email/resend")) == (409, "already_verified")
    assert not Notification.objects.exists()
