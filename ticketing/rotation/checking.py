"""Whether a code is of this moment."""

from __future__ import annotations

import hmac
from datetime import datetime

from events.models import Event
from events.rotation_policy import policy_of
from ticketing.codes import ReadCode
from ticketing.models import Scan
from ticketing.rotation import keys, totp

#: A number is good in its own period and in so many before and after it. So the clocks of phone and scanner may be 15
#: seconds apart, and what was photographed on a phone whose clock is right opens nothing 30 seconds after it came up.
TOLERANCE = 1

Reason = Scan.Reason


def verify(claim: ReadCode, event: Event, at: datetime) -> str:
    """Why the code does not open the event's doors as it was shown at `at`; nothing when it does.

    The claim must have been verified. Where codes don't rotate any more, one that did is as good as any other, so
    that a door in trouble can do without.
    """
    if not policy_of(event).rotates:
        return Reason.NONE
    if not claim.number:
        return Reason.CODE_NOT_ROTATING
    return Reason.NONE if _is_of(claim, event, at) else Reason.SCREENSHOT


def _is_of(claim: ReadCode, event: Event, at: datetime) -> bool:
    key = keys.door_keys(event)[claim.key_id]
    secret = keys.secret(key, claim.ticket_id, claim.version)
    now = totp.step(at)
    numbers = [totp.hotp(secret, each) for each in range(now - TOLERANCE, now + TOLERANCE + 1)]
    return any(hmac.compare_digest(number, claim.number) for number in numbers)
