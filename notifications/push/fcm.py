"""Push to apps by Firebase (FCM HTTP v1), which hands it on to Android and Apple devices."""

from __future__ import annotations

import functools
import json
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials
from requests import Response
from requests.exceptions import RequestException

from notifications.errors import ChannelError
from notifications.models import Device, Notification
from notifications.push import http
from notifications.push.payload import Manner

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GONE = "UNREGISTERED"
_APPLE_AT_ONCE, _APPLE_SPARING = "10", "5"
#: One thread asks for a new token, the others wait for it.
_refreshing = threading.Lock()


def is_set_up() -> bool:
    return bool(settings.FCM_CREDENTIALS)


def send(row: Notification, device: Device, told: dict[str, str], manner: Manner) -> str:
    """Firebase's name of the message. Raises `ChannelError`, `Gone` among them."""
    credentials = _credentials(settings.FCM_CREDENTIALS)
    address = f"{settings.FCM_API_BASE.rstrip('/')}/v1/projects/{credentials.project_id}/messages:send"
    headers = {"Authorization": f"Bearer {_token(credentials)}"}
    try:
        answer = http.session().post(address, json={"message": _message(device, told, manner)}, headers=headers)
    except RequestException as failure:
        raise http.unreachable(failure) from None
    if answer.status_code != 200:
        raise _refused(answer, credentials)
    name = _json(answer).get("name")
    # Taken, whatever it is called.
    return name.rpartition("/")[2] if isinstance(name, str) and name else f"fcm-{row.pk}"


def _message(device: Device, told: dict[str, str], manner: Manner) -> dict[str, Any]:
    """By its tag a second one takes the first one's place, on Android and on Apple's devices."""
    is_urgent = manner.urgency == "high"
    apple = {
        "apns-priority": _APPLE_AT_ONCE if is_urgent else _APPLE_SPARING,
        "apns-expiration": str(int(time.time()) + manner.ttl),
        "apns-collapse-id": told["tag"],
    }
    return {
        "token": device.token,
        "notification": {"title": told["title"], "body": told["body"]},
        "data": {name: told[name] for name in ("url", "tag", "id")},
        "android": {
            "ttl": f"{manner.ttl}s",
            "priority": "HIGH" if is_urgent else "NORMAL",
            "notification": {"tag": told["tag"]},
        },
        "apns": {"headers": apple, "payload": {"aps": {"sound": "default"}}},
    }


@functools.lru_cache(maxsize=4)
def _credentials(given: str) -> Credentials:
    """Of the JSON itself, or of the file with it. Nothing of the key stands in the error."""
    try:
        text = given if given.lstrip().startswith("{") else Path(given).read_text()
        credentials = Credentials.from_service_account_info(json.loads(text), scopes=[_SCOPE])
    except (OSError, ValueError, KeyError, GoogleAuthError) as mistake:
        reason = f"FCM_CREDENTIALS can't be read ({type(mistake).__name__})"
        raise ChannelError(reason, permanent=False) from None
    if not credentials.project_id:
        raise ChannelError("FCM_CREDENTIALS names no project", permanent=False)
    return credentials


def _token(credentials: Credentials) -> str:
    with _refreshing:
        if not credentials.valid:
            try:
                credentials.refresh(Request(http.session()))
            except TransportError as failure:
                raise ChannelError("no answer of the token's server", permanent=False) from failure
            except GoogleAuthError as refusal:
                raise ChannelError("FCM_CREDENTIALS were refused", permanent=False) from refusal
        return str(credentials.token)


def _refused(answer: Response, credentials: Credentials) -> ChannelError:
    """Only what Firebase itself calls unregistered is gone: a plain 404 may be a wrong address of ours."""
    error = _json(answer).get("error")
    error = error if isinstance(error, dict) else {}
    details = [each for each in error.get("details") or [] if isinstance(each, dict)]
    codes = {each.get("errorCode") for each in details}
    if _GONE in codes:
        return http.Gone("Firebase says UNREGISTERED: this app is no more")
    if answer.status_code == 401:
        # The next attempt asks for another token.
        credentials.token = None
    said = f"{error.get('status', '')} {error.get('message', '')}".strip()
    if answer.status_code == 404:
        return ChannelError(f"firebase 404: {said}"[:200], permanent=False)
    return http.refused("firebase", answer.status_code, said)


def _json(answer: Response) -> dict[str, Any]:
    try:
        read = answer.json()
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
