"""What a ticket's QR code says: a compact statement, signed by the venue, that a scanner can check without a network.

    TF1:<base 32 of 102 bytes, upper case, no padding>        168 characters, all of QR's alphanumeric mode

    offset  bytes
         0      4  key id: the first bytes of the SHA-256 of the venue's public key
         4     16  ticket id
        20     16  event id
        36      2  code version, big endian
        38     64  Ed25519 signature over the ASCII text "TF1:" and the 38 bytes before

Each venue has key pairs of its own, one for each of `settings.TICKET_SIGNING_KEYS`, derived from that seed by
HKDF-SHA256 (no salt, info `trufan ticket key` and the venue's id): the first signs, all of them verify. So a key is
rotated by putting a new one in front, and what a venue's scanner holds says nothing about another venue.

Codes that rotate make the same statement under the prefix `TF2:`, and a number follows (`rotation/texts.py`).

Reading a code is free of trust: nothing in `ReadCode` is true before `verify`. The why: docs/adr/0004-ticket-codes.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

if TYPE_CHECKING:
    from ticketing.models import Ticket

PREFIX = "TF1:"
_BODY = struct.Struct(">4s16s16sH")
_SIGNATURE_BYTES = 64
#: How many characters a code has.
LENGTH = len(PREFIX) + -(-(_BODY.size + _SIGNATURE_BYTES) * 8 // 5)
_PADDING = "=" * (-(LENGTH - len(PREFIX)) % 8)


class Unreadable(ValueError):
    """The text is not laid out as a ticket code: another QR code, or a damaged one."""


class Forged(ValueError):
    """Laid out as a ticket code, but no key of the venue signed it."""


@dataclass(frozen=True)
class VenueKey:
    """One key pair of one venue, and the seed it is made of.

    `key_id` is four bytes, `public` the raw 32 bytes of the Ed25519 key.
    """

    private: Ed25519PrivateKey = field(repr=False)
    public: bytes
    seed: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.public).digest()[:4]


@dataclass(frozen=True)
class ReadCode:
    """What a code claims; believe it after `verify`. `number` is that of a rotating code, empty for one that stands."""

    key_id: bytes
    ticket_id: UUID
    event_id: UUID
    version: int
    signature: bytes
    prefix: str = PREFIX
    number: str = ""

    def verify(self, venue_id: UUID) -> None:
        """Raises `Forged` unless a key of the venue, the one that the code names, signed exactly this."""
        key = next((key for key in venue_keys(venue_id) if key.key_id == self.key_id), None)
        if key is None:
            raise Forged
        try:
            key.private.public_key().verify(self.signature, self.prefix.encode() + self._body)
        except InvalidSignature:
            raise Forged from None

    @property
    def _body(self) -> bytes:
        return _BODY.pack(self.key_id, self.ticket_id.bytes, self.event_id.bytes, self.version)


def sign(ticket: Ticket) -> str:
    """The text of the ticket's QR code; the same each time, until its `code_version` or the first key changes.

    Reads `ticket.event`.
    """
    return sign_with(venue_keys(ticket.event.venue_id)[0], ticket)


def sign_with(key: VenueKey, ticket: Ticket, prefix: str = PREFIX) -> str:
    """The statement about the ticket, signed by that key under that prefix of four characters."""
    body = _BODY.pack(key.key_id, ticket.pk.bytes, ticket.event_id.bytes, ticket.code_version)
    return _as_text(body + key.private.sign(prefix.encode() + body), prefix)


def read(code: str, prefix: str = PREFIX) -> ReadCode:
    """What the text claims. Case and surrounding white space don't matter. Raises `Unreadable`."""
    text = code.strip()
    if len(text) != LENGTH or not text.isascii():
        raise Unreadable
    text = text.upper()
    try:
        raw = base64.b32decode(text.removeprefix(prefix) + _PADDING)
    except binascii.Error:
        raise Unreadable from None
    if _as_text(raw, prefix) != text:  # without the prefix, or with bits set where none belong
        raise Unreadable
    key_id, ticket_id, event_id, version = _BODY.unpack(raw[: _BODY.size])
    return ReadCode(key_id, UUID(bytes=ticket_id), UUID(bytes=event_id), version, raw[_BODY.size :], prefix)


def fingerprint(code: str) -> str:
    """SHA-256 of what was read, in hex: enough to recognise it again, useless to whoever steals it."""
    return hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).hexdigest()


def venue_keys(venue_id: UUID) -> tuple[VenueKey, ...]:
    """The venue's key pairs, in the order of `settings.TICKET_SIGNING_KEYS`: the first signs, all verify."""
    return _derived(venue_id, tuple(settings.TICKET_SIGNING_KEYS))


@lru_cache(maxsize=1024)
def _derived(venue_id: UUID, entries: tuple[str, ...]) -> tuple[VenueKey, ...]:
    return tuple(venue_key(venue_id, base64.b64decode(entry.partition(":")[2], validate=True)) for entry in entries)


def venue_key(venue_id: UUID, seed: bytes) -> VenueKey:
    """The venue's key pair that a seed of 32 bytes stands for."""
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"trufan ticket key" + venue_id.bytes)
    private = Ed25519PrivateKey.from_private_bytes(hkdf.derive(seed))
    return VenueKey(private, private.public_key().public_bytes_raw(), seed)


def _as_text(raw: bytes, prefix: str) -> str:
    return prefix + base64.b32encode(raw).decode().rstrip("=")
