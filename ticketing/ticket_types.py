"""Creating, changing and deleting ticket types, within the room the event has.

`Event.allocated` is the sum of its ticket types' quantities, moved by a conditional UPDATE that never lets it exceed
the capacity. The event's row is locked first, then the ticket type's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext

from audit.trail import record
from events.errors import EventClosed
from events.lifecycle import locked
from events.models import Event
from orders.models import OrderItem
from ticketing.door import gates
from ticketing.errors import CapacityExceeded, NameTaken, QuantityTooSmall, TicketTypeInUse
from ticketing.models import TicketType
from ticketing.pricing import addons
from ticketing.seats.errors import SeatsCounted
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
        "max_per_person",
        "visibility",
        "position",
        "needs_slot",
        "min_price",
        "addon_of",
        "gates",
    }
)


def create(event: Event, by: Any, **fields: Any) -> TicketType:
    """Add a ticket type; `name`, `price` and `quantity` at least.

    Raises `EventClosed`, `CapacityExceeded`, `NameTaken`, `Invalid`.
    """
    _refuse_unknown(fields)
    parents = list(fields.pop("addon_of", None) or ())
    if "gates" in fields:
        fields["gates"] = gates.tidy(fields["gates"])
    row = TicketType(event=event, **fields)
    _refuse_contradictions(row)
    with transaction.atomic():
        opened(event)
        _allocate(event, row.quantity)
        _save(row, force_insert=True)
        linked = addons.link(row, parents) if parents else {}
        record("ticket_type.created", row, new={**fields, **linked}, actor=by, venue_id=event.venue_id)
    return row


def change(ticket_type: TicketType, by: Any, *, by_seats: bool = False, **fields: Any) -> TicketType:
    """Change some fields; orders already placed keep the price they were placed at.

    The quantity of a type with numbered seats is theirs to say: `by_seats` is how they say it. Raises `EventClosed`,
    `CapacityExceeded`, `QuantityTooSmall`, `SeatsCounted`, `NameTaken`, `Invalid`.
    """
    _refuse_unknown(fields)
    if "gates" in fields:
        fields["gates"] = gates.tidy(fields["gates"])
    with transaction.atomic():
        event = opened(ticket_type.event)
        row = _locked(ticket_type.pk)
        row.event = event
        parents = fields.pop("addon_of", None)
        old = addons.linked(row) if parents is not None else {}
        linked = addons.link(row, parents) if parents is not None else {}
        changes = {name: value for name, value in fields.items() if getattr(row, name) != value}
        if not changes and linked == old:
            return row
        if "quantity" in changes and not by_seats and row.seats.exists():
            raise SeatsCounted
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        _refuse_contradictions(row)
        spoken_for = row.held + row.sold + row.house
        if row.quantity < spoken_for:
            raise QuantityTooSmall(
                gettext("{spoken_for} of {row_name} are held or sold already, or kept for the house.").format(
                    spoken_for=spoken_for, row_name=row.name
                )
            )
        more = row.quantity - before.get("quantity", row.quantity)
        _allocate(event, more)
        # The row is locked: what is added is first for those who wait, and what is taken away is not set aside.
        row.set_aside = min(row.set_aside + max(more, 0), row.waiting, row.quantity - spoken_for)
        _save(row, update_fields=[*changes, "set_aside", "updated_at"])
        record(
            "ticket_type.changed",
            row,
            old={**before, **old},
            new={**changes, **linked},
            actor=by,
            venue_id=event.venue_id,
        )
    return row


def delete(ticket_type: TicketType, by: Any) -> None:
    """Remove a ticket type that nobody ever ordered. Raises `EventClosed`, `TicketTypeInUse`."""
    with transaction.atomic():
        event = opened(ticket_type.event)
        row = _locked(ticket_type.pk)
        ordered = OrderItem.objects.filter(item_type=TicketType.sellable_type, item_id=row.pk)
        if ordered.exists() or row.house_holds.exists():
            raise TicketTypeInUse
        if row.seats.exists():
            raise TicketTypeInUse(gettext("It has numbered seats. Give them another ticket type first."))
        if row.bundle_lines.exists() or row.addons.exists():
            raise TicketTypeInUse(gettext("A bundle has it, or others are sold on top of it. Change these first."))
        _allocate(event, -row.quantity)
        record(
            "ticket_type.deleted",
            row,
            old={"name": row.name, "price": row.price, "quantity": row.quantity},
            actor=by,
            venue_id=event.venue_id,
        )
        row.delete()


def opened(event: Event) -> Event:
    """The event, locked, if it still changes. Raises `EventClosed`."""
    event = locked(event)
    if event.status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        raise EventClosed
    return event


def _locked(type_id: UUID) -> TicketType:
    row = TicketType.objects.select_for_update(no_key=True).filter(pk=type_id).first()
    if row is None:
        raise Missing(gettext("There is no such ticket type."))
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
        raise CapacityExceeded(gettext("The event has room for {left} more tickets.").format(left=left[0] - left[1]))


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
    if row.max_per_person is not None and row.max_per_person < row.min_per_order:
        raise Invalid.field("max_per_person", "This is less than the minimum per order.")
    if row.min_price is not None and row.min_price > row.price:
        raise Invalid.field("min_price", "The price, which is what is suggested, is at least this.")
    if row.min_price is not None and not row._state.adding and row.releases.exists():
        raise Invalid.field("min_price", "It has prices that change. Delete these first.")
