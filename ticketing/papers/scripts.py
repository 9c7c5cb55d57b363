"""Text as it is drawn: from left to right, Arabic letters joined, and only what the font has a picture of."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from functools import cache

from fpdf.bidi import BidiParagraph

#: Letters in their joined shapes have code points of their own, which name the letter and the shape.
_SHAPES = range(0xFE70, 0xFEFD)
_FORMS = {"<isolated>": "isolated", "<initial>": "initial", "<medial>": "medial", "<final>": "final"}
_ARABIC = range(0x600, 0x700)


def drawable(text: str, glyphs: Container[int]) -> str:
    """`text` in the order in which it is drawn; empty when the font lacks a letter: better none than half a name."""
    shown = _in_order(" ".join(text.split()))
    return shown if all(ord(char) in glyphs for char in shown) else ""


def _in_order(text: str) -> str:
    if all(unicodedata.bidirectional(char) not in ("R", "AL") for char in text):
        return text
    ordered: str = BidiParagraph(_joined(text)).get_reordered_string()
    return ordered


def _joined(text: str) -> str:
    """Each Arabic letter in the shape that its neighbours give it."""
    letters = [index for index, char in enumerate(text) if not unicodedata.combining(char)]
    chars = list(text)
    for before, at, after in zip([None, *letters], letters, [*letters[1:], None], strict=False):
        shapes = _shapes().get(text[at])
        if shapes:
            joins_before = before is not None and "initial" in _shapes().get(text[before], {}) and "final" in shapes
            joins_after = after is not None and "initial" in shapes and "final" in _shapes().get(text[after], {})
            form = {(True, True): "medial", (True, False): "final", (False, True): "initial"}
            chars[at] = shapes.get(form.get((joins_before, joins_after), "isolated"), text[at])
    return "".join(chars)


@cache
def _shapes() -> dict[str, dict[str, str]]:
    """Letter → shape → the character that is drawn."""
    found: dict[str, dict[str, str]] = {}
    for code in _SHAPES:
        form, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
        if form in _FORMS and " " not in letter and letter and int(letter, 16) in _ARABIC:
            found.setdefault(chr(int(letter, 16)), {})[_FORMS[form]] = chr(code)
    return found
