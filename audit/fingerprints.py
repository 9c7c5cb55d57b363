"""Keyed fingerprints (HMAC-SHA256) of entries and seals: who can write the tables still cannot forge a row."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from ipaddress import ip_address
from uuid import UUID

from django.conf import settings

from audit.models import AuditLog
from audit.values import moment

#: What the first seal names as the one before it.
BEGINNING = "0" * 64


def of_entry(entry: AuditLog) -> str:
    """The fingerprint of everything the entry says, the same before the INSERT and after any round trip."""
    facts = {
        "id": str(entry.id),
        "created_at": _time(entry.created_at),
        "actor": str(entry.actor_id) if entry.actor_id else None,
        "action": entry.action,
        "entity_type": entry.entity_type,
        "entity_id": str(entry.entity_id) if entry.entity_id else None,
        "venue_id": str(entry.venue_id) if entry.venue_id else None,
        "old": entry.old_values,
        "new": entry.new_values,
        "ip": _address(entry.ip_address),
        "user_agent": entry.user_agent,
        "correlation_id": entry.correlation_id,
    }
    return _hmac("entry", json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True))


def of_seal(sequence: int, previous: str, entry_id: UUID, digest: str, sealed_at: datetime) -> str:
    """The link's hash: its place, the link before it, and the entry it seals."""
    return _hmac("seal", f"{sequence}\n{previous}\n{entry_id}\n{digest}\n{_time(sealed_at)}")


def same(one: str, other: str) -> bool:
    """Compare two fingerprints without telling by timing where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _time(value: datetime | None) -> str | None:
    # A row that somebody altered may hold no time at all; it gets a fingerprint too, just not its own.
    return moment(value) if value else None


def _address(value: str | None) -> str | None:
    """In the long form: PostgreSQL has its own way to write an IPv6 address."""
    try:
        return ip_address(value).exploded if value else None
    except ValueError:
        return value


def _hmac(kind: str, message: str) -> str:
    return hmac.new(settings.AUDIT_KEY.encode(), f"{kind}\n{message}".encode(), hashlib.sha256).hexdigest()
