"""Releases, bundles, and what goes with what, go along when an event is copied; codes are words for one event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from events.models import Event
from events.series.copying import moved_with
from ticketing.models import TicketType
from ticketing.pricing.models import Bundle, BundleLine, TicketRelease

#: (source type, event) → its copy.
Made = Mapping[tuple[UUID, UUID], TicketType]


def prices(source: Event, copies: Sequence[Event], made: Made) -> None:
    """Nothing of them is sold yet; their dates are as far from the event as they were."""
    _releases(source, copies, made)
    _addons(source, copies, made)
    _bundles(source, copies, made)


def _releases(source: Event, copies: Sequence[Event], made: Made) -> None:
    TicketRelease.objects.bulk_create(
        TicketRelease(
            ticket_type=made[old.ticket_type_id, event.pk],
            name=old.name,
            price=old.price,
            until=moved_with(old.until, source, event),
            quantity=old.quantity,
            position=old.position,
        )
        for old in TicketRelease.objects.filter(ticket_type__event=source).order_by("position", "created_at", "pk")
        for event in copies
    )


def _addons(source: Event, copies: Sequence[Event], made: Made) -> None:
    link = TicketType.addon_of.through
    old = link.objects.filter(from_tickettype__event=source).values_list("from_tickettype", "to_tickettype")
    link.objects.bulk_create(
        link(from_tickettype=made[addon, event.pk], to_tickettype=made[parent, event.pk])
        for addon, parent in old
        for event in copies
    )


def _bundles(source: Event, copies: Sequence[Event], made: Made) -> None:
    for old in Bundle.objects.filter(event=source).prefetch_related("lines"):
        rows = [
            Bundle(
                event=event, name=old.name, description=old.description, price=old.price, ppm=old.ppm,
                max_per_order=old.max_per_order, position=old.position, is_active=old.is_active,
            )
            for event in copies
        ]  # fmt: skip
        Bundle.objects.bulk_create(rows)
        BundleLine.objects.bulk_create(
            BundleLine(bundle=row, ticket_type=made[line.ticket_type_id, row.event_id], count=line.count)
            for row in rows
            for line in old.lines.all()
        )
