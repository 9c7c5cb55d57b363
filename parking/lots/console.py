"""What the console's pages of parking share: narrowing by lot and by day, and searching by plate."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from unfold.contrib.filters.admin import DropdownFilter

from parking.lots.models import ONE, ParkingLot
from parking.vehicles import plates
from trufan.lib.console import venue_labels
from trufan.lib.console.filters import OfVenueFilter
from trufan.lib.words import lazy as _


class LotFilter(OfVenueFilter):
    """By lot: those of the reader's venues."""

    title = _("lot")
    parameter_name = "lot"
    model = ParkingLot
    path = "lot_id"


class CapacityLotFilter(LotFilter):
    path = "capacity__lot_id"


class DayFilter(DropdownFilter):
    """By day, as each venue's own clock has it."""

    title = _("when")
    parameter_name = "when"
    #: The column that is looked at.
    moment: ClassVar[str] = "created_at"
    #: Choice → days from and until, counted from today.
    days: ClassVar[dict[str, tuple[int, int]]] = {
        gettext_noop("today"): (0, 1), gettext_noop("yesterday"): (-1, 0),
        gettext_noop("last 7 days"): (-6, 1), gettext_noop("last 30 days"): (-29, 1),
    }  # fmt: skip

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.venue_lookup = model_admin.venue_lookup
        return [(name, gettext(name)) for name in self.days]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.days.get(self.value() or "")
        if chosen is None:
            return queryset
        by_zone: defaultdict[ZoneInfo, list[UUID]] = defaultdict(list)
        for label in venue_labels.of_request(request).values():
            by_zone[label.zone].append(label.id)
        within = Q(pk=None)
        for zone, venue_ids in by_zone.items():
            midnight = timezone.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            within |= Q(**{
                f"{self.venue_lookup}__in": venue_ids,
                f"{self.moment}__gte": _days_on(midnight, chosen[0]),
                f"{self.moment}__lt": _days_on(midnight, chosen[1]),
            })  # fmt: skip
        return queryset.filter(within)


def _days_on(midnight: datetime, days: int) -> datetime:
    """So many days later by the same clock, whose days may have 23 or 25 hours."""
    return midnight + timedelta(days=days)


class StartedFilter(DayFilter):
    moment = "started_at"


class StartsFilter(DayFilter):
    """Reservations are looked for ahead as well."""

    moment = "starts_at"
    days = DayFilter.days | {"tomorrow": (1, 2), "next 7 days": (0, 7)}


def plate_ways(typed: str) -> list[Q]:
    """Plates from their beginning, however they are typed; none for what is no plate."""
    wanted = plates.key(typed)
    # Erased plates are in no index.
    way = Q(plate_key__startswith=wanted) & ~Q(plate_key="")
    return [way] if len(wanted) >= plates.SHORTEST and wanted.isalnum() else []


class PlateSearchMixin:
    """Lets the search of a page find a plate however it is typed, beside its `search_fields`."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)  # type: ignore[misc]
        wanted = plates.key(search_term)
        if len(wanted) >= plates.SHORTEST and wanted.isalnum():
            found = found | queryset.filter(plate_key__startswith=wanted)
        return found, duplicates


def multiplier(ppm: int) -> str:
    """1,200,000 as `× 1.2`."""
    return "× 1" if ppm == ONE else f"× {ppm / ONE:g}"
