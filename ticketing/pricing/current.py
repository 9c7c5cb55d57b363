"""Which price a ticket type has at a moment. Reads `ticket_type.releases`, so prefetch them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, ngettext

from ticketing.models import TicketType
from ticketing.pricing.models import TicketRelease
from trufan.lib.money import show

NOBODYS: Mapping[UUID, int] = {}


def in_turn(ticket_type: TicketType, now: datetime, own: Mapping[UUID, int] = NOBODYS) -> list[TicketRelease]:
    """The open releases, the current one first. `own`: release → how many who asks holds already."""
    releases = sorted(ticket_type.releases.all(), key=lambda each: (each.position, each.created_at, each.pk))
    return [each for each in releases if each.is_open(now, own.get(each.pk, 0))]


def current(ticket_type: TicketType, now: datetime) -> TicketRelease | None:
    """The release that tickets are sold at now; None: at the ticket type's own price."""
    return next(iter(in_turn(ticket_type, now)), None)


def price(ticket_type: TicketType, now: datetime) -> int:
    """What one costs now, before fees and tax; where buyers name the price, what is suggested."""
    release = current(ticket_type, now)
    return ticket_type.price if release is None else release.price


def spread(ticket_type: TicketType, quantity: int, now: datetime) -> list[tuple[str, int]]:
    """So many tickets at the prices that they are had at, in turn: what a line names as its `release`, and
    how many.
    """
    parts, rest = [], quantity
    for release in in_turn(ticket_type, now):
        take = rest if release.left is None else min(rest, release.left)
        if take:
            parts.append((str(release.pk), take))
        rest -= take
    return [*parts, (str(ticket_type.pk), rest)] if rest else parts


def how_short(ticket_type: TicketType, release: TicketRelease, left: int, now: datetime) -> str:
    """How many are left of a release and what the next ones cost, in a sentence."""
    currency = ticket_type.event.venue.currency
    after = [each for each in in_turn(ticket_type, now) if _turn(each) > _turn(release)]
    then = show(after[0].price if after else ticket_type.price, currency)
    if left <= 0:
        return gettext("Nothing is left of {release}; {type} is {then} now.").format(
            release=release.name, type=ticket_type.name, then=then
        )
    return ngettext(
        "Only {left} of {type} is left at {price} ({release}); further ones cost {then}.",
        "Only {left} of {type} are left at {price} ({release}); further ones cost {then}.",
        left,
    ).format(left=left, type=ticket_type.name, price=show(release.price, currency), release=release.name, then=then)


def _turn(release: TicketRelease) -> tuple[int, datetime, UUID]:
    return release.position, release.created_at, release.pk
