"""JSON Web Tokens of a sign-in: a short access token and the one refresh token of its family that is still good.

Both name the person (`sub`), the sign-in (`sid`) and themselves (`jti`). Nothing they say is believed beyond that:
whether the sign-in lives and what the person may do is read from the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from accounts.errors import InvalidToken
from accounts.models import SignIn


@dataclass(frozen=True)
class Claims:
    """What a token of ours says, after its signature, kind and expiry were checked."""

    user_id: UUID
    sign_in_id: UUID
    jti: str


def new_jti() -> str:
    """A name for a refresh token."""
    return uuid4().hex


def access_for(sign_in: SignIn, now: datetime) -> str:
    """A new access token of this sign-in, good for `ACCESS_TOKEN_LIFETIME` from `now`."""
    token = AccessToken()
    token.set_exp(from_time=now)
    token["role"] = sign_in.user.role
    return _written(token, sign_in, now)


def refresh_for(sign_in: SignIn, now: datetime) -> str:
    """The refresh token that `sign_in.current_jti` names."""
    token = RefreshToken()
    token.set_exp(from_time=now, lifetime=sign_in.expires_at - now)
    token["jti"] = sign_in.current_jti
    return _written(token, sign_in, now)


def read_access(raw: str) -> Claims:
    """The claims of an access token; raises `InvalidToken`."""
    return _read(AccessToken, raw)


def read_refresh(raw: str) -> Claims:
    """The claims of a refresh token, spent or not; raises `InvalidToken`."""
    return _read(RefreshToken, raw)


def access_seconds() -> int:
    """How long an access token is good."""
    return int(settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds())


def _written(token: Token, sign_in: SignIn, now: datetime) -> str:
    token.set_iat(at_time=now)
    token["sub"] = str(sign_in.user_id)
    token["sid"] = str(sign_in.pk)
    return str(token)


def _read(kind: type[Token], raw: str) -> Claims:
    try:
        token = kind(raw)  # type: ignore[arg-type]  # the library's stub wants its own Token here
        return Claims(UUID(token["sub"]), UUID(token["sid"]), str(token["jti"]))
    except (TokenError, KeyError, ValueError, AttributeError, TypeError, OverflowError) as error:
        raise InvalidToken from error
