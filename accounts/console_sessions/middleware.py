"""Every request to the console: has the session run out, has it shown a second factor where one is needed?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from accounts.console_sessions import clock as clocks
from accounts.console_sessions import sessions
from accounts.console_sessions.clock import Clock
from accounts.second_factor import policy
from trufan.lib import paths

#: What opens to somebody who has to set up a second factor first.
_OPEN = (
    "/admin/account/second-factor/",
    "/admin/account/session/",
    "/admin/login/",
    "/admin/logout/",
    "/admin/jsi18n/",
)


class ConsoleSessionMiddleware:
    """Behind the one for messages. Asks nothing of the database that the page would not ask anyway, but for once a
    minute, when the session is written down."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(paths.CONSOLE) and SESSION_KEY in request.session and request.user.is_authenticated:
            self._look_after(request, timezone.now())
            if request.user.is_authenticated and _must_set_up(request):
                return HttpResponseRedirect(reverse("admin:second_factor_set_up"))
        return self.get_response(request)

    def _look_after(self, request: HttpRequest, now: datetime) -> None:
        clock = Clock.read(request.session)
        if clock is None:
            # Signed in before sessions were written down, or by other means than our page.
            sessions.begin(request, request.user, now)
            return
        if clocks.seconds_left(clock, request.user, now) <= 0:
            self._run_out(request, clock, now)
        elif not self._write(request, clock, now):
            logout(request)
            messages.warning(request, gettext("This session was ended. Sign in again."))

    def _write(self, request: HttpRequest, clock: Clock, now: datetime) -> bool:
        present = int(now.timestamp())
        if clocks.is_work(request) and present - clock.worked >= clocks.WRITTEN_EVERY:
            clock.worked = present
            clock.keep(request.session)
        if present - clock.written < clocks.WRITTEN_EVERY:
            return True
        clock.written = present
        clock.keep(request.session)
        return sessions.see(clock, now)

    def _run_out(self, request: HttpRequest, clock: Clock, now: datetime) -> None:
        by_itself = int(now.timestamp()) >= clock.ends
        minutes = ceil(clocks.idle_seconds(request.user) / 60)
        sessions.finish(clock, now, sessions.TOO_LONG if by_itself else sessions.IDLE)
        logout(request)
        if by_itself:
            words = "Your session had lasted {hours} hours and ended. Sign in again to go on where you were."
        else:
            words = "Nobody worked here for {minutes} minutes, so you were signed out. Sign in to go on where you were."
        messages.info(request, words.format(hours=settings.SESSION_COOKIE_AGE // 3600, minutes=minutes))


def _must_set_up(request: HttpRequest) -> bool:
    clock = Clock.read(request.session)
    if request.path.startswith(_OPEN) or (clock is not None and clock.has_passed):
        return False
    return policy.is_required_of(request.user)


def script_url(request: HttpRequest) -> str:
    """The script that tells before a session ends, with how long one lives without work; -1: nobody is signed in."""
    user: Any = getattr(request, "user", None)
    idle = clocks.idle_seconds(user) if user is not None and user.is_authenticated else -1
    return f"{static('trufan/session.js')}?idle={idle}"


def session_script(request: HttpRequest) -> dict[str, Any]:
    """For templates: the same address, asked for only where it is printed."""
    return {"session_script": SimpleLazyObject(partial(script_url, request))}
