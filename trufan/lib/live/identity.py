"""Who speaks: an access token of the API, or a ticket that a page of the console carries."""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.settings import api_settings

from trufan.lib.errors import AuthenticationFailed

#: A page of the console gets a new ticket with every answer.
TICKET_SECONDS = 300
_SALT = "trufan.live.ticket"


@dataclass(frozen=True)
class Identity:
    """Somebody, until `expires_at` (seconds since 1970; None: without end), by a credential that can be asked again."""

    user: Any = field(default_factory=AnonymousUser)
    token: str = ""
    ticket: str = ""
    expires_at: float | None = None

    @property
    def is_guest(self) -> bool:
        return not (self.token or self.ticket)

    def again(self) -> Identity:
        """The same as it is now, permissions included. Raises `AuthenticationFailed` once it has ended."""
        if self.is_guest:
            return self
        return by_token(self.token) if self.token else by_ticket(self.ticket)


GUEST = Identity()


def by_token(token: str) -> Identity:
    """Whose access token this is, as the API itself would say. Raises `AuthenticationFailed`."""
    http = HttpRequest()
    http.META["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    kinds: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    try:
        for kind in kinds:
            found = kind().authenticate(Request(http))
            if found is not None:
                return Identity(found[0], token=token, expires_at=_expiry(token))
    except APIException as refusal:
        raise AuthenticationFailed(str(refusal.detail)) from refusal
    raise AuthenticationFailed


def ticket_for(user: Any) -> str:
    """A ticket for who is signed in to the console, good for `TICKET_SECONDS`, and no longer than their password."""
    said = {"sub": str(user.pk), "exp": int(time.time()) + TICKET_SECONDS, "key": _key(user)}
    return signing.dumps(said, salt=_SALT)


def by_ticket(ticket: str) -> Identity:
    """Whose ticket this is, while they may enter the console. Raises `AuthenticationFailed`."""
    try:
        said = signing.loads(ticket, salt=_SALT)
    except signing.BadSignature as refusal:
        raise AuthenticationFailed from refusal
    user = get_user_model()._default_manager.filter(pk=said["sub"]).first()
    if user is None or said["exp"] <= time.time() or not constant_time_compare(_key(user), said["key"]):
        raise AuthenticationFailed
    page = HttpRequest()
    page.user = user
    if not admin.site.has_permission(page):
        raise AuthenticationFailed
    return Identity(user, ticket=ticket, expires_at=said["exp"])


def _key(user: Any) -> str:
    """Changes with the password, as the session's own does, and says nothing of it."""
    return salted_hmac(_SALT, user.get_session_auth_hash()).hexdigest()[:16]


def _expiry(token: str) -> float | None:
    """When a token ends that was found to be good; None where it does not say."""
    _, _, rest = token.partition(".")
    payload = rest.partition(".")[0]
    try:
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(said["exp"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
