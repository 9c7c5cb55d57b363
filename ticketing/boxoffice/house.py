"""Keeping tickets back for the house, and letting them go again.

`TicketType.house` moves by conditional UPDATE with the rows, in the same transaction. Locks: the hold, then the stock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from audit.trail import record
from events.errors import EventClosed
from events.models import Event
from orders import counters
from orders.errors import CounterBroken, SoldOut
from orders.signals import stock_moved
from ticketing.boxoffice.errors import HoldTooSmall
from ticketing.boxoffice.models import HouseHold
from ticketing.models import TicketType
from trufan.lib.errors import Detail, Invalid, Missing


def keep(ticket_type: TicketType, *, quantity: int, label: str, note: str = "", by: Any, now: datetime) -> HouseHold:
    """Take so many tickets from sale. Raises `SoldOut` where fewer are left, `EventClosed`, `Invalid`."""
    if quantity < 1:
        raise Invalid.field("quantity", gettext("Keep at least one ticket."))
    if ticket_type.event.status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        raise EventClosed
    with transaction.atomic():
        hold = HouseHold.objects.create(
            ticket_type=ticket_type, quantity=quantity, label=label, note=note, made_by=by, created_at=now
        )
        free = TicketType.objects.filter(pk=ticket_type.pk, quantity__gte=counters.taken(TicketType) + quantity)
        if not free.update(house=F("house") + quantity):
            left = max(TicketType.objects.get(pk=ticket_type.pk).left, 0)
            problem = gettext("Only {left} of {name} can be kept back.").format(left=left, name=ticket_type.name)
            raise SoldOut(problem, details=[Detail("quantity", SoldOut.code, problem)])
        _moved(ticket_type.pk)
        said = {"ticket_type": ticket_type.pk, "quantity": quantity, "label": label}
        record("house_hold.made", hold, new=said, actor=by, venue_id=ticket_type.event.venue_id)
    return hold


def release(hold: HouseHold, *, quantity: int | None = None, by: Any, now: datetime) -> HouseHold:
    """Put so many of what it keeps back on sale, or all: first for those who wait. Raises `HoldTooSmall`, `Invalid`."""
    with transaction.atomic():
        locked = take_out(hold.pk, quantity, now, given=False, by=by)
        _moved(locked.ticket_type_id)
    return locked


def take_out(hold_id: UUID, quantity: int | None, now: datetime, *, given: bool, by: Any) -> HouseHold:
    """Lessen the hold by so many, or by all, and free them: to whoever takes them next in this transaction if `given`.

    Runs in the caller's transaction, which has the rows of the hold and of the ticket type from then on.
    """
    locked = HouseHold.objects.select_for_update(no_key=True, of=("self",)).with_type().filter(pk=hold_id).first()
    if locked is None:
        raise Missing(gettext("There is no such hold."))
    freed = locked.left if quantity is None else quantity
    if quantity is not None and quantity < 1:
        raise Invalid.field("quantity", gettext("Let go of at least one ticket."))
    if freed > locked.left or not freed:
        raise HoldTooSmall(gettext("This hold keeps {left} tickets.").format(left=locked.left))
    counter = "given" if given else "released"
    setattr(locked, counter, getattr(locked, counter) + freed)
    locked.released_at = None if locked.left else now
    locked.save(update_fields=[counter, "released_at", "updated_at"])
    moved: dict[str, Any] = {"house": F("house") - freed}
    if not given:
        moved["set_aside"] = counters.set_aside(freed)
    if not TicketType.objects.filter(pk=locked.ticket_type_id, house__gte=freed).update(**moved):
        raise CounterBroken
    record(
        f"house_hold.{counter}",
        locked,
        new={"quantity": freed, "left": locked.left},
        actor=by,
        venue_id=locked.ticket_type.event.venue_id,
    )
    return locked


def _moved(type_id: UUID) -> None:
    stock_moved.send(sender=TicketType, table=TicketType, ids={type_id})
