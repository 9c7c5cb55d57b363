"""Writing history: one call, one row, in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from audit import fingerprints
from audit.models import AuditLog
from audit.values import plain, text
from trufan.lib import correlation
from trufan.lib.appending import append

#: "Whoever makes the request"; `None` means that TruFan itself acted.
CALLER: Any = object()
_VENUE = "venues.venue"
#: Told of each entry and what it is about, inside the transaction; see `listen`.
Listener = Callable[[AuditLog, Model | None], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell `listener` of every entry from now on.

    Only for what makes things known elsewhere, such as live updates: no rule may hang on it. It may not query, and acts
    no earlier than the commit.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def record(
    action: str,
    entity: Model | None,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    actor: Any = CALLER,
    venue_id: UUID | None = None,
) -> AuditLog:
    """Write that `action` (`order.refunded`) was done to `entity`, and what changed; part of the caller's transaction.

    Address, user agent, correlation id and (unless given) the actor come from the request that runs. The venue is
    the entity's own `venue_id`, or the entity if it is a venue. Never put names, addresses, numbers or secrets of
    people into `old` or `new`: entries are never erased. Raises `TypeError` on a value that has no JSON form.
    """
    context = correlation.current()
    who = context.actor if actor is CALLER else actor
    entry = AuditLog(
        created_at=timezone.now(),
        actor_id=getattr(who, "pk", None),
        action=action,
        entity_type=_type_of(entity),
        entity_id=entity.pk if entity is not None else None,
        venue_id=venue_id or _venue_of(entity),
        old_values=plain(old or {}),
        new_values=plain(new or {}),
        ip_address=_address(context.ip),
        user_agent=text(context.user_agent)[:255],
        correlation_id=text(context.correlation_id)[:64],
    )
    entry.digest = fingerprints.of_entry(entry)
    append(entry)
    for listener in _listeners:
        listener(entry, entity)
    return entry


def _type_of(entity: Model | None) -> str:
    """`orders.order`, for a proxy or deferred instance too."""
    model = entity._meta.concrete_model if entity is not None else None
    return model._meta.label_lower if model else ""


def _venue_of(entity: Model | None) -> UUID | None:
    if entity is not None and _type_of(entity) == _VENUE:
        return entity.pk
    return getattr(entity, "venue_id", None)


def _address(ip: str | None) -> str | None:
    """The address if it is one (a Unix socket has none), without an interface's name, which PostgreSQL refuses."""
    try:
        return str(ip_address((ip or "").partition("%")[0]))
    except ValueError:
        return None
