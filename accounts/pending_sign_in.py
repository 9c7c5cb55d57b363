"""Between password and code: who showed the right password, for a few minutes, in this browser alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import User

KEY = "pending_sign_in"
GOOD_FOR = timedelta(minutes=5)


def remember(request: HttpRequest, user: User, back_to: str, now: datetime) -> None:
    """Nobody is signed in by this: the session opens nothing yet."""
    request.session[KEY] = {
        "user": str(user.pk),
        # Ends with the password that was shown.
        "proof": user.get_session_auth_hash(),
        "until": int((now + GOOD_FOR).timestamp()),
        "back_to": back_to,
    }


def of(request: HttpRequest, now: datetime) -> User | None:
    """Who is half signed in here; None when nobody is, or no longer."""
    kept: dict[str, Any] | None = request.session.get(KEY)
    if kept is None or kept["until"] < now.timestamp():
        return None
    user = User.objects.active().filter(pk=UUID(kept["user"])).first()
    if user is None or not user.is_staff or not constant_time_compare(user.get_session_auth_hash(), kept["proof"]):
        return None
    return user


def back_to(request: HttpRequest) -> str:
    """Where the person wanted to go."""
    kept = request.session.get(KEY) or {}
    return str(kept.get("back_to", ""))


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
