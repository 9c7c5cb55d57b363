"""Web push: encrypted for one browser, signed with our VAPID keys, handed to the service that the browser named."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from py_vapid import Vapid, VapidException
from pywebpush import WebPushException, webpush
from requests.exceptions import RequestException

from notifications.errors import ChannelError
from notifications.models import Device, Notification
from notifications.push import http, payload, services, vapid
from notifications.push.payload import Manner

_GONE = frozenset({404, 410})


def is_set_up() -> bool:
    return bool(settings.VAPID_PRIVATE_KEY)


def send(row: Notification, device: Device, told: dict[str, str], manner: Manner) -> str:
    """The address of the message at its service, or a name of ours. Raises `ChannelError`, `Gone` among them.

    A second try replaces what the service still keeps of the first, by its topic.
    """
    if not services.is_allowed(device.token):
        raise ChannelError("its push service is none of PUSH_SERVICES", permanent=True)
    try:
        answer: Any = webpush(
            {"endpoint": device.token, "keys": device.keys},
            payload.encoded(told).decode(),
            vapid_private_key=_key(),
            vapid_claims={"sub": settings.VAPID_SUBJECT},
            ttl=manner.ttl,
            headers={"urgency": manner.urgency, "topic": row.pk.hex},
            timeout=http.TIMEOUT_SECONDS,
            requests_session=http.session(),
        )
    except WebPushException as refusal:
        raise _refused(refusal) from refusal
    except RequestException as failure:
        raise http.unreachable(failure) from None
    except VapidException as mistake:
        raise ChannelError(f"the VAPID keys can't be used: {mistake}", permanent=False) from mistake
    except ValueError as mistake:
        raise ChannelError("the browser's keys are none", permanent=True) from mistake
    return answer.headers.get("Location") or f"web-{row.pk}"


def _key() -> Vapid:
    if not settings.VAPID_SUBJECT:
        raise ChannelError("set VAPID_SUBJECT: push services want to know whom to write to", permanent=False)
    try:
        return vapid.read(settings.VAPID_PRIVATE_KEY)
    except ValueError as mistake:
        raise ChannelError(f"VAPID_PRIVATE_KEY: {mistake}", permanent=False) from mistake


def _refused(refusal: WebPushException) -> ChannelError:
    answer: Any = refusal.response
    if answer is None:
        return ChannelError("the browser's keys are none", permanent=True)
    if answer.status_code in _GONE:
        return http.Gone(f"the push service says {answer.status_code}: this browser is no more")
    return http.refused("push service", answer.status_code, answer.text)
