"""Number plates: tidied for people, and made alike for matching.

A camera reads O for 0 and I for 1, people leave spaces and hyphens out, and a plate in Cyrillic or Greek letters is
typed in the Latin ones that look the same. For matching alone, look-alike characters are one and the same. What is
shown is always as it was given.
"""

from __future__ import annotations

import re
import unicodedata

from trufan.lib.errors import Invalid

#: Letters and digits of a plate, without what separates them; the longest known ones have ten.
LONGEST, SHORTEST = 12, 2
MAX_LENGTH = 20
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−.·•_/]+")
#: Letters of other alphabets as the Latin ones that they look like.
_LATIN = str.maketrans(
    "АВЕЁЗКМНОРСТУХІЇЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧØĐŁı",
    "ABEE3KMHOPCTYXIIJSABEZHIKMNOPTYXODLI",
)
_ALIKE = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "G": "6"})


def tidy(given: str, field: str = "plate") -> str:
    """The plate in capitals with single spaces. Raises `Invalid` for what no plate looks like."""
    visible = "".join(each for each in unicodedata.normalize("NFKC", given) if unicodedata.category(each) != "Cf")
    # Composed once more: capitals of one letter may be two, and marks may stand where what kept them apart is gone.
    shown = unicodedata.normalize("NFKC", " ".join(visible.upper().split()))
    bare = _SEPARATORS.sub("", shown)
    if not (SHORTEST <= len(bare) <= LONGEST and len(shown) <= MAX_LENGTH and bare.isalnum()):
        raise Invalid.field(
            field, f"A number plate has {SHORTEST} to {LONGEST} letters and digits, such as ABC 1234.", "invalid_plate"
        )
    return shown


def key(plate: str) -> str:
    """What two readings of one plate have in common; empty for none."""
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", plate).upper())
    # Å and A are told apart by no camera either.
    letters = "".join(_one(each) for each in unicodedata.normalize("NFKD", bare))
    return unicodedata.normalize("NFC", letters).translate(_LATIN).translate(_ALIKE)[:MAX_LENGTH]


def _one(character: str) -> str:
    """The character for matching: digits of any script as ours, nothing of marks and of what nobody sees."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return ""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
