"""What people read out: numbers in Crockford's base 32, and phone numbers."""

from __future__ import annotations

import re

from phonenumber_field.phonenumber import to_python

_SPACES = re.compile(r"[\s-]+")
_SAID = str.maketrans("ILO", "110")
_NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{4,12}")


def read_out(words: str) -> str:
    """The number that was meant, in capitals: their alphabet has no I, L, O or U. Empty for what is none.

    Fewer than four characters find half the house.
    """
    number = _SPACES.sub("", words).upper().translate(_SAID)
    return number if _NUMBER.fullmatch(number) else ""


def as_phone(words: str) -> str:
    """The number as E.164; empty for what is none."""
    number = to_python(words) if words.startswith("+") else None
    return number.as_e164 if number and number.is_valid() else ""
