"""A riddle that costs whoever solves it some computing, so that a thousand places cost a thousand times as much.

    challenge = <room>.<bits>.<expires, seconds since 1970>.<random>.<signature>
    nonce     = whatever makes SHA-256("<challenge>:<nonce>") begin with <bits> zero bits

It is signed and not stored; that each is good for one place is the database's to hold (`WaitingRoomEntry.proof`).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from ticketing.waitingroom.errors import ProofRefused
from ticketing.waitingroom.models import WaitingRoom

#: How long there is to solve one, in seconds.
GOOD_FOR = 300
_SALT = "ticketing.waitingroom.challenge"


def make(room: WaitingRoom, now: datetime) -> str:
    """A fresh riddle, as hard as the room has it now."""
    body = f"{room.pk.hex}.{room.proof_of_work_bits}.{expires(now)}.{secrets.token_hex(8)}"
    return f"{body}.{_signature(body, settings.SECRET_KEY)}"


def expires(now: datetime) -> int:
    """Until when a riddle made now is good, in seconds since 1970."""
    return int(now.timestamp()) + GOOD_FOR


def check(room: WaitingRoom, challenge: str, nonce: str, now: datetime) -> str:
    """The proof to keep: SHA-256 of the riddle, in hexadecimal. Raises `ProofRefused`."""
    bits, until = _ours(room.pk, challenge)
    if until <= now.timestamp():
        raise ProofRefused(gettext("This challenge has expired. Ask for another."))
    if bits < room.proof_of_work_bits:
        raise ProofRefused(gettext("Challenges are harder now. Ask for another."))
    if not solves(challenge, nonce, bits):
        raise ProofRefused(gettext("This does not solve the challenge."))
    return hashlib.sha256(challenge.encode()).hexdigest()


def solves(challenge: str, nonce: str, bits: int) -> bool:
    """Whether SHA-256 of challenge, colon and nonce begins with so many zero bits."""
    digest = hashlib.sha256(f"{challenge}:{nonce}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def _ours(room_id: UUID, challenge: str) -> tuple[int, int]:
    """How hard it is and until when it is good, if we made it for this room. Raises `ProofRefused`."""
    body, _, signature = challenge.rpartition(".")
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(_signature(body, key), signature) for key in keys):
        raise ProofRefused
    # Signed by us: it has these parts.
    made_for, bits, until, _ = body.split(".")
    if made_for != room_id.hex:
        raise ProofRefused(gettext("This challenge is another room's."))
    return int(bits), int(until)


def _signature(body: str, key: str) -> str:
    return salted_hmac(_SALT, body, secret=key, algorithm="sha256").hexdigest()[:32]
