"""How often one address may ask: GCRA, counted in one atomic step in Redis, or in this process without Redis.

`ThrottleMiddleware` counts every request to the API against `RATE_LIMIT_PER_MINUTE` and `RATE_LIMIT_BURST`;
`limited` counts one endpoint against `SENSITIVE_LIMITS`, `guarded` only its wrong guesses. A limit of 0 is off. While
Redis cannot be reached each process counts for itself: a venue goes on selling, at most by so many processes more often
than it should.

An IPv6 address stands for its /64, which is what one household or attacker has.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework.request import Request
from throttled import BaseRateLimiter, RateLimiterRegistry, RateLimitResult, RateLimitState, per_min
from throttled.exceptions import StoreUnavailableError
from throttled.store import BaseStore, MemoryStore, RedisStore

from trufan.lib import measures, paths
from trufan.lib.client_ip import client_ip
from trufan.lib.errors import DomainError, TooMany
from trufan.lib.exception_handler import refuse

log = structlog.get_logger("trufan.throttling")
View = TypeVar("View", bound=Callable[..., Any])
#: Seconds for which Redis is left alone after it failed, so that not every request waits for it.
PAUSE = 5.0
#: Addresses remembered in process; the least recently seen are forgotten first.
REMEMBERED = 100_000


class Counter:
    """Counts hits in Redis while it answers, else in this process."""

    def __init__(self, redis_url: str, prefix: str = "") -> None:
        self._prefix = prefix
        self._local: BaseStore = MemoryStore(options={"MAX_SIZE": REMEMBERED})
        self._shared: BaseStore | None = None
        self._retry_at = 0.0
        if redis_url:
            timeouts = {"SOCKET_TIMEOUT": 0.5, "SOCKET_CONNECT_TIMEOUT": 0.5}
            self._shared = RedisStore(server=redis_url, options=timeouts)

    def hit(self, key: str, per_minute: int, burst: int) -> RateLimitResult:
        """Count one request; the result says whether it was one too many and how many are left."""
        if self._shared is not None and time.monotonic() >= self._retry_at:
            try:
                return self._hit(self._shared, key, per_minute, burst)
            except (RedisError, StoreUnavailableError) as problem:
                self._pause(problem)
        return self._hit(self._local, key, per_minute, burst)

    def peek(self, key: str, per_minute: int, burst: int) -> RateLimitState:
        """How the key stands, without counting anything."""
        if self._shared is not None and time.monotonic() >= self._retry_at:
            try:
                return self._limiter(self._shared, per_minute, burst).peek(f"{self._prefix}{key}")
            except (RedisError, StoreUnavailableError) as problem:
                self._pause(problem)
        return self._limiter(self._local, per_minute, burst).peek(f"{self._prefix}{key}")

    def _hit(self, store: BaseStore, key: str, per_minute: int, burst: int) -> RateLimitResult:
        return self._limiter(store, per_minute, burst).limit(f"{self._prefix}{key}")

    def _limiter(self, store: BaseStore, per_minute: int, burst: int) -> BaseRateLimiter:
        return RateLimiterRegistry.get("gcra")(per_min(per_minute, burst), store)

    def _pause(self, problem: Exception) -> None:
        self._retry_at = time.monotonic() + PAUSE
        measures.REDIS_FAILURES.labels("throttling").inc()
        log.warning("counting in process: Redis does not answer", error=type(problem).__name__)


@functools.lru_cache(maxsize=1)
def _counter(redis_url: str, prefix: str) -> Counter:
    return Counter(redis_url, prefix)


def counter() -> Counter:
    """This process's counter."""
    return _counter(settings.REDIS_URL, settings.RATE_LIMIT_KEY_PREFIX)


def reset() -> None:
    """Forget what was counted in this process; for tests."""
    _counter.cache_clear()


def bucket(address: str | None) -> str:
    """The address to count under: itself, or the /64 of an IPv6 address; callers without one share a bucket."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"


def limited(scope: str) -> Callable[[View], View]:
    """Count calls of a view method by address against `settings.SENSITIVE_LIMITS[scope]`; raises `TooMany`."""

    def decorate(method: View) -> View:
        @functools.wraps(method)
        def counted(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            refuse_if_too_many(scope, getattr(request, "_request", request))
            return method(view, request, *args, **kwargs)

        return counted  # type: ignore[return-value]

    return decorate


def refuse_if_too_many(scope: str, request: HttpRequest) -> None:
    """Count one sensitive request; raises `TooMany` with the seconds to wait."""
    per_minute = settings.SENSITIVE_LIMITS[scope]
    refuse_if_over(f"{scope}:{bucket(client_ip(request))}", per_minute, per_minute)


def refuse_if_over(key: str, per_minute: int, burst: int) -> None:
    """Count one request of a caller who has been told from others; raises `TooMany` with the seconds to wait."""
    if per_minute <= 0:
        return
    result = counter().hit(key, per_minute, burst)
    if result.limited:
        raise TooMany(retry_after=_seconds(result.state.retry_after))


@contextmanager
def guarded(scope: str, request: Request, wrong: Callable[[DomainError], bool]) -> Iterator[None]:
    """Where guessing pays: refusals that are `wrong` guesses count, for the caller's account and for the address.

    Who is right is never counted, so that a crowd behind one address can be right at once. Raises `TooMany` after
    `settings.SENSITIVE_LIMITS[scope]` wrong guesses a minute.
    """
    per_minute = settings.SENSITIVE_LIMITS[scope]
    keys = [f"{scope}:{bucket(client_ip(request._request))}"]
    if request.user.is_authenticated:
        keys.append(f"{scope}:user:{request.user.pk}")
    if per_minute > 0:
        states = [counter().peek(key, per_minute, per_minute) for key in keys]
        if waits := [state.retry_after for state in states if state.remaining < 1]:
            raise TooMany(retry_after=_seconds(max(waits)))
    try:
        yield
    except DomainError as refusal:
        if per_minute > 0 and wrong(refusal):
            for key in keys:
                counter().hit(key, per_minute, per_minute)
        raise


class ThrottleMiddleware:
    """Counts what comes to the API, and attempts to sign in to the console, which has no view of ours to decorate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path.startswith(paths.CONSOLE_LOGIN):
            return self._sign_in(request)
        if settings.RATE_LIMIT_PER_MINUTE <= 0 or not paths.is_counted(request.path):
            return self.get_response(request)
        result = _count(request)
        if result.limited:
            response: HttpResponse = refuse(TooMany(retry_after=_seconds(result.state.retry_after)))
        else:
            response = self.get_response(request)
        response["X-RateLimit-Limit"] = str(result.state.limit)
        response["X-RateLimit-Remaining"] = str(result.state.remaining)
        response["X-RateLimit-Reset"] = str(math.ceil(result.state.reset_after))
        return response

    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        try:
            refuse_if_too_many("login", request)
        except TooMany as refusal:
            return HttpResponse(refusal.message, status=429, headers=refusal.headers, content_type="text/plain")
        return self.get_response(request)


def _count(request: HttpRequest) -> RateLimitResult:
    """Count the request. The scanners of a venue share one address and a queue in the rain: doors have their own.

    So do devices with a key, wherever they call; each of them is counted by its key as well, once that was read.
    """
    address = bucket(client_ip(request))
    if paths.is_doors(request.path) or request.headers.get("Authorization", "")[:8].lower() == "api-key ":
        return counter().hit(f"door:{address}", settings.DOOR_LIMIT_PER_MINUTE, settings.DOOR_LIMIT_BURST)
    return counter().hit(f"all:{address}", settings.RATE_LIMIT_PER_MINUTE, settings.RATE_LIMIT_BURST)


def _seconds(wait: float) -> int:
    return max(1, math.ceil(wait))
