"""My account: how one signs in, and where one is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import new_devices, sign_in
from accounts.console_sessions import clock as clocks
from accounts.console_sessions import sessions
from accounts.console_sessions.clock import Clock
from accounts.models import ConsoleSession, SignIn
from accounts.my_account.pages import ask, page
from accounts.second_factor import checking, policy, recovery
from audit.trail import record
from trufan.lib.console import venue_labels
from trufan.lib.console.columns import UTC, local_time

#: Newest sessions and devices that are shown; nobody has more who did not forget to sign out for weeks.
_SHOWN = 50


@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """Everything on one page, each with the way to change it."""
    user: Any = request.user
    now = timezone.now()
    factor, zone = checking.of(user), _zone(request)
    return page(
        request,
        "account.html",
        gettext("My account"),
        person=user,
        factor=factor,
        factor_since=local_time(factor.created_at, zone) if factor else "",
        codes_left=recovery.left(user) if factor else 0,
        is_required=policy.is_required_of(user),
        sessions=[_session(each, request, zone) for each in user.console_sessions.live(now)[:_SHOWN]],
        devices=[_device(each, zone) for each in SignIn.objects.live(now).filter(user=user)[:_SHOWN]],
    )


@never_cache
def end_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End one of one's own console sessions."""
    user: Any = request.user
    row = ConsoleSession.objects.live(timezone.now()).filter(user=user, pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        sessions.end(row, timezone.now(), because=sessions.BY_OWNER, by=user)
        return _done(request, "The session is ended.")
    words = "{device} is signed out of the console at once. What was typed there and not saved is lost."
    return ask(
        request,
        "End this session",
        words.format(device=new_devices.name(row.user_agent).capitalize()),
        forms.Form(),
        button="End session",
        is_destructive=True,
    )


@never_cache
def end_device(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign one of one's own devices out of the API."""
    user: Any = request.user
    row = SignIn.objects.live(timezone.now()).filter(user=user, pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        sign_in.end(row, timezone.now(), because=sign_in.Ended.LOGOUT)
        return _done(request, "The device is signed out.")
    words = "{device} is signed out at once and has to sign in again to use the API."
    return ask(
        request,
        "Sign this device out",
        words.format(device=new_devices.name(row.user_agent).capitalize()),
        forms.Form(),
        button="Sign out",
        is_destructive=True,
    )


@never_cache
def end_others(request: HttpRequest) -> HttpResponse:
    """End everything but this session."""
    if request.method == "POST":
        ended = _end_others(request, timezone.now())
        return _done(request, gettext("Everything else is ended: {count} sign-ins.").format(count=ended))
    return ask(
        request,
        gettext("Sign out everywhere else"),
        gettext(
            "Every other session of the console and every device that uses the API is signed out at once. "
            "This session goes on."
        ),
        forms.Form(),
        button=gettext("Sign out everywhere else"),
        is_destructive=True,
    )


def _end_others(request: HttpRequest, now: datetime) -> int:
    user: Any = request.user
    key = request.session.session_key or ""
    with transaction.atomic():
        others = user.console_sessions.live(now).exclude(session_key=key).count()
        ended = others + sign_in.end_all(user, now, because=sign_in.Ended.LOGOUT_ALL, keep_session=key)
        record("user.signed_out_elsewhere", user, new={"ended": ended}, actor=user)
    return ended


@never_cache
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest) -> JsonResponse:
    """What the page's script asks: how many seconds this session has left. To POST is to go on working.

    With the token for forms: signing in changes it, and a form that was filled in before shall still be good.
    """
    user: Any = request.user
    clock = Clock.read(request.session) if user.is_authenticated else None
    if clock is None:
        return JsonResponse({"is_signed_in": False, "seconds_left": 0})
    now = timezone.now()
    if request.method == "POST":
        clock.worked = int(now.timestamp())
        clock.keep(request.session)
    left = max(0, clocks.seconds_left(clock, user, now))
    return JsonResponse(
        {"is_signed_in": True, "seconds_left": left, "person": str(user.pk), "csrf_token": get_token(request)}
    )


def _zone(request: HttpRequest) -> ZoneInfo:
    """The clock of who works at one venue, or at several of one zone; UTC for everybody else."""
    zones = {label.zone for label in venue_labels.of_request(request).values()}
    return zones.pop() if len(zones) == 1 else UTC


def _session(row: ConsoleSession, request: HttpRequest, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "row": row,
        "device": new_devices.name(row.user_agent),
        "since": local_time(row.created_at, zone),
        "seen": local_time(row.last_seen_at, zone),
        "is_this": row.session_key == request.session.session_key,
        "url": reverse("admin:account_session_end", args=[row.pk]),
    }


def _device(row: SignIn, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "row": row,
        "device": new_devices.name(row.user_agent),
        "since": local_time(row.created_at, zone),
        "seen": local_time(row.last_used_at, zone),
        "url": reverse("admin:account_device_end", args=[row.pk]),
    }


def _done(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("admin:account"))
