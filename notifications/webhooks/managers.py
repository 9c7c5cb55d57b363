"""Who looks after a venue's endpoints. Whoever keeps venues and their staff registers here how to find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Managers:
    """The venue's name, and the active people who manage it."""

    venue: str = ""
    people: Sequence[Any] = ()


Source = Callable[[UUID], Managers]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source: venue id → who manages it."""
    if source not in _sources:
        _sources.append(source)


def of(venue_id: UUID) -> Managers:
    """Who manages the venue; nobody where no source knows it."""
    found = [source(venue_id) for source in _sources]
    return next((each for each in found if each.people), Managers())
