"""Waiting rooms as they come about, and people in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from events.models import Event
from ticketing.models import TicketType
from ticketing.waitingroom import admitting, entering, line, running, tokens
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from trufan.testing import UserFactory

GUEST = {"email": "gil@example.com", "phone": "+12125550123", "name": "Gil Guest"}


def shut(event: Event, **fields: Any) -> WaitingRoom:
    """A room that is open now and starts in half an hour, unless told otherwise."""
    now = timezone.now()
    times = {"opens_at": now - timedelta(minutes=1), "starts_at": now + timedelta(minutes=30)}
    return running.set_up(event, UserFactory(), now, **{**times, **fields})


def running_room(event: Event, **fields: Any) -> WaitingRoom:
    """A room that lets people in since now."""
    now = timezone.now()
    room = shut(event, **{"opens_at": now - timedelta(hours=1), "starts_at": now - timedelta(minutes=30), **fields})
    admitting.step_if_due(room, now)
    return fresh(room)


def fresh(room: WaitingRoom) -> WaitingRoom:
    line.forget(room.pk)
    return WaitingRoom.objects.select_related("event__venue").get(pk=room.pk)


def come(room: WaitingRoom, user: Any = None, now: datetime | None = None) -> WaitingRoomEntry:
    """A place taken by an account, or by a device nobody signed in on."""
    entry = entering.enter(fresh(room), entering.Visitor(user), now or timezone.now())
    return WaitingRoomEntry.objects.select_related("room__event__venue").get(pk=entry.pk)


def step(room: WaitingRoom, now: datetime | None = None) -> int:
    """One step, however soon after the last."""
    WaitingRoom.objects.filter(pk=room.pk).update(stepped_at=None)
    return admitting.step_if_due(fresh(room), now or timezone.now())


def state(entry: WaitingRoomEntry) -> str:
    entry.refresh_from_db()
    return entry.status


def let_in(room: WaitingRoom, user: Any = None) -> WaitingRoomEntry:
    """Somebody who came, was let in and saw it."""
    entry = come(room, user)
    admitting.admit_more(room, 1_000, None, timezone.now())
    entry.refresh_from_db()
    return admitting.looked_at(entry, timezone.now())


def cart(ticket_type: TicketType, entry: WaitingRoomEntry | None = None, quantity: int = 1, **more: Any) -> dict:
    """The body of an order, with the pass of this place."""
    items = [{"type": "ticket", "id": str(ticket_type.pk), "quantity": quantity}]
    given = {"admission_token": tokens.admission(entry.pk)} if entry else {}
    return {"items": items, **given, **more}
