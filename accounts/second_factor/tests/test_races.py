"""Many at once: a code is taken once, and no more tries are looked at than are counted. Real threads."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import SecondFactor
from accounts.second_factor import checking
from accounts.second_factor.tests.phone import with_phone
from trufan.lib.errors import DomainError
from trufan.testing import UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_one_code_at_once_lets_one_in() -> None:
    user = UserFactory()
    phone, codes = with_phone(user)
    for code in (phone.code(), codes[0]):
        let_in = at_once(4, lambda _, code=code: _outcome(user, code))
        assert let_in.count("in") == 1


def test_many_wrong_codes_at_once_lock() -> None:
    user = UserFactory()
    phone, _ = with_phone(user)
    answers = at_once(16, lambda _: _outcome(user, phone.wrong()))
    looked_at = [each for each in answers if each == "invalid_second_factor"]
    assert len(looked_at) < settings.AXES_FAILURE_LIMIT
    assert SecondFactor.objects.get(user=user).locks == 1
    assert _outcome(user, phone.code()) == "second_factor_locked"


def _outcome(user: object, code: str) -> str:
    try:
        checking.check(user, code, timezone.now())
    except DomainError as refusal:
        return refusal.code
    return "in"
