"""Who can be told all at once. Whoever knows an audience registers it in `AppConfig.ready()`: apps above this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Recipient:
    """One person at one place of the audience. `person` is the same wherever they stand in it; never an empty text.

    `cursor`: the place, from which the next page goes on. `user_id`: the account, or None for a guest.
    """

    cursor: str
    person: str
    user_id: UUID | None = None
    email: str = ""
    phone: str = ""
    language: str = ""


#: `count(audience_id, options)`: how many people. `options` is the broadcast's context.
Count = Callable[[UUID, dict[str, Any]], int]
#: `page(audience_id, options, after, limit)`: the next places in key order behind the cursor `after` ("": all).
Page = Callable[[UUID, dict[str, Any], str, int], list[Recipient]]


@dataclass(frozen=True)
class Audience:
    count: Count
    page: Page


_audiences: dict[str, Audience] = {}


def register(name: str, *, count: Count, page: Page) -> None:
    """Add an audience. A page may name a person twice, and one that an earlier page named: they are told once."""
    _audiences[name] = Audience(count, page)


def named(name: str) -> Audience:
    """The audience; `LookupError` if nobody registered it, which is a mistake in the code that starts a broadcast."""
    if name not in _audiences:
        raise LookupError(f"no audience is called {name!r}")
    return _audiences[name]
