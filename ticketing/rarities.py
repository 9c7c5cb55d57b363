"""What few ticket types have, and every sale must know: releases, seats, a waiting room, questions, fees, listeners.
With it go the taxes of the venue, which every sale must know too.

The statement that reads a type for a cart says which of them there are, so that a sale asks for what there is and for
nothing else. Read by any other way a type is taken to have all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet, prefetch_related_objects

from notifications.webhooks.announcing import nobody_listens
from trufan.lib.compiled import OneByKeys
from venues import taxes

if TYPE_CHECKING:
    from orders.models import OrderItem
    from ticketing.models import TicketType


def noted(types: QuerySet[Any]) -> QuerySet[Any]:
    """The types with `has_fees`, `has_releases`, `has_room`, `has_questions`, `has_seats`, `has_listeners`, `taxes`."""
    from notifications.webhooks.models import WebhookEndpoint
    from ticketing.attendees.models import Question
    from ticketing.models import EventSeating, TicketRelease
    from ticketing.waitingroom.models import WaitingRoom
    from venues.models import FeeRule

    event = OuterRef("event_id")
    return types.annotate(
        has_fees=Exists(FeeRule.objects.filter(venue=OuterRef("event__venue_id"))),
        has_releases=Exists(TicketRelease.objects.filter(ticket_type=OuterRef("pk"))),
        has_room=Exists(WaitingRoom.objects.shut().filter(event=event)),
        has_questions=Exists(Question.objects.active().filter(event=event)),
        # Of the event, not of the type: that no seat is the type's would have to be looked for among all there are.
        has_seats=Exists(EventSeating.objects.filter(event=event)),
        has_listeners=Exists(WebhookEndpoint.objects.listening_at(OuterRef("event__venue_id"))),
        taxes=taxes.beside("event__venue_id"),
    )


def read(ids: Sequence[UUID]) -> dict[UUID, TicketType]:
    """The types with their event, what of all this they have, and what their price is made of. One query and few more.

    Most carts are of one type, and many want the same: its statement is put together once.
    """
    from ticketing.models import TicketType

    if len(ids) == 1:
        one = _ONE.get(ids[0])
        found = {} if one is None else {one.pk: one}
    else:
        found = noted(TicketType.objects.with_event()).in_bulk(list(ids))
    fetch(found.values())
    for each in found.values():
        taxes.note(each.event.venue, each.taxes)
    return found


def _one(pk: UUID) -> QuerySet[Any]:
    from ticketing.models import TicketType

    return noted(TicketType.objects.order_by().with_event()).filter(pk=pk)


_ONE: OneByKeys[Any] = OneByKeys(_one)


def fetch(types: Iterable[TicketType]) -> None:
    """Read the fees and releases of those that have some; the others are known to have none."""
    types = list(types)
    _fetch([each.event.venue for each in types if each.has_fees], "fee_rules")
    _fetch([each for each in types if each.has_releases], "releases")
    for each in types:
        if not each.has_fees:
            _has_none(each.event.venue, "fee_rules")
        if not each.has_releases:
            _has_none(each, "releases")
        if not each.has_listeners:
            nobody_listens(each.event.venue_id)


def may_have(items: Iterable[OrderItem], rarity: str) -> bool:
    """Whether any of these lines is of a type with it: no, where all were read for the cart and none had."""
    return any(getattr(item.in_hand, rarity, True) for item in items)


def _fetch(rows: list[Any], name: str) -> None:
    if rows:
        prefetch_related_objects(rows, name)


def _has_none(row: Model, name: str) -> None:
    # What prefetching does with a row for which it finds nothing.
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = _nothing(type(row), name)


@cache
def _nothing(table: type[Model], name: str) -> QuerySet[Any]:
    """No rows, for all rows that have none: who narrows it gets another."""
    related: Any = table._meta.get_field(name).related_model
    nothing = related.objects.none()
    nothing._result_cache = []
    return nothing
