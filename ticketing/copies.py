"""Ticket types go along when an event is copied over dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.models import Event
from events.series.copying import moved_with
from ticketing.models import TicketType
from ticketing.pricing.copies import prices
from ticketing.ticket_types import FIELDS

_TIMES = ("sales_start", "sales_end")


def ticket_types(source: Event, copies: Sequence[Event], rows: dict[str, Any]) -> None:
    """The same types, none of them sold yet; their sales windows are as far from the event as they were.

    Says as `rows["ticket_types"]`: (source type, event) → its copy, by their ids.
    """
    types = list(TicketType.objects.filter(event=source).order_by("position", "name"))
    made = {(old.pk, event.pk): _copy(old, source, event) for event in copies for old in types}
    TicketType.objects.bulk_create(made.values())
    prices(source, copies, made)
    Event.objects.filter(pk__in=[event.pk for event in copies]).update(allocated=sum(old.quantity for old in types))
    rows["ticket_types"] = made


def _copy(old: TicketType, source: Event, event: Event) -> TicketType:
    said = {name: getattr(old, name) for name in FIELDS - {"addon_of"}}
    return TicketType(event=event, **said | {name: moved_with(said[name], source, event) for name in _TIMES})
