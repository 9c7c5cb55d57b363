"""One box that finds orders, tickets, cars and people: each app says how its own are found.

A finder is asked with the request and what was typed, and answers what that person may see of it, a few at most. It
looks things up by indexes; what it can't look up so, it doesn't look for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

#: How many of each kind are shown.
MOST = 8
#: Fewer letters find everybody.
LEAST = 2


@dataclass(frozen=True)
class Found:
    """One thing: what it is called, what it is, and its page. `exact`: it is what was typed, not only like it."""

    name: str
    about: str
    url: str
    exact: bool = False


Finder = Callable[[HttpRequest, str], Iterable[Found]]
_finders: dict[str, Finder] = {}


def register(kind: str, finder: Finder) -> None:
    """Add a finder under what its finds are called. Raises `ValueError` when another has the name."""
    if _finders.get(kind, finder) is not finder:
        raise ValueError(f"a finder of {kind!r} is registered already")
    _finders[kind] = finder


def find(request: HttpRequest, words: str) -> dict[str, list[Found]]:
    """What is found, by kind; kinds of which nothing is are left out."""
    typed = " ".join(words.replace("\x00", "").split())
    if len(typed) < LEAST:
        return {}
    found = {kind: list(finder(request, typed))[:MOST] for kind, finder in _finders.items()}
    return {kind: rows for kind, rows in found.items() if rows}


def page_of(model: Any) -> Any:
    """The console's page of a table."""
    from django.contrib import admin

    return admin.site._registry[model]


def mine(request: HttpRequest, model: Any) -> Any:
    """The rows of a table that this person may see in the console; None where none are theirs to see."""
    page = page_of(model)
    return page.narrowed(request, page.get_queryset(request)) if page.has_view_permission(request) else None
