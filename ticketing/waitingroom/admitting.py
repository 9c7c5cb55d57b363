"""Letting people in: so many that as many are in the shop as the room allows, in the order of their numbers.

A step is taken by whoever asks when one is due, a poll or the sweep, so that the line moves with no worker running. One
at a time takes it: the room's row is locked, and others who find it locked go on without waiting.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from audit.trail import record
from ticketing.waitingroom import line, telling
from ticketing.waitingroom.errors import WaitingRoomClosed
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry

OPEN, ACTIVE, CLOSED = WaitingRoom.Status.OPEN, WaitingRoom.Status.ACTIVE, WaitingRoom.Status.CLOSED
Entry = WaitingRoomEntry.Status
#: How long somebody who was let in has to come and see it, before the pass goes to the next.
TO_COLLECT = timedelta(minutes=5)


def step_if_due(room: WaitingRoom, now: datetime) -> int:
    """Take the step that is due, if one is and nobody else takes it; how many were let in."""
    if not _is_due(room, now):
        return 0
    with transaction.atomic():
        locked = _lock_if_free(room, now)
        if locked is None:
            return 0
        if locked.status == OPEN:
            _begin(locked, now)
        room.status, room.began_at = locked.status, locked.began_at
        return _step(locked, now)


def sweep(now: datetime) -> int:
    """Take the steps that are due in all rooms, and close those whose event is over; how many people, or rooms."""
    moved = 0
    for room in WaitingRoom.objects.shut().select_related("event").order_by("pk"):
        if room.event.is_on_sale(now) or room.event.status == room.event.Status.DRAFT:
            moved += step_if_due(room, now)
        else:
            moved += _close_for_good(room)
    return moved


def admit_more(room: WaitingRoom, people: int, by: Any, now: datetime) -> int:
    """Let so many in at once, beyond what the room allows; how many there were. Raises `WaitingRoomClosed`."""
    with transaction.atomic():
        locked = WaitingRoom.objects.select_for_update(of=("self",)).select_related("event").get(pk=room.pk)
        if locked.status == CLOSED:
            raise WaitingRoomClosed
        if locked.status == OPEN:
            _begin(locked, now)
        count = _admit(locked, people, now)
        record("waiting_room.admitted", room, new={"people": count}, actor=by, venue_id=locked.event.venue_id)
    return count


def looked_at(entry: WaitingRoomEntry, now: datetime) -> WaitingRoomEntry:
    """The place as it is once the step that is due was taken. Who sees that they were let in has their full time."""
    if step_if_due(entry.room, now) and entry.status == Entry.WAITING:
        entry.refresh_from_db(fields=["status", "admitted_at", "pass_expires_at"])
    if entry.status == Entry.ADMITTED and entry.collected_at is None:
        _collect(entry, now)
    return entry


def _collect(entry: WaitingRoomEntry, now: datetime) -> None:
    """From now on the pass runs for its full time."""
    until = now + entry.room.pass_time
    rows = WaitingRoomEntry.objects.filter(pk=entry.pk, status=Entry.ADMITTED, collected_at=None)
    if rows.filter(pass_expires_at__gt=now).update(collected_at=now, pass_expires_at=until):
        entry.collected_at, entry.pass_expires_at = now, until


def _is_due(room: WaitingRoom, now: datetime) -> bool:
    if room.status == OPEN:
        return room.starts_at <= now
    return room.status == ACTIVE and (room.stepped_at is None or room.stepped_at <= now - line.STEP)


def _lock_if_free(room: WaitingRoom, now: datetime) -> WaitingRoom | None:
    """The room, locked, if its step is still due and nobody takes it at this moment."""
    due = Q(status=OPEN, starts_at__lte=now) | Q(status=ACTIVE) & (
        Q(stepped_at=None) | Q(stepped_at__lte=now - line.STEP)
    )
    rows = WaitingRoom.objects.select_for_update(skip_locked=True, of=("self",)).select_related("event")
    return rows.filter(due, pk=room.pk).first()


def _begin(room: WaitingRoom, now: datetime) -> None:
    """From now on the draw counts, and everybody may know its seed."""
    # Staff may have started it before its time.
    room.move(ACTIVE, began_at=now, starts_at=min(room.starts_at, now), opens_at=min(room.opens_at, now))
    drawn = WaitingRoomEntry.objects.filter(room=room).count()
    record(
        "waiting_room.began", room, new={"seed": room.seed, "places": drawn}, actor=None, venue_id=room.event.venue_id
    )


def _step(room: WaitingRoom, now: datetime) -> int:
    entries = WaitingRoomEntry.objects.filter(room=room)
    entries.overdue(now).update(status=Entry.EXPIRED, ended_at=now)
    free = min(room.at_once - entries.inside().count(), room.batch)
    admitted = _admit(room, free, now) if free > 0 else 0
    WaitingRoom.objects.filter(pk=room.pk).update(stepped_at=now)
    return admitted


def _admit(room: WaitingRoom, people: int, now: datetime) -> int:
    """The next so many are let in; how many. The room's row is locked."""
    first = list(WaitingRoomEntry.objects.filter(room=room).waiting().values_list("pk", flat=True)[:people])
    # Who leaves at this very moment is passed over: the UPDATE names the status.
    admitted = WaitingRoomEntry.objects.filter(pk__in=first, status=Entry.WAITING).update(
        status=Entry.ADMITTED, admitted_at=now, pass_expires_at=now + TO_COLLECT
    )
    transaction.on_commit(lambda: line.forget(room.pk))
    telling.admitted(room, first)
    return admitted


def _close_for_good(room: WaitingRoom) -> int:
    """The event is over or called off: there is nothing to wait for. Whether it was still open, as 1 or 0."""
    with transaction.atomic():
        closed = WaitingRoom.objects.shut().filter(pk=room.pk).update(status=CLOSED)
        if closed:
            record("waiting_room.closed", room, actor=None, venue_id=room.event.venue_id)
    return closed
