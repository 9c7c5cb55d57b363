"""Calls as a client makes them: with tokens, through HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from accounts.models import User
from notifications.models import Notification
from trufan.testing import PASSWORD

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    """The limits by address have tests of their own."""
    settings.SENSITIVE_LIMITS = dict.fromkeys(django_settings.SENSITIVE_LIMITS, 0)
    settings.RATE_LIMIT_PER_MINUTE = 0


@pytest.fixture
def anyone(db: None) -> APIClient:
    return APIClient()


@pytest.fixture
def sign_in() -> Callable[..., dict[str, Any]]:
    """Sign somebody in through the API; the answer's body."""

    def through_the_api(user: User, password: str = PASSWORD) -> dict[str, Any]:
        answer = APIClient().post(f"{AUTH}/login", {"email": user.email, "password": password})
        assert answer.status_code == 200, answer.data
        return answer.json()

    return through_the_api


@pytest.fixture
def bearer() -> Callable[[str], APIClient]:
    """A client that sends this access token."""

    def client(token: str) -> APIClient:
        caller = APIClient()
        caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return caller

    return client


@pytest.fixture
def as_fay(fay: User, sign_in: Any, bearer: Any) -> APIClient:
    return bearer(sign_in(fay)["access_token"])


@pytest.fixture
def mailed() -> Callable[[str], Notification]:
    """The newest message of a template."""

    def newest(template: str) -> Notification:
        return Notification.objects.filter(template=template).latest("created_at")

    return newest


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]
