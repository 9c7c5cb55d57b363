"""No more mails of a kind, by one click in the mail program or a link in the mail (RFC 8058); no sign-in needed.

The link is signed and does not end: a mail of last year can be unsubscribed from. It opens nothing but this, and holds
the account's id or, for a guest, the address the mail went to anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.template.loader import select_template

from notifications import kinds
from notifications.preferences import changing
from notifications.preferences.models import Consent
from notifications.refusals import suppressing
from notifications.refusals.models import Suppression

if TYPE_CHECKING:
    from notifications.models import Notification

_SALT = "notifications.unsubscribe"


class BadToken(Exception):
    """Nothing was signed like this, or whom it was for is gone."""


@dataclass(frozen=True)
class Subscription:
    """What a link is about: mails of one kind, to an account or to a guest's address."""

    kind: kinds.Kind
    user: Any = None
    address: str = ""

    @property
    def language(self) -> str:
        """The language the person chose; empty for a guest, and for who chose none. One query at most."""
        return (self.user and changing.settings_of(self.user).language) or ""

    @property
    def ended(self) -> bool:
        """Whether they get no such mails now."""
        if self.user:
            return not changing.wishes(self.user)[self.kind.name, kinds.EMAIL]
        return _refusals(self).exists()


def token(row: Notification) -> str:
    """Signed: whom the mail is for, and its kind."""
    whom = {"u": row.user_id.hex} if row.user_id else {"a": suppressing.normal(row.recipient)}
    return signing.dumps({"k": kinds.of(row.template).kind.name, **whom}, salt=_SALT)


def link(row: Notification) -> str:
    """Where the reader of this mail ends it; empty for what can't be switched off, and on other channels."""
    if row.channel != kinds.EMAIL or kinds.EMAIL in kinds.of(row.template).kind.always:
        return ""
    return f"{settings.PUBLIC_URL}/api/v1/unsubscribe/{token(row)}"


def headers(row: Notification) -> dict[str, str]:
    """What mail programs show a button by. The one click is for https alone, says RFC 8058."""
    address = link(row)
    if not address:
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if address.startswith("https://") else {}
    return {"List-Unsubscribe": f"<{address}>", **one_click}


def words_of_link(language: str) -> str:
    """The words that lead there."""
    return select_template([f"unsubscribe/{language}/link.txt", "unsubscribe/link.txt"]).render().strip()


def read(signed: str) -> Subscription:
    """What the link is about. Raises `BadToken`. One query for an account, none for a guest."""
    try:
        said = signing.loads(signed, salt=_SALT)
        kind = kinds.KINDS[said["k"]]
        user_id = UUID(said["u"]) if "u" in said else None
        address = str(said["a"]) if user_id is None else ""
    except (signing.BadSignature, KeyError, TypeError, ValueError) as wrong:
        raise BadToken from wrong
    if user_id is None:
        return Subscription(kind, address=address)
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise BadToken
    return Subscription(kind, user=user)


def is_locked(what: Subscription) -> bool:
    """Whether such mails come whatever is said: their kind was made so after the link was."""
    return kinds.EMAIL in what.kind.always


def say(what: Subscription, *, wanted: bool, source: str, ip: str | None) -> None:
    """End the mails, or let them come again; done twice it is done once. `source` of `Consent.Source`."""
    if is_locked(what):
        return
    if what.user is None:
        _say_for_address(what, wanted, source, ip)
    else:
        # Who left the staff still ends its mails.
        choice = changing.Choice(what.kind.name, kinds.EMAIL, wanted)
        changing.change(what.user, [choice], source=source, ip=ip, among=[what.kind])


def _say_for_address(what: Subscription, wanted: bool, source: str, ip: str | None) -> None:
    with transaction.atomic():
        if wanted:
            changed = bool(_refusals(what).delete()[0])
        else:
            why = Suppression.Reason.UNSUBSCRIBED
            changed = suppressing.suppress(kinds.EMAIL, what.address, why, kind=what.kind.name)
        if changed:
            Consent.objects.create(
                channel=kinds.EMAIL,
                address=what.address,
                kind=what.kind.name,
                wanted=wanted,
                source=source,
                ip_address=ip,
            )


def _refusals(what: Subscription) -> Any:
    """Of this kind and by this way alone: what the provider or staff stopped is not theirs to lift here."""
    return Suppression.objects.filter(
        channel=kinds.EMAIL,
        address=what.address,
        kind=what.kind.name,
        reason=Suppression.Reason.UNSUBSCRIBED,
    )
