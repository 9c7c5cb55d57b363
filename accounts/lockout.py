"""Repeated failures lock an address + IP pair for a while; django-axes counts, here is what it asks of us."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.second_factor import checking
from audit.trail import record
from trufan.lib.client_ip import client_ip

_PAGE = "Too many failed attempts. Try again later."


def username_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """`AXES_USERNAME_CALLABLE`: the address in its one spelling, so that no other spelling has a count of its own."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return User.objects.normalize_email(typed)[:254]


def seconds_left(request: HttpRequest, email: str, now: datetime) -> int:
    """How long the lock of this pair lasts, at least one second."""
    newest = (
        AccessAttempt.objects.filter(username=email, ip_address=client_ip(request))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    ends = (newest or now) + settings.AXES_COOLOFF_TIME
    return max(1, ceil((ends - now).total_seconds()))


def answer(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """`AXES_LOCKOUT_CALLABLE`: the API has said it in its own envelope; the console says it in a line."""
    if response is not None and response.status_code == 429:
        return response
    return HttpResponse(
        _PAGE,
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(int(settings.AXES_COOLOFF_TIME.total_seconds()))},
    )


def forget(email: str) -> None:
    """Lift every lock of this address: its owner proved to be one, or is gone."""
    AccessAttempt.objects.filter(username=email).delete()


def lift(user: User, *, by: Any, venue_id: UUID | None = None) -> None:
    """Somebody who may lets the person try again, passwords and codes; part of the caller's transaction."""
    forget(user.email)
    checking.unlock(user)
    record("user.unlocked", user, actor=by, venue_id=venue_id)


def remove_expired(now: datetime) -> int:
    """Delete counts that lock nobody any more; they name addresses. Returns how many."""
    overdue = now - settings.AXES_COOLOFF_TIME - timedelta(minutes=1)
    rows = AccessAttempt.objects.filter(attempt_time__lt=overdue)
    return rows.delete()[1].get("axes.AccessAttempt", 0)
