"""Creating, changing and deleting ticket types, within the room the event has.

`Event.allocated` is the sum of its ticket types' quantities, moved by a conditional UPDATE that never lets it exceed
the capacity. The event's row is locked first, then the ticket type's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from audit.trail import record
from events.errors import EventClosed
from events.lifecycle import locked
from events.models import Event
from orders.models import OrderItem
from ticketing.errors import CapacityExceeded, NameTaken, QuantityTooSmall, TicketTypeInUse
from ticketing.models import TicketType
from trufan.lib.errors import Invalid, Missing

#: What staff may set.
FIELDS = frozenset(
    {
        "name",
        "description",
        "price",
        "quantity",
        "sales_start",
        "sales_end",
        "min_per_order",
        "max_per_order",
        "visibility",
        "position",
    }
)


def create(event: Event, by: Any, **fields: Any) -> TicketType:
    """Add a ticket type; `name`, `price` and `quantity` at least.

    Raises `EventClosed`, `CapacityExceeded`, `NameTaken`, `Invalid`.
    """
    _refuse_unknown(fields)
    row = TicketType(event=event, **fields)
    _refuse_contradictions(row)
    with transaction.atomic():
        _open(event)
        _allocate(event, row.quantity)
        _save(row, force_insert=True)
        record("ticket_type.created", row, new=fields, actor=by, venue_id=event.venue_id)
    return row


def change(ticket_type: TicketType, by: Any, **fields: Any) -> TicketType:
    """Change some fields; orders already placed keep the price they were placed at.

    Raises `EventClosed`, `CapacityExceeded`, `QuantityTooSmall`, `NameTaken`, `Invalid`.
    """
    _refuse_unknown(fields)
    with transaction.atomic():
        event = _open(ticket_type.event)
        row = _locked(ticket_type.pk)
        row.event = event
        changes = {name: value for name, value in fields.items() if getattr(row, name) != value}
        if not changes:
            return row
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        _refuse_contradictions(row)
        if row.quantity < row.held + row.sold:
            raise QuantityTooSmall(f"{row.held + row.sold} of {row.name} are held or sold already.")
        _allocate(event, row.quantity - before.get("quantity", row.quantity))
        _save(row, update_fields=[*changes, "updated_at"])
        record("ticket_type.changed", row, old=before, new=changes, actor=by, venue_id=event.venue_id)
    return row


def delete(ticket_type: TicketType, by: Any) -> None:
    """Remove a ticket type that nobody ever ordered. Raises `EventClosed`, `TicketTypeInUse`."""
    with transaction.atomic():
        event = _open(ticket_type.event)
        row = _locked(ticket_type.pk)
        if OrderItem.objects.filter(item_type=TicketType.sellable_type, item_id=row.pk).exists():
            raise TicketTypeInUse
        _allocate(event, -row.quantity)
        record(
            "ticket_type.deleted",
            row,
            old={"name": row.name, "price": row.price, "quantity": row.quantity},
            actor=by,
            venue_id=event.venue_id,
        )
        row.delete()


def _open(event: Event) -> Event:
    """The event, locked, if it still changes."""
    event = locked(event)
    if event.status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        raise EventClosed
    return event


def _locked(type_id: UUID) -> TicketType:
    row = TicketType.objects.select_for_update(no_key=True).filter(pk=type_id).first()
    if row is None:
        raise Missing("There is no such ticket type.")
    return row


def _allocate(event: Event, more: int) -> None:
    """Add to what the event's ticket types may sell together, if the event has room for it."""
    if not more:
        return
    room = Event.objects.filter(pk=event.pk, capacity__gte=F("allocated") + more)
    if more < 0:
        room = Event.objects.filter(pk=event.pk)
    if not room.update(allocated=F("allocated") + more):
        left = Event.objects.values_list("capacity", "allocated").get(pk=event.pk)
        raise CapacityExceeded(f"The event has room for {left[0] - left[1]} more tickets.")


def _save(row: TicketType, **how: Any) -> None:
    """Save; the name is the one thing that another ticket type of the event may have already."""
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError:
        if TicketType.objects.filter(event=row.event_id, name=row.name).exclude(pk=row.pk).exists():
            raise NameTaken from None
        raise


def _refuse_unknown(fields: dict[str, Any]) -> None:
    """A field that rules do not move is a mistake of the caller's code."""
    if unknown := set(fields) - FIELDS:
        raise TypeError(f"not a field of a ticket type that may be set: {', '.join(sorted(unknown))}")


def _refuse_contradictions(row: TicketType) -> None:
    if row.sales_start and row.sales_end and row.sales_end <= row.sales_start:
        raise Invalid.field("sales_end", "Sales end after they start.")
    if row.max_per_order < row.min_per_order:
        raise Invalid.field("max_per_order", "This is less than the minimum per order.")
