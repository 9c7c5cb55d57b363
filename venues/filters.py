"""What lists of venues and of their staff may be narrowed by."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext

from trufan.lib.errors import NotAuthenticated
from trufan.lib.listing import FilterSet
from venues.geography import FARTHEST, Circle, nearest
from venues.models import TaxRate, Venue, VenueStaff
from venues.query_filters import FlagFilter, WholeNumberFilter

DEFAULT_RADIUS = 50_000


class NearForm(forms.Form):
    """A point has two coordinates, and a radius is around a point."""

    def clean(self) -> dict:
        given = super().clean() or {}
        if self.errors:
            return given
        point = {name: given.get(name) for name in ("latitude", "longitude")}
        missing = [name for name, value in point.items() if value is None]
        if len(missing) == 1:
            self.add_error(
                missing[0], forms.ValidationError(gettext("Give latitude and longitude together."), "required")
            )
        elif missing and given.get("radius") is not None:
            self.add_error(
                "radius", forms.ValidationError(gettext("Give latitude and longitude with a radius."), "required")
            )
        return given


class DegreesFilter(django_filters.NumberFilter):
    """An angle in WGS 84 degrees."""

    field_class = forms.FloatField

    def get_max_validator(self) -> None:
        return None


class NearFilterSet(FilterSet):
    """Rows around a point: read together by `near`, not one by one."""

    latitude = DegreesFilter(method="beside", min_value=-90, max_value=90, help_text="WGS 84 degrees.")
    longitude = DegreesFilter(method="beside", min_value=-180, max_value=180, help_text="WGS 84 degrees.")
    radius = WholeNumberFilter(
        method="beside",
        min_value=1,
        max_value=FARTHEST,
        help_text=f"Metres around the point; {DEFAULT_RADIUS} if not given.",
    )

    class Meta:
        form = NearForm

    def beside(self, rows: QuerySet, name: str, value: object) -> QuerySet:
        """What is read together with others, in `filter_queryset`."""
        return rows

    def near(self, rows: QuerySet) -> QuerySet:
        """Those within the radius, nearest first; all of them when no point was given."""
        given = self.form.cleaned_data
        if given["latitude"] is None:
            return rows
        return nearest(rows, Circle(given["latitude"], given["longitude"], given["radius"] or DEFAULT_RADIUS))


class VenueFilter(NearFilterSet):
    city = django_filters.CharFilter(lookup_expr="iexact")
    country = django_filters.CharFilter(lookup_expr="iexact", max_length=2, help_text="ISO 3166-1 alpha-2.")
    mine = FlagFilter(method="beside", help_text="Only venues where I work, closed ones too.")

    class Meta(NearFilterSet.Meta):
        model = Venue
        fields: list[str] = []

    def filter_queryset(self, venues: QuerySet) -> QuerySet:
        mine = bool(self.form.cleaned_data["mine"])
        return self.near(super().filter_queryset(self._whose(venues, mine)))

    def _whose(self, venues: QuerySet, mine: bool) -> QuerySet:
        if not mine:
            return venues.active()
        if not self.request.user.is_authenticated:
            raise NotAuthenticated
        return venues.visible_to(self.request.user)


class StaffFilter(FilterSet):
    role = django_filters.MultipleChoiceFilter(choices=VenueStaff.Role.choices)
    is_active = FlagFilter()

    class Meta:
        model = VenueStaff
        fields: list[str] = []


class TaxRateFilter(FilterSet):
    category = django_filters.ChoiceFilter(choices=TaxRate.Category.choices)
    is_active = FlagFilter()

    class Meta:
        model = TaxRate
        fields: list[str] = []
