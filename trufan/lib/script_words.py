"""What the console's scripts say: found in the scripts, translated by the one catalogue, handed to them with the page.

A script writes `trufanSay("…")` or `trufanSayMany("one", "many", count)` (trufan/static/trufan/words.js). The texts
are in the page itself, so that one which is kept for when there is no network speaks its language too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext, ngettext

FOLDER = settings.BASE_DIR / "trufan" / "static" / "trufan"
_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_ONE = re.compile(rf"\btrufanSay\(\s*{_TEXT}")
_MANY = re.compile(rf"\btrufanSayMany\(\s*{_TEXT},\s*{_TEXT}")


def scripts() -> list[Path]:
    """Our scripts, in order; not those of others."""
    return sorted(path for path in FOLDER.rglob("*.js") if "vendor" not in path.parts)


def in_script(source: str) -> Iterator[str | tuple[str, str]]:
    """The texts of a script; a pair for what is counted."""
    for text in _ONE.findall(source):
        yield _plain(text)
    for one, many in _MANY.findall(source):
        yield _plain(one), _plain(many)


def of_language() -> dict[str, str | list[str]]:
    """English → what the active language says for it; what is counted: for one, and for several."""
    said: dict[str, str | list[str]] = {}
    for text in _all():
        if isinstance(text, str):
            said[text] = gettext(text)
        else:
            said[text[0]] = [ngettext(*text, 1), ngettext(*text, 2)]
    return said


@lru_cache(maxsize=1)
def _all() -> tuple[str | tuple[str, str], ...]:
    return tuple(dict.fromkeys(text for path in scripts() for text in in_script(path.read_text())))


def _plain(text: str) -> str:
    found: str = json.loads(f'"{text}"')
    return found
