"""What a short message is made of: its encoding, how many parts it is billed as, and words that keep it short.

160 characters fit while all of them are in GSM's own alphabet (3GPP TS 23.038); one that is not makes all of the
message UCS-2, of which 70 fit. That alphabet has é, ñ, ü and à, but not á, í, ó, ú. Of a longer message each part has a
header, and room for 153 or 67.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: GSM's alphabet, and the characters that it writes as two.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
GSM7, UCS2 = "GSM-7", "UCS-2"
#: By encoding: what fits into one message, and into each part of several.
_ROOM = {GSM7: (160, 153), UCS2: (70, 67)}
#: What word processors and phones put in place of a plain character.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−•·", "-"),
        **dict.fromkeys(
            "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
        ),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff"),
        "…": "...",
    }
)
#: Neither of any use in a message, nor allowed in the XML of an answer.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ELLIPSIS = "..."


@dataclass(frozen=True)
class Measure:
    """`units`: septets of GSM-7, or UTF-16 units. `segments`: how many parts it is sent and billed as."""

    encoding: str
    units: int
    segments: int


def clean(text: str) -> str:
    """The same words without typographic marks that would make the message more than twice as dear.

    Letters are never changed: á stays á, and costs what it costs.
    """
    one_kind = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", one_kind.translate(_PLAIN)).strip()


def measure(text: str) -> Measure:
    """How the text is encoded and billed; the empty text is one segment."""
    encoding = GSM7 if all(each in BASIC or each in EXTENDED for each in text) else UCS2
    sizes = list(_sizes(text, encoding))
    single, part = _ROOM[encoding]
    units = sum(sizes)
    return Measure(encoding, units, 1 if units <= single else _parts(sizes, part))


def fit(text: str, segments: int) -> str:
    """The text, cut where it would be more than so many segments."""
    if measure(text).segments <= segments:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        cut = text[:middle].rstrip() + _ELLIPSIS
        low, high = (middle, high) if measure(cut).segments <= segments else (low, middle - 1)
    return text[:low].rstrip() + _ELLIPSIS


def _sizes(text: str, encoding: str) -> Iterator[int]:
    for each in text:
        if encoding == GSM7:
            yield 2 if each in EXTENDED else 1
        else:
            yield 2 if ord(each) > 0xFFFF else 1


def _parts(sizes: list[int], room: int) -> int:
    """A character of two units is never torn apart: it goes into the next part whole."""
    parts, left = 1, room
    for size in sizes:
        if size > left:
            parts, left = parts + 1, room
        left -= size
    return parts
