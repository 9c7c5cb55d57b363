"""What may be permitted, and where the answer to "who may?" comes from.

Accounts stand below venues and cannot ask them. So whoever keeps staff lists registers a source here, once, from its
`AppConfig.ready()`; `User.granted` asks the sources.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.expressions import Combinable


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


#: Venue id → permissions held there.
Granted = Mapping[UUID, frozenset[str]]
Holders = Callable[[Collection[str], UUID], Iterable[Any]]


@dataclass(frozen=True)
class Source:
    """One that keeps a staff list."""

    name: str
    #: What a user holds, by a query of its own.
    ask: Callable[[Any], Granted]
    #: The same as a column of a statement that reads who asks, given the name of the user's key there …
    beside: Callable[[str], Combinable]
    #: … and what such a column says.
    read: Callable[[Any], Granted]


_sources: list[Source] = []
_holders: list[Holders] = []


def register(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def of(user: Any) -> dict[UUID, frozenset[str]]:
    """All that the sources grant the user, joined; one query for each."""
    return _joined(source.ask(user) for source in _sources)


def beside(key: str) -> dict[str, Combinable]:
    """Annotations for rows that name a user by `key`, by which `told_by` knows what the user holds."""
    return {f"granted_by_{source.name}": source.beside(key) for source in _sources}


def told_by(row: Any) -> dict[UUID, frozenset[str]]:
    """The same as `of`, of a row that was read with `beside`; no query."""
    return _joined(source.read(getattr(row, f"granted_by_{source.name}")) for source in _sources)


def _joined(parts: Iterable[Granted]) -> dict[UUID, frozenset[str]]:
    granted: dict[UUID, frozenset[str]] = {}
    for part in parts:
        for venue_id, permissions in part.items():
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
