"""How a guest reaches a stay, and what its code says at the gate. All are derived; nothing to steal is stored.

The driver's access code opens the stay to whoever began or joined it. The payer's is given to anybody who knows sign
and plate, and shown at the exit: it reads what is due, pays and extends, and does nothing else. Both stand behind the #
of links, which no server logs. The gate's code only tells which stay it is: it stands on tickets.
"""

from __future__ import annotations

from django.conf import settings

from parking.stays.models import ParkingSession
from trufan.lib import marks, row_codes
from trufan.lib.marks import Mark

_DRIVER, _PAYER = "parking.stays.access", "parking.stays.access.payer"
PREFIX = "PS1"


def code_for(session: ParkingSession) -> str:
    """The driver's: 26 characters, 128 bits; it outlives a rotation of the key as long as the old one is a fallback."""
    return row_codes.code_for(_DRIVER, session.pk)


def payer_code_for(session: ParkingSession) -> str:
    """The same for who pays."""
    return row_codes.code_for(_PAYER, session.pk)


def is_drivers(session: ParkingSession, code: str) -> bool:
    """Whether `code` is the driver's of this stay."""
    return row_codes.opens(_DRIVER, session.pk, code)


def allows(session: ParkingSession, code: str) -> bool:
    """Whether `code` reads and pays this stay: the driver's, or a payer's."""
    return is_drivers(session, code) or row_codes.opens(_PAYER, session.pk, code)


def link(session: ParkingSession) -> str:
    """Where the driver sees the stay; for messages to the driver."""
    url = _url(session)
    return url if session.user_id else f"{url}#access_code={code_for(session)}"


def payer_link(session: ParkingSession) -> str:
    """Where anybody pays it, without signing in."""
    return f"{_url(session)}#access_code={payer_code_for(session)}"


def gate_code(session: ParkingSession) -> str:
    """What a ticket says to the gate."""
    return marks.write(PREFIX, session.pk)


def read_gate_code(text: str) -> Mark:
    """Which stay a ticket names. Raises `NotAMark`."""
    return marks.read(PREFIX, text)


def _url(session: ParkingSession) -> str:
    return f"{settings.FRONTEND_URL}/parking/sessions/{session.pk}"
