"""What somebody wants to know of the trail, and the entries that answer it.

Pages are found by key: the newest first, each page from where the one before it ended, so that the last page of a
million entries costs what the first does. Nothing is counted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.models import AuditLog


@dataclass(frozen=True)
class Question:
    """Each None or empty field asks nothing. `venue_ids` None: every venue, and what belongs to none."""

    venue_ids: Collection[UUID] | None = None
    entity_type: str = ""
    #: Several where a number names more than one row.
    entity_ids: Collection[UUID] | None = None
    actor_ids: Collection[UUID] | None = None
    action: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    correlation_id: str = ""


@dataclass(frozen=True)
class Page:
    """`older` and `newer` are marks to ask for the pages beside this one; empty where there is none."""

    entries: list[AuditLog] = field(default_factory=list)
    older: str = ""
    newer: str = ""

    @property
    def result_list(self) -> list[AuditLog]:
        """The rows, by the name that every list of the console has for them."""
        return self.entries


class BadMark(ValueError):
    """The text is no mark that a page has given."""


def mark(entry: AuditLog) -> str:
    """The place of an entry in the order, as text for an address."""
    plain = f"{entry.created_at.astimezone(UTC).isoformat()} {entry.pk}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_mark(text: str) -> tuple[datetime, UUID]:
    """The place that `mark` wrote; raises `BadMark`."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        moment, _, key = plain.partition(" ")
        place = datetime.fromisoformat(moment), UUID(key)
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise BadMark(text) from error
    if place[0].tzinfo is None:
        raise BadMark(text)
    return place


def entries(question: Question) -> QuerySet[AuditLog]:
    """Everything that answers, newest first."""
    rows = AuditLog.objects.order_by("-created_at", "-id")
    if question.venue_ids is not None:
        rows = rows.filter(venue_id__in=question.venue_ids)
    if question.entity_type:
        rows = rows.filter(entity_type=question.entity_type)
    if question.entity_ids is not None:
        rows = rows.filter(entity_id__in=question.entity_ids)
    if question.actor_ids is not None:
        rows = rows.filter(actor_id__in=question.actor_ids)
    if question.action:
        rows = rows.filter(action=question.action)
    if question.begins:
        rows = rows.filter(created_at__gte=question.begins)
    if question.ends:
        rows = rows.filter(created_at__lt=question.ends)
    if question.correlation_id:
        rows = rows.filter(correlation_id=question.correlation_id)
    return rows


def page(question: Question, size: int, *, older_than: str = "", newer_than: str = "") -> Page:
    """One page, with its actors: the newest, or the one behind or before a mark. Raises `BadMark`."""
    rows = entries(question).select_related("actor")
    if newer_than:
        return _newer(rows, size, newer_than)
    if older_than:
        moment, key = read_mark(older_than)
        rows = rows.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=key))
    found = list(rows[: size + 1])
    shown = found[:size]
    return Page(
        shown,
        older=mark(shown[-1]) if len(found) > size else "",
        newer=mark(shown[0]) if older_than and shown else "",
    )


def _newer(rows: QuerySet[AuditLog], size: int, newer_than: str) -> Page:
    moment, key = read_mark(newer_than)
    later = rows.filter(created_at__gte=moment).filter(Q(created_at__gt=moment) | Q(pk__gt=key))
    found = list(later.order_by("created_at", "id")[: size + 1])
    shown = found[:size][::-1]
    return Page(
        shown,
        older=mark(shown[-1]) if shown else "",
        newer=mark(shown[0]) if len(found) > size else "",
    )
