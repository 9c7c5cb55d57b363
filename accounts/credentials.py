"""Checking a password, the same way for everyone who asks: one hash, one count of failures.

Goes through Django's `authenticate`, so that django-axes sees every failure and the console and the API share its
locks. An unknown address costs the same hash as a known one.
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from accounts import lockout
from accounts.errors import AccountLocked, InvalidCredentials, WrongPassword
from accounts.models import User


def check(request: HttpRequest, email: str, password: str) -> User:
    """The person with this address and password; raises `InvalidCredentials` or `AccountLocked`."""
    user = authenticate(request, username=User.objects.normalize_email(email), password=password)
    if getattr(request, "axes_locked_out", False):
        raise AccountLocked(retry_after=lockout.seconds_left(request, email, timezone.now()))
    if not isinstance(user, User) or not user.may_sign_in:
        raise InvalidCredentials
    return user


def confirm(request: HttpRequest, user: User, password: str) -> None:
    """Let a signed-in person prove to be who signed in; raises `WrongPassword` or `AccountLocked`.

    Counted like a failed login, so that a stolen session is no oracle for the password.
    """
    try:
        check(request, user.email, password)
    except InvalidCredentials as error:
        raise WrongPassword from error
