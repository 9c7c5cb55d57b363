"""What staff do with a waiting room: set it up, change it, close it and open it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from audit.trail import record
from events.errors import EventClosed
from events.models import Event
from ticketing.models import TicketType
from ticketing.waitingroom import line, lottery, telling
from ticketing.waitingroom.models import WaitingRoom
from trufan.lib import sealing
from trufan.lib.errors import Invalid

OPEN, ACTIVE, CLOSED = WaitingRoom.Status.OPEN, WaitingRoom.Status.ACTIVE, WaitingRoom.Status.CLOSED
#: How long before it starts a room opens when nobody says so.
OPENS_BEFORE = timedelta(minutes=30)
FIELDS = frozenset(
    {"opens_at", "starts_at", "at_once", "batch", "pass_minutes", "orders_per_pass", "proof_of_work_bits"}
)


def set_up(event: Event, by: Any, now: datetime, **fields: Any) -> WaitingRoom:
    """Give the event a waiting room, or change the one it has. From then on its tickets need a pass.

    Without `starts_at` it starts when the first ticket type is on sale, or now. Raises `EventClosed`, `Invalid`.
    """
    if event.status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        raise EventClosed
    with transaction.atomic():
        # Two who set it up at once make one room.
        Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        room = WaitingRoom.objects.select_for_update(of=("self",)).filter(event=event).first()
        return _create(event, by, now, fields) if room is None else _change(room, event, by, now, fields)


def close(room: WaitingRoom, by: Any, now: datetime) -> WaitingRoom:
    """Switch it off: everybody buys at once. Places stay, for when it is opened again. Raises `InvalidMove`."""
    with transaction.atomic():
        room.move(CLOSED)
        record("waiting_room.closed", room, actor=by, venue_id=room.event.venue_id)
        telling.closed(room.pk)
    return room


def reopen(room: WaitingRoom, by: Any, now: datetime) -> WaitingRoom:
    """Switch it on again, where it was. Raises `InvalidMove`, and `EventClosed` when nothing is sold any more."""
    if not room.event.is_on_sale(now):
        raise EventClosed
    with transaction.atomic():
        room.move(ACTIVE if room.began_at else OPEN)
        record("waiting_room.opened", room, actor=by, venue_id=room.event.venue_id)
    return room


def _create(event: Event, by: Any, now: datetime, fields: dict[str, Any]) -> WaitingRoom:
    starts_at = fields.get("starts_at") or _first_sale(event, now)
    opens_at = fields.get("opens_at") or min(starts_at, max(now, starts_at - OPENS_BEFORE))
    seed = lottery.new_seed()
    room = WaitingRoom(
        event=event, seed_sealed=sealing.seal(seed), seed_hash=lottery.commitment(seed),
        **{**fields, "starts_at": starts_at, "opens_at": opens_at},
    )  # fmt: skip
    _refuse_disorder(room)
    room.save(force_insert=True)
    said = {name: getattr(room, name) for name in sorted(FIELDS)}
    record("waiting_room.set_up", room, new={**said, "seed_hash": room.seed_hash}, actor=by, venue_id=event.venue_id)
    return room


def _change(room: WaitingRoom, event: Event, by: Any, now: datetime, fields: dict[str, Any]) -> WaitingRoom:
    room.event = event
    changes = {name: value for name, value in fields.items() if getattr(room, name) != value}
    if not changes:
        return room
    if "starts_at" in changes and (room.began_at is not None or room.starts_at <= now):
        raise Invalid.field("starts_at", "It has started: who came when stands.")
    before = {name: getattr(room, name) for name in changes}
    for name, value in changes.items():
        setattr(room, name, value)
    _refuse_disorder(room)
    room.save(update_fields=[*changes, "updated_at"])
    line.forget(room.pk)
    record("waiting_room.changed", room, old=before, new=changes, actor=by, venue_id=event.venue_id)
    return room


def _first_sale(event: Event, now: datetime) -> datetime:
    """When the first of its ticket types is on sale; now, if one is."""
    starts = list(TicketType.objects.filter(event=event).values_list("sales_start", flat=True))
    return max(now, min((start or now for start in starts), default=now))


def _refuse_disorder(room: WaitingRoom) -> None:
    if room.starts_at < room.opens_at:
        raise Invalid.field("starts_at", "It starts after it opens, or when it does.", "out_of_order")
