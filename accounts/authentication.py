"""Who asks? The bearer token's sign-in, read with its person and what they may do, in one query."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import grants, spoken, tokens
from accounts.errors import InvalidToken
from accounts.models import SignIn, User
from trufan.lib import correlation
from trufan.lib.compiled import OneByKeys


def _sign_in(pk: UUID, user: UUID) -> QuerySet[SignIn]:
    told = SignIn.objects.order_by().select_related("user__message_settings").annotate(**grants.beside("user_id"))
    return told.filter(pk=pk, user_id=user)


#: Asked by every request of who is signed in.
_SIGN_IN = OneByKeys(_sign_in, UUID, UUID)


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is the `SignIn`.

    The row is read with every request, so a sign-in that was revoked, a person switched off or erased, is refused at
    once and not when the token expires. Raises `InvalidToken`; a request without a bearer token is anonymous.
    """

    def authenticate(self, request: Request) -> tuple[User, SignIn] | None:
        scheme, _, raw = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        claims = tokens.read_access(raw.strip())
        sign_in = _SIGN_IN.get(claims.sign_in_id, claims.user_id)
        if sign_in is None or not sign_in.is_live(timezone.now()) or not sign_in.user.may_sign_in:
            raise InvalidToken
        if not sign_in.user.is_superuser:
            sign_in.user.granted = grants.told_by(sign_in)
        correlation.current().actor = sign_in.user
        spoken.speak(request._request, sign_in.user, over_header=False)
        return sign_in.user, sign_in

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
