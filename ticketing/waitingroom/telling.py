"""The topic `waiting_room`: a place in the line hears that it was let in, and, near the front, that it moved up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from ticketing.waitingroom import tokens
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from trufan.lib import live
from trufan.lib.errors import Missing

NAME = "waiting_room"
#: So many at the front are told of each step; who is further back asks now and then.
FRONT = 100


def may_watch(caller: live.Caller, entry_id: UUID) -> None:
    """Raises `Missing` for whom it is no place of theirs."""
    entry = WaitingRoomEntry.objects.filter(pk=entry_id).first()
    by_token = tokens.opens(entry_id, caller.access_code)
    by_account = entry is not None and entry.user_id is not None and entry.user_id == caller.user.pk
    if entry is None or not (by_account or (by_token and entry.belongs_to(caller.user))):
        raise Missing(gettext("There is no such place in a line."))


def admitted(room: WaitingRoom, entry_ids: Sequence[UUID]) -> None:
    """These were let in; tell them once it is committed, and the front of the line how far it moved."""
    for entry_id in entry_ids:
        live.publish(NAME, entry_id, "waiting_room.admitted")
    if not entry_ids:
        return
    front = WaitingRoomEntry.objects.filter(room=room).waiting().values_list("pk", flat=True)[:FRONT]
    for position, entry_id in enumerate(front, start=1):
        live.publish(NAME, entry_id, "waiting_room.moved", {"position": position})


def closed(room_id: UUID) -> None:
    """The room was closed: the front of the line, at least, need not wait until it asks."""
    front = WaitingRoomEntry.objects.filter(room=room_id).waiting().values_list("pk", flat=True)[:FRONT]
    for entry_id in front:
        live.publish(NAME, entry_id, "waiting_room.closed")


DATA: dict[str, Any] = {"position": {"type": "integer", "description": "1 for who is next; only when it moved."}}
TOPIC = live.Topic(
    name=NAME,
    title="One place in a waiting room: whose it is, by account or with its token as access code.",
    state="GET /api/v1/waiting-room/{token}",
    authorize=may_watch,
    events={
        "waiting_room.admitted": "It was let in: ask for the pass.",
        "waiting_room.moved": "It moved up, near the front of the line.",
        "waiting_room.closed": "The room is closed: buy without a pass.",
    },
    data=DATA,
)


def connect() -> None:
    live.register(TOPIC)
