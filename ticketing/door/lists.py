"""Check-in lists: drawn up and changed by staff, chosen by scanners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.trail import record
from events.models import Event
from ticketing.door.errors import ListClosed, ListInUse, ListNameTaken
from ticketing.door.gates import tidy
from ticketing.models import CheckInList, TicketType
from trufan.lib.errors import Forbidden, Invalid, Missing
from venues.permissions import holds

#: What staff may set; `ticket_types` are rows.
FIELDS = frozenset({"name", "gates", "ticket_types", "is_active"})


def create(event: Event, by: Any, **fields: Any) -> CheckInList:
    """Draw up a list; `name` at least. Raises `ListNameTaken`, `Invalid`."""
    _refuse_unknown(fields)
    types = list(fields.pop("ticket_types", ()))
    _refuse_strangers(event, types)
    row = CheckInList(event=event, **{**fields, "gates": tidy(fields.get("gates", []))})
    with transaction.atomic():
        _save(row, force_insert=True)
        row.ticket_types.set(types)
        new = {"name": row.name, "gates": row.gates, "ticket_types": _keys(types)}
        record("checkin_list.created", row, new=new, actor=by, venue_id=event.venue_id)
    return row


def change(row: CheckInList, by: Any, **fields: Any) -> CheckInList:
    """Change some fields; scanners notice with their next scan. Raises `ListNameTaken`, `Invalid`."""
    _refuse_unknown(fields)
    types = fields.pop("ticket_types", None)
    if types is not None:
        _refuse_strangers(row.event, types)
    if "gates" in fields:
        fields["gates"] = tidy(fields["gates"])
    with transaction.atomic():
        before = {name: getattr(row, name) for name in fields}
        changes = {name: value for name, value in fields.items() if before[name] != value}
        old = {name: before[name] for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        if changes:
            _save(row, update_fields=[*changes, "updated_at"])
        if types is not None and _keys(types) != _keys(row.ticket_types.all()):
            old["ticket_types"], changes["ticket_types"] = _keys(row.ticket_types.all()), _keys(types)
            row.ticket_types.set(types)
        if changes:
            record("checkin_list.changed", row, old=old, new=changes, actor=by, venue_id=row.event.venue_id)
    return row


def delete(row: CheckInList, by: Any) -> None:
    """Remove a list by which nobody ever scanned. Raises `ListInUse`."""
    with transaction.atomic():
        if row.scans.exists():
            raise ListInUse
        old = {"name": row.name, "gates": row.gates, "ticket_types": _keys(row.ticket_types.all())}
        record("checkin_list.deleted", row, old=old, actor=by, venue_id=row.event.venue_id)
        row.delete()


def open_list(by: Any, list_id: UUID, event_id: UUID | None) -> CheckInList:
    """The list that a scanner works by, with its types; two queries.

    Raises `Missing` for one that the person may not know of, or of another event, `ListClosed`.
    """
    row = CheckInList.objects.with_types().filter(pk=list_id).first()
    if row is None or event_id not in (None, row.event_id) or not by.can(Permission.CHECK_IN, row.event.venue_id):
        raise Missing(gettext("There is no such check-in list for this event."))
    if not row.is_active:
        raise ListClosed
    return row


def readable_list(by: Any, list_id: UUID) -> CheckInList:
    """The list, for who works at the event's door or manages it. Raises `Missing`."""
    row = CheckInList.objects.with_types().filter(pk=list_id).first()
    if row is None or not any(
        holds(by, permission, row.event.venue_id) for permission in (Permission.CHECK_IN, Permission.MANAGE_EVENTS)
    ):
        raise Missing(gettext("There is no such check-in list."))
    return row


def managed_list(by: Any, list_id: UUID) -> CheckInList:
    """The list, for who manages the venue's events. Raises `Forbidden` for other staff of its door, else `Missing`."""
    row = CheckInList.objects.with_types().filter(pk=list_id).first()
    if row is not None and holds(by, Permission.MANAGE_EVENTS, row.event.venue_id):
        return row
    if row is not None and holds(by, Permission.CHECK_IN, row.event.venue_id):
        raise Forbidden
    raise Missing(gettext("There is no such check-in list."))


def _save(row: CheckInList, **how: Any) -> None:
    """Save; the name is the one thing that another list of the event may have already."""
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError:
        if CheckInList.objects.filter(event=row.event_id, name=row.name).exclude(pk=row.pk).exists():
            raise ListNameTaken from None
        raise


def _refuse_unknown(fields: dict[str, Any]) -> None:
    """A field that rules do not move is a mistake of the caller's code."""
    if unknown := set(fields) - FIELDS:
        raise TypeError(f"not a field of a check-in list that may be set: {', '.join(sorted(unknown))}")


def _refuse_strangers(event: Event, types: Any) -> None:
    if any(each.event_id != event.pk for each in types):
        raise Invalid.field("ticket_types", "A list names ticket types of its own event.", "wrong_event")


def _keys(types: Iterable[TicketType]) -> list[str]:
    return sorted(str(kind.pk) for kind in types)
