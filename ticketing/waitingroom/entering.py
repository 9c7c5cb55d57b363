"""Coming and going: one place for each person, or for each device that nobody signed in on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from events.times import on_the_wall
from ticketing.waitingroom import challenges, line, tokens
from ticketing.waitingroom.errors import PlaceEnded, ProofRefused, WaitingRoomClosed, WaitingRoomNotOpen
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from trufan.lib.errors import Missing
from trufan.lib.ids import uuid7

Status = WaitingRoomEntry.Status
_PRESENT = (Status.WAITING, Status.ADMITTED)


@dataclass(frozen=True)
class Visitor:
    """Who comes: `user` (None: nobody signed in), the `token` this device has from before, and a solved riddle."""

    user: Any = None
    token: str = ""
    challenge: str = ""
    nonce: str = ""


def enter(room: WaitingRoom, visitor: Visitor, now: datetime) -> WaitingRoomEntry:
    """The visitor's place; the one they have, where they have one.

    Raises `WaitingRoomClosed`, `WaitingRoomNotOpen`, and `ProofRefused` where a riddle is asked for.
    """
    if not room.is_shut:
        raise WaitingRoomClosed
    if now < room.opens_at:
        raise WaitingRoomNotOpen(
            gettext("The waiting room opens at {on_the_wall}.").format(
                on_the_wall=on_the_wall(room.opens_at, room.event.venue.zone)
            )
        )
    had = _place_of(room, visitor)
    if had is not None:
        return had
    proof = challenges.check(room, visitor.challenge, visitor.nonce, now) if room.proof_of_work_bits else ""
    return _take_a_place(room, visitor, proof, now)


def found(token: str, user: Any) -> WaitingRoomEntry:
    """The place by its token, for whose it is. Raises `Missing`."""
    entry = tokens.of_place(token)
    if entry is None or not entry.belongs_to(user):
        raise Missing(gettext("There is no such place in a line."))
    return entry


def leave(entry: WaitingRoomEntry, now: datetime) -> None:
    """Give the place, or the pass, up. Raises `PlaceEnded`."""
    rows = WaitingRoomEntry.objects.present().filter(pk=entry.pk)
    if not rows.update(status=Status.LEFT, ended_at=now):
        raise PlaceEnded
    line.forget(entry.room_id)


def _place_of(room: WaitingRoom, visitor: Visitor) -> WaitingRoomEntry | None:
    if visitor.user is not None and (own := _by_account(room, visitor.user.pk)):
        return own
    entry = tokens.of_place(visitor.token) if visitor.token else None
    if entry is None or entry.room_id != room.pk or entry.status not in _PRESENT or not entry.belongs_to(visitor.user):
        return None
    if visitor.user is not None and entry.user_id is None:
        # They came as a guest and signed in since: the place goes with them.
        entry.user = visitor.user
        entry.save(update_fields=["user", "updated_at"])
    return entry


def _by_account(room: WaitingRoom, user_id: UUID) -> WaitingRoomEntry | None:
    own = WaitingRoomEntry.objects.present().select_related("room__event")
    return own.filter(room=room, user=user_id).first()


def _take_a_place(room: WaitingRoom, visitor: Visitor, proof: str, now: datetime) -> WaitingRoomEntry:
    entry_id = uuid7()
    entry = WaitingRoomEntry(
        pk=entry_id, room=room, user=visitor.user, turn=room.turn_of(entry_id, now), proof=proof, created_at=now
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        # The same person came twice at once, or two with the same riddle.
        if visitor.user is not None and (own := _by_account(room, visitor.user.pk)):
            return own
        if proof:
            raise ProofRefused(gettext("This challenge was solved and used before. Ask for another.")) from None
        raise
    return entry
