"""Where the secrets come from: seed, then the door's key of one event, then the secret of one ticket's one version.

    door key = HKDF-SHA256(seed, no salt, info: "trufan door key" | event id, 16 bytes | door key version, 2 bytes)
    secret   = HMAC-SHA256(door key, ticket id, 16 bytes | code version, 2 bytes)

Nothing is stored. A scanner holds the door key and can make every secret of its event, and none of another. Which of
several seeds it was, the key id of the code says: it names the venue's key pair of the same seed.
"""

from __future__ import annotations

import hmac
import struct
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from events.models import Event
from events.rotation_policy import policy_of
from ticketing import codes

_INFO = b"trufan door key"


def door_key(seed: bytes, event_id: UUID, version: int) -> bytes:
    """32 bytes."""
    info = _INFO + event_id.bytes + struct.pack(">H", version)
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(seed)


def secret(key: bytes, ticket_id: UUID, code_version: int) -> bytes:
    """32 bytes: what one device holds for one ticket, until the ticket gets a new code."""
    return hmac.digest(key, ticket_id.bytes + struct.pack(">H", code_version), "sha256")


def door_keys(event: Event) -> dict[bytes, bytes]:
    """The event's door keys by the key id that codes name; as many as there are seeds, the one in use first."""
    version = policy_of(event).door_key_version
    return {key.key_id: door_key(key.seed, event.pk, version) for key in codes.venue_keys(event.venue_id)}
