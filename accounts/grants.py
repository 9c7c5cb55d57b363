"""What may be permitted, and where the answer to "who may?" comes from.

Accounts stand below venues and cannot ask them. So whoever keeps staff lists registers a source here, once, from its
`AppConfig.ready()`; `User.granted` asks the sources.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models


class Permission(models.TextChoices):
    """Everything `user.can(permission, venue)` is asked about."""

    VIEW_VENUE = "view_venue", "see the venue in the console"
    MANAGE_VENUE = "manage_venue", "change the venue"
    MANAGE_STAFF = "manage_staff", "invite and change staff"
    MANAGE_EVENTS = "manage_events", "create, change, publish and cancel events and ticket types"
    MANAGE_MENU = "manage_menu", "create and change outlets and what they sell"
    RUN_KITCHEN = "run_kitchen", "see the queue of an outlet and move its orders on"
    MANAGE_PARKING = "manage_parking", "create and change parking lots, their spaces and prices"
    RUN_PARKING = "run_parking", "see who is parked, open the gate, take and bring back cars"
    MANAGE_PROMOS = "manage_promos", "create and change promo codes"
    VIEW_ORDERS = "view_orders", "see orders and tickets"
    REFUND_ORDERS = "refund_orders", "refund orders"
    VIEW_PAYMENTS = "view_payments", "see payments and refunds"
    MANAGE_PAYOUTS = "manage_payouts", "set up where the venue's money goes"
    CHECK_IN = "check_in", "scan tickets at the door"
    SELL_AT_DOOR = "sell_at_door", "sell tickets at the box office and take the money"
    COMP_TICKETS = "comp_tickets", "keep tickets back and give them away"
    VIEW_REPORTS = "view_reports", "read the reports"
    VIEW_AUDIT = "view_audit", "read the audit trail"


Source = Callable[[Any], Mapping[UUID, frozenset[str]]]
Holders = Callable[[Collection[str], UUID], Iterable[Any]]
_sources: list[Source] = []
_holders: list[Holders] = []


def register(source: Source) -> None:
    """Add a source: user → {venue id: permissions held there}."""
    if source not in _sources:
        _sources.append(source)


def of(user: Any) -> dict[UUID, frozenset[str]]:
    """All that the sources grant the user, joined."""
    granted: dict[UUID, frozenset[str]] = {}
    for source in _sources:
        for venue_id, permissions in source(user).items():
            granted[venue_id] = granted.get(venue_id, frozenset()) | permissions
    return granted


def register_holders(source: Holders) -> None:
    """Add a source of the other direction: permissions, venue id → the active people who hold any of them there."""
    if source not in _holders:
        _holders.append(source)


def holders_of(permissions: Collection[str], venue_id: UUID) -> list[Any]:
    """The people who hold any of the permissions at the venue, each once. Super admins hold all, and are not named."""
    found = {person.pk: person for source in _holders for person in source(permissions, venue_id)}
    return sorted(found.values(), key=lambda person: person.pk)
