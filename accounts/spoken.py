"""The language that a person chose: kept once, and followed by the console, the API and all messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.models import User
from notifications.models import Consent, MessageSettings
from notifications.preferences import changing
from trufan.lib import languages, paths
from trufan.lib.client_ip import client_ip


def of(user: Any) -> str:
    """The code of `settings.LANGUAGES` that the person chose; empty for who chose none. One query at most."""
    try:
        chosen: str = user.message_settings.language
    except MessageSettings.DoesNotExist:
        return ""
    return chosen if chosen in dict(settings.LANGUAGES) else ""


def choose(user: User, language: str, ip: str | None) -> None:
    """Keep the language, of `settings.LANGUAGES`, as the caller checked."""
    user.message_settings = changing.change(user, source=Consent.Source.APP, ip=ip, language=language)


def speak(request: HttpRequest, user: Any, *, over_header: bool) -> None:
    """Go on in the person's language. `over_header`: also where the request asks for another one of ours."""
    if not over_header and languages.asked_for(request):
        return
    if chosen := of(user):
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """What the console's menu and "My account" ask for: kept for who is signed in, and in this browser's cookie."""
    language = request.POST.get("language", "")
    user: Any = request.user
    if user.is_authenticated and language in dict(settings.LANGUAGES):
        choose(user, language, client_ip(request))
    return set_language(request)


class SpokenMiddleware:
    """Within the console, the language that whoever is signed in chose, whatever this browser's cookie says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(paths.CONSOLE) and request.user.is_authenticated:
            speak(request, request.user, over_header=True)
        return self.get_response(request)
