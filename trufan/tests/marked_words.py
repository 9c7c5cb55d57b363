"""Which words on a page nobody could translate: a text that went through a catalogue is marked, the rest is looked at.

The marked language takes the place of Spanish, since only languages of `settings.LANGUAGES` are spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import translation
from django.utils.translation import trans_real

from trufan.lib import words

LANGUAGE = "es"
OPEN, CLOSE = "⟦", "⟧"
_MARKED = re.compile(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_WORD = re.compile(r"[A-Za-zñ]{3,}")
#: Addresses of mail, of pages and of files, codes with digits in them, and what the trail and webhooks call things
#: (`order.refunded`), say nothing.
_NO_WORDS = re.compile(r"\S+@\S+|https?:\S+|/\S+|\S*\d\S*|\b[a-z_]+(?:\.[a-z_]+)+\b")
#: The product's name, languages in their own words, and clocks: the same for every reader. `test` is what this site is.
NAMES = {"TruFan", "English", "Español", "español", "UTC", "EST", "EDT", "test", "CSV", "XLSX", "JSON"}
_SILENT = {"script", "style", "svg", "template", "code", "pre", "kbd", "textarea"}
#: The theme's icons are words of a font.
_ICONS = {"material-symbols-outlined", "material-icons"}
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SAID_BY = ("title", "placeholder", "aria-label", "alt", "data-label", "aria-description")


class _Marking:
    """A catalogue that knows every text."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def gettext(self, text: str) -> str:
        return f"{OPEN}{text}{CLOSE}" if re.search("[A-Za-z]", text) else text

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def marked() -> Iterator[None]:
    """Within it, Spanish is English with marks around what was translated."""
    real = trans_real.translation(LANGUAGE)
    before = translation.get_language()
    trans_real._translations[LANGUAGE] = _Marking(real)  # type: ignore[index]
    try:
        yield
    finally:
        trans_real._translations[LANGUAGE] = real
        translation.activate(before or "en")


class _Reader(HTMLParser):
    """Every text that a page shows or says aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._around: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.texts += [value for name in _SAID_BY if (value := said.get(name))]
        if tag == "input" and said.get("type") in ("submit", "button", "reset"):
            self.texts.append(said.get("value") or "")
        if tag not in _EMPTY:
            classes = set((said.get("class") or "").split())
            is_silent = tag in _SILENT or bool(classes & _ICONS) or "data-plain" in said
            self._around.append((tag, is_silent))

    def handle_endtag(self, tag: str) -> None:
        for at in reversed(range(len(self._around))):
            if self._around[at][0] == tag:
                del self._around[at:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(silent for _, silent in self._around):
            self.texts.append(" ".join(data.split()))


def texts_of(page: str) -> list[str]:
    """Every text that a page shows or says aloud, in order."""
    reader = _Reader()
    reader.feed(page)
    return reader.texts


def unmarked(text: str, data: re.Pattern[str]) -> str:
    """What of a text is neither marked nor data nor a name; empty where no word is left."""
    before = ""
    while before != text:
        before, text = text, _MARKED.sub(" ", text)
    said = set(_WORD.findall(_NO_WORDS.sub(" ", data.sub(" ", text))))
    return " ".join(text.split()) if said - NAMES else ""


def kept_texts() -> re.Pattern[str]:
    """Every text that a person or a provider wrote into our tables, the longest first; choices are words of ours."""
    found: set[str] = set()
    ours = {app.label for app in words.ours()}
    for model in apps.get_models():
        if model._meta.app_label in ours:
            for field in model._meta.local_fields:
                if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices:
                    for value in model._base_manager.values_list(field.attname, flat=True):
                        found |= set(_strings(value))
    longest_first = sorted((each for each in found if len(each) > 2), key=len, reverse=True)
    return re.compile("(?<![A-Za-z])(?i:" + "|".join(map(re.escape, longest_first)) + ")(?![A-Za-z])")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
        yield from (part for part in value.splitlines() if part)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
