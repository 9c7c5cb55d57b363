"""Which venue a row belongs to, in words.

Rows of low apps carry no more than a venue's id. Whoever keeps the venues registers here how to name them; a page asks
once, for all the venues its reader has anything to do with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest


@dataclass(frozen=True)
class VenueLabel:
    """A venue's name, its time zone and its currency."""

    id: UUID
    name: str
    zone: ZoneInfo
    currency: str


Source = Callable[[Any], Iterable[VenueLabel]]
ById = Callable[[Iterable[UUID]], Iterable[VenueLabel]]
_sources: list[Source] = []
_by_id: list[ById] = []
_ON_REQUEST = "_console_venue_labels"
_ON_ROW = "_console_venue_label"


def register(source: Source) -> None:
    """Add a source: user → labels of the venues where the user holds anything (all, for super admins)."""
    if source not in _sources:
        _sources.append(source)


def register_by_id(source: ById) -> None:
    """Add a source: ids → their labels."""
    if source not in _by_id:
        _by_id.append(source)


def of_ids(ids: Iterable[UUID]) -> list[VenueLabel]:
    """The labels of these venues, whoever asks."""
    wanted = list(ids)
    return [label for source in _by_id for label in source(wanted)]


def of_request(request: HttpRequest) -> dict[UUID, VenueLabel]:
    """Venue id → label, for the venues of the person who asks; one query per request."""
    labels = getattr(request, _ON_REQUEST, None)
    if labels is None:
        labels = {label.id: label for source in _sources for label in source(request.user)}
        setattr(request, _ON_REQUEST, labels)
    return labels


def attach(row: Any, label: VenueLabel | None) -> None:
    """Remember the label on the row itself, for columns that see nothing but the row."""
    setattr(row, _ON_ROW, label)


def of_row(row: Any) -> VenueLabel | None:
    """The label that `attach` left on the row, if any."""
    return getattr(row, _ON_ROW, None)
