"""One value of a file, read and checked: JSON has it with its type, CSV as text, and the same is taken from both."""

from __future__ import annotations

import math
import re
from typing import Any

from django.utils.translation import gettext

from trufan.lib.printable import is_printable
from venues.seating.models import MAX_ORDER, REACH
from venues.seating.problems import Problems

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_YES = frozenset({"true", "yes", "1", "x"})
_NO = frozenset({"", "false", "no", "0"})


class Cells:
    """Reads the values of one object or line at `path`; what cannot be read becomes a problem, and None or empty."""

    def __init__(self, values: dict[str, Any], path: str, problems: Problems) -> None:
        self.values = values
        self.path = path
        self.problems = problems

    def wrong(self, name: str, message: str, code: str = "invalid") -> None:
        """Note what is wrong with the value of that name."""
        self.problems.add(f"{self.path}.{name}" if self.path else name, message, code)

    def known_alone(self, names: tuple[str, ...]) -> None:
        """Whatever else is there is a slip, which nobody would notice if it were left out."""
        for name in self.values:
            if name not in names:
                self.wrong(
                    str(name)[:40], gettext("Unknown. Known are {names}.").format(names=", ".join(names)), "unknown"
                )

    def text(self, name: str, length: int, is_required: bool = True) -> str:
        """A line of text without spaces around it; a whole number counts as text."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.wrong(name, gettext("Give text."))
            return ""
        value = value.strip()
        if not value:
            if is_required:
                self.wrong(name, gettext("This is needed."), "required")
        elif len(value) > length:
            self.wrong(name, gettext("At most {length} characters.").format(length=length), "too_long")
        elif not is_printable(value):
            self.wrong(name, gettext("One line without control characters."))
        else:
            return value
        return ""

    def metres(self, name: str) -> float:
        """A length in metres; 0 beside a problem."""
        value = length(self.values.get(name))
        if value is None:
            missing = self.values.get(name) in (None, "")
            self.wrong(
                name,
                gettext("Metres, from -{reach} to {reach}.").format(reach=REACH),
                "required" if missing else "invalid",
            )
            return 0.0
        return value

    def whole(self, name: str, least: int = 0, most: int = MAX_ORDER) -> int | None:
        """A whole number; None where there is none or beside a problem."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, gettext("A whole number from {least} to {most}.").format(least=least, most=most))
            return None
        return value

    def flag(self, name: str) -> bool:
        """Yes or no; nothing is no."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        word = "" if value is None else str(value).strip().lower()
        if word not in _YES | _NO:
            self.wrong(name, gettext("true or false."))
        return word in _YES


def length(value: Any) -> float | None:
    """The value in metres; None for what is no number, or beyond any venue."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value) or abs(value) > REACH:
        return None
    return float(value) + 0.0  # -0.0 is no other place than 0.0
