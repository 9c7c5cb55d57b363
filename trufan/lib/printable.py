"""What can stand in one line of a screen, a file or a picture."""

from __future__ import annotations

import re

#: Control characters, line ends, and what overrides the direction of writing; surrogates and what XML has no place for.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def is_printable(text: str) -> bool:
    """Whether the text is one line, which every screen, file and picture can hold."""
    return not _UNPRINTABLE.search(text)
