"""What of an order its buyer still holds."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from accounts import spoken
from events.models import Event
from events.rotation_policy import policy_of
from orders.speaking import language_for
from ticketing.models import Ticket
from ticketing.papers.errors import CodeRotates, NothingToHold
from ticketing.querysets import TicketQuerySet
from trufan.lib import flags
from trufan.lib.words import lazy as _

WALLET_PASSES = flags.declare(
    flags.Flag("wallet_passes", _("Tickets are put into the wallets of phones"), knows=frozenset({"user", "venue"}))
)


def keepable(ticket: Ticket, *, by_code: bool = False) -> Ticket:
    """The ticket, where it is worth keeping. `by_code`: as something that shows its code and cannot change it.

    Raises `NothingToHold`, `CodeRotates`.
    """
    waits = ticket.status == Ticket.Status.VALID and ticket.frozen_at is None and ticket.returning_at is None
    if not waits or ticket.event.status == Event.Status.CANCELLED:
        raise NothingToHold
    if by_code and policy_of(ticket.event).rotates:
        raise CodeRotates
    return ticket


def for_a_wallet(ticket: Ticket, user: Any) -> Ticket:
    """The ticket, where `user` may put it into a wallet. Raises `SwitchedOff`, `NothingToHold`, `CodeRotates`."""
    WALLET_PASSES.require(user=user, venue_id=ticket.event.venue_id)
    return keepable(ticket, by_code=True)


def language_of(ticket: Ticket) -> str:
    """What its holder chose; else that of the order it was bought with, unless somebody else holds it now."""
    if ticket.holder_id in (None, ticket.order.user_id):
        return language_for(ticket.event.venue, ticket.order)
    chosen = spoken.of(ticket.holder) if ticket.holder is not None else ""
    return chosen or language_for(ticket.event.venue)


def tickets_of(order_id: str) -> TicketQuerySet:
    """The order's tickets in the order of their purchase; not those that were given away, whose codes are another's."""
    theirs = Q(holder=F("order__user")) | Q(holder=None, order__user=None)
    rows = Ticket.objects.with_event().select_related("order__user__message_settings")
    return rows.filter(theirs, order_id=order_id).order_by("order_item_id", "ordinal")
