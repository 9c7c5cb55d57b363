"""What a code turns out to be: a ticket, or why there is none. A code is believed only if its venue signed it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.grants import Permission
from events.models import Event
from notifications.webhooks.announcing import nobody_listens
from notifications.webhooks.models import WebhookEndpoint
from ticketing import codes
from ticketing.models import Scan, Ticket
from ticketing.rotation import checking, texts
from trufan.lib.compiled import OneByKeys

Reason = Scan.Reason


@dataclass(frozen=True)
class Seen:
    """The ticket, and the version that its code has; or the reason why there is none.

    Both, where the code is the ticket's and not of the moment.
    """

    ticket: Ticket | None = None
    version: int = 0
    reason: str = Reason.NONE


def look(code: str, by: Any, at: datetime) -> Seen:
    """Read one code that was seen `at`. One query, and another for a ticket that is not there."""
    return look_at([(code, at)], by)[0]


def look_at(seen: Sequence[tuple[str, datetime]], by: Any) -> list[Seen]:
    """Read many codes, each with when it was seen, at the cost of one."""
    claims = [_claim(code) for code, _ in seen]
    read = [claim for claim in claims if claim is not None]
    if not read:
        return [Seen(reason=Reason.UNKNOWN)] * len(claims)
    tickets = _tickets({claim.ticket_id for claim in read})
    venues = _venues({claim.event_id for claim in read if _of(claim, tickets) is None})
    return [
        _judge(claim, tickets, venues, by, at) if claim else Seen(reason=Reason.UNKNOWN)
        for claim, (_, at) in zip(claims, seen, strict=True)
    ]


def _tickets(ids: set[UUID]) -> dict[UUID, Ticket]:
    if len(ids) > 1:
        return Ticket.objects.at_the_door().in_bulk(ids)
    ticket = _ONE.get(*ids)
    if ticket is None:
        return {}
    if not ticket.has_listeners:
        nobody_listens(ticket.event.venue_id)
    return {ticket.pk: ticket}


#: A scanner at a door sends one code at a time.
_ONE: OneByKeys[Any] = OneByKeys(
    lambda pk: (
        Ticket.objects.at_the_door()
        .filter(pk=pk)
        .annotate(has_listeners=Exists(WebhookEndpoint.objects.listening_at(OuterRef("event__venue_id"))))
    )
)


def _claim(code: str) -> codes.ReadCode | None:
    try:
        return texts.read(code)
    except codes.Unreadable:
        return None


def _of(claim: codes.ReadCode, tickets: dict[UUID, Ticket]) -> Ticket | None:
    ticket = tickets.get(claim.ticket_id)
    return ticket if ticket is not None and ticket.event_id == claim.event_id else None


def _venues(events: Collection[UUID]) -> dict[UUID, UUID]:
    """The venue of each event that there is."""
    return dict(Event.objects.filter(pk__in=events).values_list("pk", "venue_id")) if events else {}


def _judge(claim: codes.ReadCode, tickets: dict[UUID, Ticket], venues: dict[UUID, UUID], by: Any, at: datetime) -> Seen:
    """A genuine ticket of a venue where `by` has no right at the door is for another event: nothing else is told."""
    ticket = _of(claim, tickets)
    # Without such an event its own id stands for the venue: nobody ever signed anything for that.
    venue_id = ticket.event.venue_id if ticket else venues.get(claim.event_id, claim.event_id)
    try:
        claim.verify(venue_id)
    except codes.Forged:
        return Seen(reason=Reason.FORGED)
    if ticket is None:
        return Seen(reason=Reason.UNKNOWN)
    if not by.can(Permission.CHECK_IN, venue_id):
        return Seen(reason=Reason.WRONG_EVENT)
    return Seen(ticket, claim.version, checking.verify(claim, ticket.event, at))
