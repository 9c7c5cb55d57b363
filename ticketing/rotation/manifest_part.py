"""What a scanner must know of rotating codes: the door's keys, one for each seed, and how numbers are made of them."""

from __future__ import annotations

from typing import Any

from events.models import Event
from events.rotation_policy import policy_of
from ticketing.manifest.own_parts import unpadded
from ticketing.rotation import checking, keys, totp

NAME = "rotation"


def part(event: Event) -> dict[str, Any] | None:
    """None where codes don't rotate: then nobody is given a key."""
    policy = policy_of(event)
    if not policy.rotates:
        return None
    return {
        "algorithm": totp.ALGORITHM.upper(),
        "digits": totp.DIGITS,
        "period": totp.PERIOD,
        "tolerance": checking.TOLERANCE,
        "door_key_version": policy.door_key_version,
        "door_keys": {key_id.hex(): unpadded(key) for key_id, key in keys.door_keys(event).items()},
    }
