"""The kinds of messages there are. Who announces one registers it, with an example of what it tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The venue of all examples.
EXAMPLE_VENUE = "0198c0de-7a11-7000-8000-00000000a001"
#: What the button that tries an endpoint sends; every endpoint takes it, whatever it asked for.
PING = "ping"


@dataclass(frozen=True)
class Kind:
    """`order.paid`: what it means in a sentence, and the `data` of such a message."""

    name: str
    description: str
    example: Mapping[str, Any]

    @property
    def summary(self) -> str:
        """What it means in few words: the description up to its first full stop or colon."""
        return re.split(r"[.:](?: |$)", self.description, maxsplit=1)[0].replace("`", "")


_kinds: dict[str, Kind] = {}


def register(name: str, description: str, example: Mapping[str, Any]) -> str:
    """Add a kind, and give its name back. `example` is its `data` without `venue_id`, which all have.

    Raises `ValueError` where the name is taken by another.
    """
    kind = Kind(name, description, {"venue_id": EXAMPLE_VENUE, **example})
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"a webhook called {name!r} is registered already")
    return name


def known() -> list[Kind]:
    """All kinds that an endpoint can ask for, by name."""
    return [_kinds[name] for name in sorted(_kinds) if name != PING]


def names() -> frozenset[str]:
    """Their names."""
    return frozenset(_kinds) - {PING}


def ping() -> Kind:
    """The kind that tries an endpoint."""
    return _kinds[PING]


register(
    PING,
    "Somebody tries whether messages arrive here.",
    {"endpoint": "0198c0de-7a11-7000-8000-00000000f001", "asked_at": "2026-11-20T18:02:11.402Z"},
)
