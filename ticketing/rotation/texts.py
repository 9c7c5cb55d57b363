"""What the QR code of a rotating ticket says.

    TF2:<base 32 of 102 bytes, upper case, no padding><8 digits>        176 characters, all of QR's alphanumeric mode

The 102 bytes are those of a static code (`ticketing/codes.py`), signed over the ASCII text "TF2:" and the 38 bytes
before; so neither kind passes for the other. They stay the same until the ticket gets a new code; the digits are the
number of the moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from events.rotation_policy import policy_of
from ticketing import codes
from ticketing.models import Ticket
from ticketing.rotation import keys, totp

PREFIX = "TF2:"
LENGTH = codes.LENGTH + totp.DIGITS


@dataclass(frozen=True)
class Device:
    """What a holder's device needs to make its codes by itself: 32 secret bytes, and the part that does not change."""

    secret: bytes = field(repr=False)
    static: str
    door_key_version: int

    def text(self, at: datetime) -> str:
        """What the QR code says at that moment."""
        return self.static + totp.totp(self.secret, at)


def device(ticket: Ticket) -> Device:
    """For the ticket's holder. Reads `ticket.event`."""
    key = codes.venue_keys(ticket.event.venue_id)[0]
    return device_of(key, ticket, policy_of(ticket.event).door_key_version)


def device_of(key: codes.VenueKey, ticket: Ticket, door_key_version: int) -> Device:
    """The same under a given key of the venue and version of the door's."""
    event_id: UUID = ticket.event_id
    made = keys.secret(keys.door_key(key.seed, event_id, door_key_version), ticket.pk, ticket.code_version)
    return Device(made, codes.sign_with(key, ticket, PREFIX), door_key_version)


def shown_at(ticket: Ticket, now: datetime) -> str:
    """What the QR code says now, whether or not the event's codes rotate. Reads `ticket.event`."""
    return device(ticket).text(now) if policy_of(ticket.event).rotates else codes.sign(ticket)


def read(code: str) -> codes.ReadCode:
    """What a code of either kind claims; nothing of it is true yet. Raises `codes.Unreadable`."""
    text = code.strip()
    if text[: len(PREFIX)].upper() != PREFIX:
        return codes.read(code)
    number = text[codes.LENGTH :]
    if len(text) != LENGTH or not (number.isascii() and number.isdigit()):
        raise codes.Unreadable
    return replace(codes.read(text[: codes.LENGTH], PREFIX), number=number)
