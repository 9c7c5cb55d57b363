"""What a device is told: a few words, where a touch leads, and how long and how urgently a push service keeps it.

Push services take 4,096 bytes at most, encryption included, so long words are cut.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from notifications import kinds
from notifications.models import Notification
from notifications.templating import Words

MOST_BYTES = 3500
#: A longer address is left out: cut, it would lead nowhere.
_MOST_OF_LINK = 1500
_MORE = "…"
_JOINER = "\u200d"
_SKINS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_HOUR, _DAY = 3600, 86_400


@dataclass(frozen=True)
class Manner:
    """`ttl`: for how many seconds the push service keeps it for a device that is off. `urgency`: of RFC 8030."""

    ttl: int
    urgency: str


_MANNERS = {
    kinds.ACCOUNT: Manner(_HOUR, "high"),
    kinds.MONEY: Manner(3 * _DAY, "normal"),
    kinds.TICKETS: Manner(_DAY, "high"),
    kinds.EVENTS: Manner(_DAY, "normal"),
    kinds.CHANGES: Manner(3 * _DAY, "high"),
    kinds.FOOD: Manner(_HOUR, "high"),
    kinds.PARKING: Manner(_HOUR, "high"),
    kinds.STAFF: Manner(_DAY, "normal"),
}
_USUAL = Manner(_DAY, "normal")


def manner(template: str) -> Manner:
    """How a message of this template is kept: food that is ready is no news tomorrow."""
    return _MANNERS.get(kinds.of(template).kind, _USUAL)


def of(row: Notification, words: Words) -> dict[str, str]:
    """`title`, `body`, `url`, `tag` and `id`, at most `MOST_BYTES` as JSON.

    The tag is the row's id at every attempt: a device shows a push that came twice once.
    """
    url = words.link if _size(words.link) <= _MOST_OF_LINK else ""
    told = {"title": words.subject, "body": "", "url": url, "tag": str(row.pk), "id": str(row.pk)}
    return told | {"body": _cut(words.text, MOST_BYTES - len(encoded(told)))}


def encoded(told: Any) -> bytes:
    """JSON as it is sent, in UTF-8."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")


def _size(text: str) -> int:
    """Bytes of the text within JSON, without its quotation marks."""
    return len(encoded(text)) - 2


def _cut(text: str, room: int) -> str:
    """As much of the text as has room, and a sign that there was more; never a part of a character."""
    if _size(text) <= room:
        return text
    room -= _size(_MORE)
    fits = 0
    for character in text:
        room -= _size(character)
        if room < 0:
            break
        fits += 1
    end = fits
    while end and _is_within(text, end):
        end -= 1
    # A text that is one endless character is cut all the same.
    return text[: end or fits].rstrip() + _MORE


def _is_within(text: str, end: int) -> bool:
    """Whether people see one character where the text would be cut: a letter and its marks, an emoji, a flag."""
    before, after = text[end - 1], text[end]
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M") or after in _SKINS:
        return True
    if before not in _FLAG_LETTERS or after not in _FLAG_LETTERS:
        return False
    # Flags stand in a row without anything between: it is within one after an odd number of letters.
    run = len(text[:end]) - len(text[:end].rstrip(_FLAG_LETTERS))
    return run % 2 == 1
