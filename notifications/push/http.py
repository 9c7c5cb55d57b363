"""How push services are spoken to: connections that are kept, no redirects, no cookies, and patience with an end."""

from __future__ import annotations

import threading
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.exceptions import ConnectTimeout

from notifications.errors import ChannelError
from trufan.lib import providers

TIMEOUT_SECONDS = 10
#: Refusals that are ours to mend (keys, rights, too many at once): the message is as good as before.
OURS = frozenset({401, 403, 408, 425, 429})
#: What is kept of a service's own words.
_QUOTED = 200
_local = threading.local()


class Session(requests.Session):
    """A redirect would carry a message, and our token, to an address that nobody checked."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        with providers.calling("push", "send") as call:
            answer = super().request(*args, **{**kwargs, "allow_redirects": False, "timeout": TIMEOUT_SECONDS})
            call.answered(answer.status_code)
            return answer


class Gone(ChannelError):
    """The service says that this device is no more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


def session() -> Session:
    """This thread's own, since sessions are not made to be shared."""
    if not hasattr(_local, "session"):
        _local.session = Session()
    return _local.session


def unreachable(failure: Exception) -> ChannelError:
    """No answer. Where there was no connection at all, and only there, nothing can have arrived."""
    arrived = not isinstance(failure, ConnectTimeout)
    # The address of a browser is a secret and stands in the exception's text.
    return ChannelError(f"no answer: {type(failure).__name__}", permanent=False, unclear=arrived)


def refused(service: str, status: int, said: str) -> ChannelError:
    """An answer that is not success, by its status alone."""
    words = f"{service} {status}: {' '.join(said.split())[:_QUOTED]}"
    if status >= 500:
        return ChannelError(words, permanent=False, unclear=True)
    return ChannelError(words, permanent=status not in OURS)
