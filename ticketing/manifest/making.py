"""All that a scanner of one event needs without a network, as bytes that the venue signed.

    offset      bytes
         0          4  ASCII "TFM1"
         4          4  n, how long the header is, big endian
         8          n  the header, JSON in UTF-8
       8+n  count × w  the rows (`rows.py`), w being the header's `tickets.row_bytes`
    the last       64  Ed25519 signature over all bytes before, by the key that the header's `signed_by` names

The signature is part of the file, so that it can be checked again wherever the file was kept or handed on.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.models import Event
from ticketing import codes
from ticketing.manifest import parts, rows, versions
from ticketing.manifest.versions import Version
from ticketing.models import Ticket
from ticketing.querysets import TicketQuerySet

MAGIC = b"TFM1"
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """`tag` is the same for two that differ in nothing but when they were made."""

    content: bytes
    tag: str


def make(event: Event, now: datetime, since: Version | None = None) -> Manifest:
    """The event's manifest: all its tickets, or those that changed since a version where that can be told.

    Reads `event.venue`. A constant number of queries.
    """
    version = versions.current(event.pk)
    if since is not None and not since.reaches(version):
        since = None
    tickets: TicketQuerySet = Ticket.objects.filter(event=event)
    if since is not None:
        tickets = tickets.filter(door_version__gte=since.number)
    packed = rows.pack(event, tickets)
    key = codes.venue_keys(event.venue_id)[0]
    lasting = {
        "format": FORMAT,
        **parts.header(event),
        "signed_by": key.key_id.hex(),
        "since": since and str(since),
        "tickets": packed.description,
    }
    tag = hashlib.sha256(_json(lasting) + packed.packed).hexdigest()[:32]
    header = _json({**lasting, "version": str(version), "made_at": now.isoformat()})
    content = MAGIC + struct.pack(">I", len(header)) + header + packed.packed
    return Manifest(content + key.private.sign(content), tag)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
