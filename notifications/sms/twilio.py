"""Twilio's own client, and what it does for us: send a message, find one that may have been sent, check a signature.

Twilio knows no idempotency key. Where it is not known whether it took a message (a timeout, a cut connection, a worker
that died), its list of messages is asked before the same is sent again.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from notifications.errors import ChannelError
from trufan.lib import providers

TIMEOUT_SECONDS = 10
#: The recipient answered STOP, and Twilio knows of it.
STOPPED = 21610
#: Our clock and Twilio's may differ by so much.
_CLOCKS = timedelta(minutes=1)
#: So many of the newest messages to a number are looked through.
_LOOKED_AT = 50
#: Refusals that are ours to mend (keys, rights, too many at once): the message is as good as before.
_OURS = frozenset({401, 403, 408, 425, 429})
_TWILIO = "https://api.twilio.com"


@dataclass(frozen=True)
class Letter:
    """A message as Twilio is given it. Of `sender` and `service` one is set."""

    to: str
    body: str
    sender: str = ""
    service: str = ""
    status_callback: str = ""


class StoppedAtTwilio(ChannelError):
    """The number is on Twilio's own list of those who said STOP."""


def send(letter: Letter) -> str:
    """Twilio's id for the message. Raises `ChannelError`, which says whether Twilio may have taken it."""
    given: dict[str, Any] = {"messaging_service_sid": letter.service} if letter.service else {"from_": letter.sender}
    if letter.status_callback:
        given["status_callback"] = letter.status_callback
    return _asked(lambda client: client.messages.create(to=letter.to, body=letter.body, **given).sid or "", sends=True)


def find(letter: Letter, since: datetime, known: Any) -> str:
    """Twilio's id of this very message, created since then, where it has it; nothing where it has not.

    `known(sid)`: whether that id is another message's. Not asked by the time of sending: a message that waits at Twilio
    has none. Raises `ChannelError`.
    """

    def look(client: Client) -> str:
        for one in client.messages.list(to=letter.to, limit=_LOOKED_AT):
            is_from = one.messaging_service_sid == letter.service if letter.service else one.from_ == letter.sender
            is_new = one.date_created is None or one.date_created >= since - _CLOCKS
            if one.body == letter.body and is_from and is_new and one.sid and not known(one.sid):
                return one.sid
        return ""

    return _asked(look, sends=False)


def is_signed(url: str, form: Mapping[str, Any], signature: str) -> bool:
    """Whether Twilio sent this form to this address of ours."""
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(url, form, signature))


def _asked(call: Any, *, sends: bool) -> str:
    client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_BASE)
    try:
        with providers.calling("twilio", "send" if sends else "look", refusal=_is_refusal):
            return str(call(client))
    except TwilioRestException as refusal:
        raise _refused(refusal, sends) from refusal
    except (TwilioException, RequestException, ValueError) as failure:
        # ValueError: an answer that is not JSON, as a proxy in between gives. Where there was no connection at all, and
        # only there, nothing can have arrived. Unable to look, we know as little as before.
        arrived = not isinstance(failure, ConnectTimeout)
        raise ChannelError(f"{type(failure).__name__}: {failure}", permanent=False, unclear=arrived) from failure


def _is_refusal(problem: Exception) -> bool:
    """An answer about this message, rather than about us or Twilio itself."""
    return isinstance(problem, TwilioRestException) and problem.status < 500 and problem.status not in _OURS


def _refused(refusal: TwilioRestException, sends: bool) -> ChannelError:
    said = f"twilio {refusal.status}/{refusal.code}: {refusal.msg}"
    if not sends:
        return ChannelError(said, permanent=False, unclear=True)
    if refusal.code == STOPPED:
        return StoppedAtTwilio(said, permanent=True)
    if refusal.status >= 500:
        return ChannelError(said, permanent=False, unclear=True)
    return ChannelError(said, permanent=refusal.status >= 400 and refusal.status not in _OURS)


class _HttpClient(TwilioHttpClient):
    """Twilio's own HTTP client, which may be pointed at another server and keeps quiet: its log names addresses."""

    def __init__(self, base: str) -> None:
        quiet = logging.getLogger(f"{__name__}.http")
        quiet.setLevel(logging.WARNING)
        super().__init__(timeout=TIMEOUT_SECONDS, logger=quiet)
        self._base = base.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace(_TWILIO, self._base, 1), *args, **kwargs)


@functools.lru_cache(maxsize=4)
def _client(account: str, token: str, base: str) -> Client:
    """One client, and so one pool of connections, for each set of keys."""
    return Client(account, token, http_client=_HttpClient(base))
