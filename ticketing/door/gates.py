"""Names of gates as they are written down."""

from __future__ import annotations

from typing import Any

from trufan.lib.errors import Invalid

MOST, LENGTH = 50, 60


def tidy(given: Any) -> list[str]:
    """The names without white space around them, each once. Raises `Invalid` for what is no list of names."""
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise Invalid.field("gates", "Give a list of names of gates, such as [“North”].")
    names = list(dict.fromkeys(name.strip() for name in given))
    if len(names) > MOST or any(not name or len(name) > LENGTH or not name.isprintable() for name in names):
        raise Invalid.field("gates", f"Give at most {MOST} names of 1 to {LENGTH} characters.")
    return names
