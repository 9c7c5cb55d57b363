"""The slots of an event drawn up, changed and taken away. The event's row is locked first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.errors import EventClosed
from events.lifecycle import locked
from events.models import Event
from events.times import to_utc
from orders.errors import QuantityTooSmall
from ticketing.slots.errors import SlotInUse, SlotTaken
from ticketing.slots.models import EntrySlot
from trufan.lib.errors import Invalid, Missing

#: Of one event; and of one slot, in minutes.
MOST, LONGEST = 500, 1_440


def create(event: Event, by: Any, *, starts_at: datetime, ends_at: datetime, capacity: int) -> EntrySlot:
    """Add one. Raises `EventClosed`, `SlotTaken`, `Invalid` (out of the event's hours, too many)."""
    with transaction.atomic():
        event = _open(event)
        row = EntrySlot(event=event, starts_at=starts_at, ends_at=ends_at, capacity=capacity)
        _add(event, [row])
        record("slot.created", row, new=_said(row), actor=by, venue_id=event.venue_id)
    return row


def generate(
    event: Event, by: Any, *, begin: time, end: time, every: int, capacity: int, lasts: int | None = None,
    day: date | None = None,
) -> list[EntrySlot]:  # fmt: skip
    """One every so many minutes from `begin`, the last over by `end`; by the venue's clock, on the event's first day.

    `lasts`, in minutes too, is as long as `every` without it. An `end` no later than `begin` is of the next day.
    Raises as `create`; all of them come about, or none.
    """
    zone = event.venue.zone
    day = day or event.starts_at.astimezone(zone).date()
    first = to_utc(datetime.combine(day, begin), zone, "begin")
    last = to_utc(datetime.combine(day + timedelta(days=0 if end > begin else 1), end), zone, "end")
    step, length = timedelta(minutes=every), timedelta(minutes=lasts or every)
    count = max((last - first - length) // step + 1, 0)
    if not 1 <= count <= MOST:
        raise Invalid.field("every", f"This makes {count} slots; an event has 1 to {MOST}.")
    starts = [first + step * number for number in range(count)]
    with transaction.atomic():
        event = _open(event)
        rows = [EntrySlot(event=event, starts_at=at, ends_at=at + length, capacity=capacity) for at in starts]
        _add(event, rows)
        said = {"slots": count, "from": first, "every_minutes": every, "capacity": capacity}
        record("event.slots_made", event, new=said, actor=by, venue_id=event.venue_id)
    return rows


def change(slot: EntrySlot, by: Any, **fields: Any) -> EntrySlot:
    """Another capacity; other times as long as nobody has it.

    Raises `EventClosed`, `SlotInUse`, `SlotTaken`, `QuantityTooSmall`, `Invalid`.
    """
    with transaction.atomic():
        event = _open(slot.event)
        row = _locked(slot.pk)
        row.event = event
        changes = {name: value for name, value in fields.items() if getattr(row, name) != value}
        if not changes:
            return row
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        if changes.keys() - {"capacity"}:
            if row.is_used:
                raise SlotInUse
            _refuse_disorder(event, row)
            _refuse_taken(event, [row])
        if row.capacity < row.held + row.sold:
            raise QuantityTooSmall(
                gettext("{held} of {row} are held or sold already.").format(held=row.held + row.sold, row=row)
            )
        row.save(update_fields=[*changes, "updated_at"])
        record("slot.changed", row, old=before, new=changes, actor=by, venue_id=event.venue_id)
    return row


def delete(slot: EntrySlot, by: Any) -> None:
    """Take away one that nobody has or ever had. Raises `EventClosed`, `SlotInUse`."""
    with transaction.atomic():
        event = _open(slot.event)
        row = _locked(slot.pk)
        if row.is_used or row.tickets.exists():
            raise SlotInUse(gettext("Somebody has or had this slot, or is buying it."))
        record("slot.deleted", row, old=_said(row), actor=by, venue_id=event.venue_id)
        row.delete()


def _open(event: Event) -> Event:
    event = locked(event)
    if event.status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        raise EventClosed
    return event


def _locked(slot_id: UUID) -> EntrySlot:
    """The slot; nobody moves its counters before this transaction ends."""
    row = EntrySlot.objects.with_event().select_for_update(of=("self",), no_key=True).filter(pk=slot_id).first()
    if row is None:
        raise Missing(gettext("There is no such slot."))
    return row


def _add(event: Event, rows: Sequence[EntrySlot]) -> None:
    for row in rows:
        _refuse_disorder(event, row)
    if EntrySlot.objects.filter(event=event).count() + len(rows) > MOST:
        raise Invalid(gettext("An event has at most {MOST} slots.").format(MOST=MOST))
    _refuse_taken(event, rows)
    EntrySlot.objects.bulk_create(rows)


def _refuse_taken(event: Event, rows: Sequence[EntrySlot]) -> None:
    """The event is locked: nobody adds another one in between."""
    others = EntrySlot.objects.filter(event=event).exclude(pk__in=[row.pk for row in rows])
    if others.filter(starts_at__in=[row.starts_at for row in rows]).exists():
        raise SlotTaken


def _refuse_disorder(event: Event, row: EntrySlot) -> None:
    if row.ends_at <= row.starts_at:
        raise Invalid.field("ends_at", "A slot ends after it starts.", "out_of_order")
    if row.starts_at < event.doors_at:
        raise Invalid.field("starts_at", "A slot starts when the doors are open.", "out_of_order")
    if row.ends_at > event.ends_at:
        raise Invalid.field("ends_at", "A slot is over when its event is, or before.", "out_of_order")


def _said(row: EntrySlot) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("starts_at", "ends_at", "capacity")}
