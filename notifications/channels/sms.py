"""Short messages through Twilio; on a laptop without its keys, a line in the log."""

from __future__ import annotations

import functools
import logging
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from notifications.errors import ChannelError
from notifications.templating import Words

TIMEOUT_SECONDS = 10
_TWILIO = "https://api.twilio.com"
log = structlog.get_logger(__name__)


class Sms:
    def send(self, notification_id: UUID, recipient: str, words: Words) -> str:
        if settings.TWILIO_ACCOUNT_SID:
            return _by_twilio(recipient, words.text)
        if settings.IS_LIVE:
            raise ChannelError("no SMS provider is configured: set TWILIO_ACCOUNT_SID", permanent=False)
        log.info("sms.printed", to=recipient, text=words.text)
        return f"console-{notification_id}"


def _by_twilio(recipient: str, text: str) -> str:
    """Twilio's id for the message. It knows no idempotency key: after a crash it may be sent twice."""
    sender = (
        {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
        if settings.TWILIO_MESSAGING_SERVICE_SID
        else {"from_": settings.TWILIO_FROM}
    )
    client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_BASE)
    try:
        return client.messages.create(to=recipient, body=text, **sender).sid or ""
    except TwilioRestException as refusal:
        final = 400 <= refusal.status < 500 and refusal.status != 429
        raise ChannelError(f"twilio {refusal.status}/{refusal.code}: {refusal.msg}", permanent=final) from refusal
    except (TwilioException, RequestException, ValueError) as failure:
        # ValueError: an answer that is not JSON, as a proxy in between gives.
        raise ChannelError(f"{type(failure).__name__}: {failure}", permanent=False) from failure


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
