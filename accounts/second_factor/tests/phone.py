"""An authenticator on somebody's phone, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.second_factor import setting_up, totp
from trufan.testing import PASSWORD

LOGIN = "/admin/login/"
CODE = "/admin/login/code/"


class Phone:
    """Holds a secret and shows codes."""

    def __init__(self, secret: str | None = None) -> None:
        self.secret = secret or totp.new_secret()

    def code(self, now: datetime | None = None, *, steps: int = 0) -> str:
        """What it shows, or showed so many steps ago (or will show)."""
        return totp.code_of(self.secret, totp.step_at(now or timezone.now()) + steps)

    def wrong(self) -> str:
        """Six digits that are no code about now."""
        near = {self.code(steps=each) for each in range(-3, 4)}
        return next(f"{number:06}" for number in range(100) if f"{number:06}" not in near)


def with_phone(user: User) -> tuple[Phone, list[str]]:
    """Give the person a second factor that was set up an hour ago; its recovery codes."""
    phone, then = Phone(), timezone.now() - timedelta(hours=1)
    codes = setting_up.confirm(user, phone.secret, phone.code(then), then)
    return phone, codes


def password(client: Client, user: User, next_page: str = "") -> Any:
    """Fill in the first page."""
    wanted = next_page or reverse("admin:index")
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD, "next": wanted})


def sign_in(user: User, code: str, client: Client | None = None) -> Client:
    """Both pages; the browser, signed in or not."""
    client = client or Client()
    password(client, user)
    client.post(CODE, {"code": code})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("admin:account")).status_code == 200
