"""The language that messages to a person are written in, as long as they chose none themselves."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request

from notifications.preferences.models import MessageSettings


def asked_for(request: HttpRequest) -> str:
    """What the browser or app asks for by `Accept-Language`; empty for the default, and for what we don't speak."""
    language = get_language_from_request(request)
    return language if language != settings.LANGUAGE_CODE else ""


def begin(user: Any, language: str) -> None:
    """Keep the language of who just registered; nothing for the default, which may change."""
    if language:
        MessageSettings.objects.create(user=user, language=language)
