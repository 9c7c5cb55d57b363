"""What lists of lots and of their parts may be narrowed by."""

from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from events.models import Event
from parking.lots.finding import window_of, with_room
from parking.lots.models import ParkingCapacity, ParkingLot, ParkingSpace, SpaceKind
from parking.pricing.models import PriceChange
from trufan.lib.errors import Invalid, NotAuthenticated
from trufan.lib.listing import FilterSet
from trufan.lib.time_filter import TimeFilter
from venues.filters import NearFilterSet
from venues.query_filters import FlagFilter, WholeNumberFilter


class LotFilter(NearFilterSet):
    venue = django_filters.UUIDFilter(field_name="venue_id")
    event = django_filters.UUIDFilter(method="filter_event", help_text="Lots of the venue where this event is.")
    kind = django_filters.ChoiceFilter(
        choices=SpaceKind.choices, method="filter_kind", help_text="Lots that have spaces of this kind."
    )
    amenities = django_filters.MultipleChoiceFilter(
        choices=ParkingLot.Amenity.choices, method="filter_amenities", help_text="Lots that have all of these."
    )
    height_cm = WholeNumberFilter(
        method="filter_height", min_value=50, max_value=2_000, help_text="Lots that a car of this height fits into."
    )
    starts_at = TimeFilter(
        method="beside", help_text="With `ends_at`: what is free then. ISO 8601; UTC without offset."
    )
    ends_at = TimeFilter(method="beside", help_text="Until when.")
    available = FlagFilter(
        method="beside", help_text="Whether a space, of the kind if one is named, is free for the window, else now."
    )
    mine = FlagFilter(method="beside", help_text="Only lots of venues where I work, drafts and closed ones too.")

    class Meta(NearFilterSet.Meta):
        model = ParkingLot
        fields: list[str] = []

    def filter_event(self, lots: QuerySet, name: str, value: UUID) -> QuerySet:
        event = Event.objects.readable_by(self.request.user).filter(pk=value).only("venue_id").first()
        if event is None:
            raise Invalid.field(name, "There is no such event.", "not_found")
        return lots.filter(venue_id=event.venue_id)

    def filter_kind(self, lots: QuerySet, name: str, value: str) -> QuerySet:
        return lots.filter(Exists(ParkingCapacity.objects.filter(lot=OuterRef("pk"), kind=value, spaces__gt=0)))

    def filter_amenities(self, lots: QuerySet, name: str, value: list[str]) -> QuerySet:
        for amenity in value:
            # Each is a word of a closed list, so that in quotes it is found as a whole on either database.
            lots = lots.filter(amenities__icontains=f'"{amenity}"')
        return lots

    def filter_height(self, lots: QuerySet, name: str, value: int) -> QuerySet:
        return lots.filter(Q(height_limit_cm=None) | Q(height_limit_cm__gte=value))

    def filter_queryset(self, lots: QuerySet) -> QuerySet:
        given, now = self.form.cleaned_data, timezone.now()
        window = window_of(self.data, now)
        lots = self.near(super().filter_queryset(self._whose(lots, bool(given["mine"]))))
        if given["available"] is None:
            return lots
        free = with_room(lots, window, given["kind"], now)
        return lots.filter(pk__in=free) if given["available"] else lots.exclude(pk__in=free)

    def _whose(self, lots: QuerySet, mine: bool) -> QuerySet:
        if not mine:
            return lots.open()
        if not self.request.user.is_authenticated:
            raise NotAuthenticated
        return lots.visible_to(self.request.user)


class SpaceFilter(FilterSet):
    kind = django_filters.ChoiceFilter(choices=SpaceKind.choices)
    level = django_filters.CharFilter()
    is_active = FlagFilter()
    is_taken = FlagFilter(help_text="Whether a car stands on it.")

    class Meta:
        model = ParkingSpace
        fields: list[str] = []


class PriceChangeFilter(FilterSet):
    kind = django_filters.ChoiceFilter(field_name="capacity__kind", choices=SpaceKind.choices)
    since = TimeFilter(field_name="at", lookup_expr="gte", help_text="ISO 8601; UTC without an offset.")
    until = TimeFilter(field_name="at", lookup_expr="lt", help_text="ISO 8601; UTC without an offset.")

    class Meta:
        model = PriceChange
        fields: list[str] = []
