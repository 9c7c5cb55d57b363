"""How a guest reaches a stay, and what its code says at the gate. Both are derived; nothing to steal is stored.

The access code opens the stay to whoever has it: to read, pay and extend it. It is in the answers to who made the stay,
or found it by the lot's sign and the plate, and behind the # of links, which no server logs. The gate's code only tells
which stay it is; it stands on tickets, and staff and cameras read it.
"""

from __future__ import annotations

import base64

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from parking.stays.models import ParkingSession
from trufan.lib import marks
from trufan.lib.marks import Mark

_SALT = "parking.stays.access"
PREFIX = "PS1"


def code_for(session: ParkingSession) -> str:
    """26 characters, 128 bits; it outlives a rotation of the key as long as the old one is a fallback."""
    return _code(session, settings.SECRET_KEY)


def allows(session: ParkingSession, code: str) -> bool:
    """Whether `code` opens this stay."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_code(session, key), code) for key in keys)


def link(session: ParkingSession) -> str:
    """Where the driver sees the stay."""
    url = f"{settings.FRONTEND_URL}/parking/sessions/{session.pk}"
    return url if session.user_id else f"{url}#access_code={code_for(session)}"


def gate_code(session: ParkingSession) -> str:
    """What a ticket says to the gate."""
    return marks.write(PREFIX, session.pk)


def read_gate_code(text: str) -> Mark:
    """Which stay a ticket names. Raises `NotAMark`."""
    return marks.read(PREFIX, text)


def _code(session: ParkingSession, key: str) -> str:
    digest = salted_hmac(_SALT, str(session.pk), secret=key, algorithm="sha256").digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=")
