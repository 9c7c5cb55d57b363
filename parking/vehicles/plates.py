"""Number plates: tidied for people, and made alike for matching.

A camera reads O for 0 and I for 1, and people leave spaces and hyphens out: for matching alone, look-alike characters
are one and the same. What is shown is always as it was given.
"""

from __future__ import annotations

import re
import unicodedata

from trufan.lib.errors import Invalid

#: Letters and digits of a plate, without what separates them; the longest known ones have ten.
LONGEST, SHORTEST = 12, 2
MAX_LENGTH = 20
_SEPARATORS = re.compile(r"[\s\-.·•_/]+")
_ALIKE = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "G": "6"})


def tidy(given: str, field: str = "plate") -> str:
    """The plate in capitals with single spaces. Raises `Invalid` for what no plate looks like."""
    shown = " ".join(unicodedata.normalize("NFKC", given).upper().split())
    bare = _SEPARATORS.sub("", shown)
    if not (SHORTEST <= len(bare) <= LONGEST and len(shown) <= MAX_LENGTH and bare.isalnum()):
        raise Invalid.field(
            field, f"A number plate has {SHORTEST} to {LONGEST} letters and digits, such as ABC 1234.", "invalid_plate"
        )
    return shown


def key(plate: str) -> str:
    """What two readings of one plate have in common; empty for none."""
    # Å and A are told apart by no camera either.
    bare = unicodedata.normalize("NFKD", _SEPARATORS.sub("", plate.upper()))
    return "".join(each for each in bare if not unicodedata.combining(each)).translate(_ALIKE)[:MAX_LENGTH]
