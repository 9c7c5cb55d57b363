"""What every panel asks: which rows are the reader's, and by which clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from trufan.lib.console import columns, switching, venue_labels
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.console.venue_labels import VenueLabel

#: So many rows of a list are shown.
ROWS = 8
#: What is counted for a hint is counted no further than this.
COUNTED = 99


def page(model: type[Model]) -> TenantModelAdmin:
    """The console's page of a table."""
    return cast(TenantModelAdmin, admin.site._registry[model])


def mine(request: HttpRequest, model: type[Model]) -> QuerySet | None:
    """The rows of a table that this person may see; None where that is no table of theirs."""
    found = page(model)
    return found.narrowed(request, found.get_queryset(request)) if found.has_view_permission(request) else None


def labels(request: HttpRequest) -> list[VenueLabel]:
    """The venues whose night is told: all of the person's, or the one chosen."""
    chosen = switching.chosen(request)
    return [each for each in venue_labels.of_request(request).values() if chosen in (None, each.id)]


def labels_where(request: HttpRequest, permission: str) -> list[VenueLabel]:
    """Those of them where the person holds the permission."""
    user: Any = request.user
    return [each for each in labels(request) if user.can(permission, each.id)]


def zone(request: HttpRequest, venue_id: Any) -> ZoneInfo:
    label = venue_labels.of_request(request).get(venue_id)
    return label.zone if label else columns.UTC


def by_day(venues: Iterable[VenueLabel], now: datetime) -> dict[date, list[UUID]]:
    """Today's date → the venues where it is that day."""
    days: dict[date, list[UUID]] = defaultdict(list)
    for label in venues:
        days[now.astimezone(label.zone).date()].append(label.id)
    return days


def today(venues: Iterable[VenueLabel], lookup: str, column: str, now: datetime) -> Q:
    """Since midnight where it happened. Venues of one clock share a condition."""
    by_zone = defaultdict(list)
    for label in venues:
        by_zone[label.zone].append(label.id)
    # No row at all, which the query leaves out beside anything else; "no key" would keep it from the index.
    since = Q(pk__in=[])
    for clock, venue_ids in by_zone.items():
        midnight = now.astimezone(clock).replace(hour=0, minute=0, second=0, microsecond=0)
        since |= Q(**{f"{lookup}__in": venue_ids, f"{column}__gte": midnight})
    return since


def counted(rows: QuerySet) -> int:
    """How many there are, and never more than `COUNTED` + 1."""
    return rows.order_by()[: COUNTED + 1].count()


def in_words(count: int, words: Any) -> str:
    """`1 refund failed`, `12 refunds failed`, `More than 99 refunds failed`, of an `ngettext_lazy` over `count`."""
    if count > COUNTED:
        return gettext("More than {what}").format(what=words % {"count": COUNTED})
    return words % {"count": count}
