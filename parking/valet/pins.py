"""The PIN on a valet's ticket: derived from the secret key and the row, never stored; wrong ones are counted."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from parking.errors import PinLocked, WrongPin
from parking.valet.models import ValetTicket

_SALT = "parking.valet.pin"
DIGITS = 5
#: After so many wrong PINs only staff open the ticket, or let it be tried again.
MOST_WRONG = 5


def pin_for(ticket: ValetTicket) -> str:
    """What is printed on the ticket."""
    return _pin(ticket, settings.SECRET_KEY)


def check(ticket: ValetTicket, pin: str) -> None:
    """Raise `WrongPin`, which is counted whatever becomes of the caller's transaction, or `PinLocked` after five.

    Called outside of any transaction. Every try is counted before it is looked at, so that many at once gain nothing.
    """
    rows = ValetTicket.objects.filter(pk=ticket.pk)
    if not rows.filter(wrong_pins__lt=MOST_WRONG).update(wrong_pins=F("wrong_pins") + 1):
        raise PinLocked
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(constant_time_compare(_pin(ticket, key), pin.strip()) for key in keys):
        raise WrongPin.field("pin", WrongPin.message, WrongPin.code)
    rows.update(wrong_pins=0)


def _pin(ticket: ValetTicket, key: str) -> str:
    digest = salted_hmac(_SALT, str(ticket.pk), secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}}"
