"""Which of our languages somebody asks for."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def asked_for(request: HttpRequest) -> str:
    """The first language of `Accept-Language` that messages are written in: its code, or empty without one."""
    for asked, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            found = get_supported_language_variant(asked)
        except LookupError:
            continue
        if found in dict(settings.LANGUAGES):
            return found
    return ""


class LanguageMiddleware(LocaleMiddleware):
    """Django's own, which leaves the language of a request to whatever the thread does next; here it ends with it."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before: str | None = translation.get_language()
        try:
            return cast(HttpResponseBase, super().__call__(request))
        finally:
            translation.activate(before or settings.LANGUAGE_CODE)
