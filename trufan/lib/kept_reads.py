"""Public reads that a crowd asks for at once: answered from memory for a moment, and to who has them with a 304.

`kept_briefly` is for views: only for who is not signed in and sent nothing that names them, only under query parameters
that the view names (whose values are few), and only a 200. `told_to_all` is for what everybody who may ask is told
alike, whoever it is. Such an answer is good for `PUBLIC_READ_SECONDS`. Then the first who asks makes it anew, and until
that is done, at most for as long again, the others are given the old one: a crowd costs one making, not as many as
there are threads. Nothing is decided by it: a cart is priced and its stock taken by what holds when it is placed.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

View = Callable[..., Any]
#: A browser may keep it, if it asks each time whether it still holds.
_ASKED_EACH_TIME = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language, Cookie"}


def kept_briefly(*parameters: str) -> Callable[[View], View]:
    """Keep what a view method answers the public for `settings.PUBLIC_READ_SECONDS`; 0: not at all."""
    known = frozenset(parameters)

    def decorate(method: View) -> View:
        @functools.wraps(method)
        def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            if settings.PUBLIC_READ_SECONDS <= 0 or not _is_everybodys(request, known):
                return method(view, request, *args, **kwargs)
            key = _key(request.build_absolute_uri())
            kept = _fresh(key)
            if kept is None:
                response = method(view, request, *args, **kwargs)
                if not isinstance(response, Response) or response.status_code != 200:
                    return response
                kept = _keep(key, response.data)
            return _sent(request, *kept, _ASKED_EACH_TIME)

        return answer

    return decorate


def told_to_all(request: Request, *what: object, make: Callable[[], Any], headers: dict[str, str]) -> HttpResponse:
    """What `make` returns as JSON, with an `ETag`: the same for everybody who may ask for `what`.

    Who may, the caller knows. Its links go by the host that is asked and its words by the language: told apart here.
    """
    if settings.PUBLIC_READ_SECONDS <= 0:
        return _sent(request, *_rendered(make()), headers)
    key = _key(request.build_absolute_uri("/"), *what)
    return _sent(request, *(_fresh(key) or _keep(key, make())), headers)


def _fresh(key: str) -> tuple[str, bytes] | None:
    """Tag and body that were kept; nothing where it is ours to make them anew."""
    kept: tuple[str, bytes, float] | None = cache.get(key)
    if kept is None or (kept[2] <= time.time() and _is_first(key, settings.PUBLIC_READ_SECONDS)):
        return None
    return kept[:2]


def _keep(key: str, told: Any) -> tuple[str, bytes]:
    seconds, (etag, body) = settings.PUBLIC_READ_SECONDS, _rendered(told)
    cache.set(key, (etag, body, time.time() + seconds), 2 * seconds)
    return etag, body


def _rendered(told: Any) -> tuple[str, bytes]:
    body = JSONRenderer().render(told)
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"', body


def _is_first(key: str, seconds: float) -> bool:
    """Whether it is ours to make the answer anew; who fails at it leaves it to the next when the old one is gone."""
    return cache.add(f"{key}:renewed", True, seconds)


def _is_everybodys(request: Request, known: frozenset[str]) -> bool:
    named = request.user.is_authenticated or "Authorization" in request.headers
    return not named and known.issuperset(request.query_params)


def _key(*what: object) -> str:
    # The host stands in the links of a list, and the language in its words.
    asked = "\n".join([*map(str, what), get_language() or ""])
    return f"kept-read:{hashlib.sha256(asked.encode()).hexdigest()}"


def _sent(request: Request, etag: str, body: bytes, given: dict[str, str]) -> HttpResponse:
    headers = {**given, "ETag": etag}
    unchanged = get_conditional_response(request._request, etag=etag)
    if unchanged is not None:
        return HttpResponse(status=unchanged.status_code, headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)
