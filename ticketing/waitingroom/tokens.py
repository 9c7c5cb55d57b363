"""What a person holds: a token for their place, and a pass once they are let in. Both prove themselves, see `marks`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac

from ticketing.waitingroom.models import WaitingRoomEntry
from trufan.lib import marks

_PLACE, _PASS = "WAIT", "PASS"


def place(entry_id: UUID) -> str:
    """The token of a place: capital letters and digits, 80 of its bits a signature."""
    return marks.write(_PLACE, entry_id)


def admission(entry_id: UUID) -> str:
    """The pass of a place that was let in. The place's own token is none."""
    return marks.write(_PASS, entry_id)


def of_place(token: str) -> WaitingRoomEntry | None:
    """Whose place this token is for, with its room; None: nobody's."""
    return _read(_PLACE, token)


def of_admission(token: str) -> WaitingRoomEntry | None:
    """Whose pass this is, with their room; None: nobody's."""
    return _read(_PASS, token)


def opens(entry_id: UUID, token: str) -> bool:
    """Whether it is the token of this place."""
    try:
        return marks.read(_PLACE, token).pk == entry_id
    except marks.NotAMark:
        return False


def buyer_key(user: Any, email: str) -> str:
    """Who buys, in 64 characters that name nobody; empty where nobody knows yet, as in a guest's preview."""
    if user is None and not email:
        return ""
    who = f"user:{user.pk}" if user is not None else f"email:{email.lower()}"
    return salted_hmac("ticketing.waitingroom.buyer", who, algorithm="sha256").hexdigest()


def _read(kind: str, token: str) -> WaitingRoomEntry | None:
    try:
        mark = marks.read(kind, token)
    except marks.NotAMark:
        return None
    return WaitingRoomEntry.objects.select_related("room__event").filter(pk=mark.pk).first()
