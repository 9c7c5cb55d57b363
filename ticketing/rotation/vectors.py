"""What a scanner or an app written by somebody else must agree with: `docs/vectors/rotating-codes.json`.

`manage.py rotation_vectors` prints it. The secrets in it are made of a seed that everybody knows.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ticketing import codes
from ticketing.models import Ticket
from ticketing.rotation import checking, keys, texts, totp

SEED = bytes([1]) * 32
VENUE = UUID("0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60")
EVENT = UUID("0199f3a2-6b00-7c11-8f00-1b2c3d4e5f61")
TICKET = UUID("0199f3a2-9f10-7c52-8d8e-4f1a6b2c4d5f")
#: The edges of a step around 2026-07-03T22:41:07Z, a number of device 1/1 with a leading zero, a time beyond 32 bits.
_MOMENTS = (0, 14, 15, 1_783_118_467, 1_783_118_474, 1_783_118_475, 1_783_118_610, 20_000_000_000)
_AT = 1_783_118_467


def build() -> dict[str, Any]:
    """The whole file. Times are seconds since 1970, bytes in hex unless said otherwise."""
    key = codes.venue_key(VENUE, SEED)
    return {
        "seed": SEED.hex(),
        "venue": str(VENUE),
        "event": str(EVENT),
        "ticket": str(TICKET),
        "public_key": key.public.hex(),
        "key_id": key.key_id.hex(),
        "period": totp.PERIOD,
        "digits": totp.DIGITS,
        "tolerance": checking.TOLERANCE,
        "devices": [_device(key, *versions) for versions in ((1, 1), (1, 2), (2, 1))],
        "scans": _scans(key),
    }


def _device(key: codes.VenueKey, door_key_version: int, code_version: int) -> dict[str, Any]:
    device = _of(key, door_key_version, code_version)
    return {
        "door_key_version": door_key_version,
        "code_version": code_version,
        "door_key": keys.door_key(key.seed, EVENT, door_key_version).hex(),
        "secret": device.secret.hex(),
        "secret_base32": base64.b32encode(device.secret).decode().rstrip("="),
        "static": device.static,
        "moments": [
            {"at": at, "step": totp.step(_moment(at)), "number": totp.totp(device.secret, _moment(at))}
            for at in _MOMENTS
        ],
    }


def _scans(key: codes.VenueKey) -> list[dict[str, Any]]:
    """One code at several moments, under door key 1; `reason` is empty where the code is of the moment."""
    device = _of(key, 1, 1)
    text, other = device.text(_moment(_AT)), _of(key, 2, 1).text(_moment(_AT))
    first = totp.step(_moment(_AT)) * totp.PERIOD
    late, early = first + 2 * totp.PERIOD, first - totp.PERIOD
    told = [
        *((text, at, "") for at in (_AT, early, late - 1)),
        *((text, at, "screenshot") for at in (early - 1, late)),
        (other, _AT, "screenshot"),
        (codes.sign_with(key, _ticket(1)), _AT, "code_not_rotating"),
    ]
    return [{"text": text, "at": at, "reason": reason} for text, at, reason in told]


def _of(key: codes.VenueKey, door_key_version: int, code_version: int) -> texts.Device:
    return texts.device_of(key, _ticket(code_version), door_key_version)


def _ticket(code_version: int) -> Ticket:
    return Ticket(pk=TICKET, event_id=EVENT, code_version=code_version)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
