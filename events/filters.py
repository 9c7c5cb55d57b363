"""What a list of events may be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.request import Request

from events import offers
from events.models import Event
from trufan.lib.errors import NotAuthenticated
from trufan.lib.listing import FilterSet, Ordering
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.time_filter import TimeFilter
from venues.query_filters import FlagFilter, WholeNumberFilter

#: What narrows a list by what only `offers` knows.
_BY_PRICE = ("price_min", "price_max", "available")
WHEN = [("upcoming", "not over yet"), ("past", "over"), ("all", "both")]


class _OrderlyForm(forms.Form):
    """A range has its ends in order."""

    def clean(self) -> dict:
        given = super().clean() or {}
        for least, most in (("price_min", "price_max"), ("starts_after", "starts_before")):
            low, high = given.get(least), given.get(most)
            if low is not None and high is not None and low > high:
                self.add_error(
                    most,
                    forms.ValidationError(gettext("This is less than {least}.").format(least=least), "out_of_order"),
                )
        return given


class EventOrdering(Ordering):
    """Events without a price come last in either direction, whatever the database makes of null."""

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> list[Any]:
        return [self._column(term) for term in super().get_ordering(request, queryset, view) or ["starts_at"]]

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        if "price_from" in request.query_params.get(self.ordering_param, ""):
            queryset = offers.priced(queryset, timezone.now())
        return super().filter_queryset(request, queryset, view)

    @staticmethod
    def _column(term: str) -> Any:
        column = F(term.removeprefix("-"))
        return column.desc(nulls_last=True) if term.startswith("-") else column.asc(nulls_last=True)


class EventFilter(FilterSet):
    venue = django_filters.UUIDFilter(field_name="venue_id")
    series = django_filters.UUIDFilter(field_name="series_id", help_text="Events that are copies of one another.")
    city = django_filters.CharFilter(field_name="venue__city", lookup_expr="iexact")
    category = django_filters.MultipleChoiceFilter(choices=Event.Category.choices)
    status = django_filters.MultipleChoiceFilter(
        choices=Event.Status.choices, help_text="With `mine`; everybody else's list has published events only."
    )
    starts_after = TimeFilter(field_name="starts_at", lookup_expr="gte", help_text="ISO 8601; UTC without an offset.")
    starts_before = TimeFilter(field_name="starts_at", lookup_expr="lt", help_text="ISO 8601; UTC without an offset.")
    when = django_filters.ChoiceFilter(
        choices=WHEN,
        method="beside",
        help_text="`upcoming` unless a date range is given, then `all`.",
    )
    price_min = WholeNumberFilter(
        field_name="price_to", lookup_expr="gte", min_value=0, max_value=MAX_AMOUNT,
        help_text="Some ticket costs at least this, all-in, in minor units of the venue's currency.",
    )  # fmt: skip
    price_max = WholeNumberFilter(
        field_name="price_from", lookup_expr="lte", min_value=0, max_value=MAX_AMOUNT,
        help_text="Some ticket costs at most this, all-in, in minor units of the venue's currency.",
    )  # fmt: skip
    available = FlagFilter(field_name="is_available", help_text="Whether some ticket can be bought now.")
    mine = FlagFilter(method="beside", help_text="Only events of venues where I work, drafts too.")

    class Meta:
        model = Event
        form = _OrderlyForm
        fields: list[str] = []

    def beside(self, events: QuerySet, name: str, value: object) -> QuerySet:
        """These are read together, in `filter_queryset`."""
        return events

    def filter_queryset(self, events: QuerySet) -> QuerySet:
        given = self.form.cleaned_data
        if any(given[name] is not None for name in _BY_PRICE):
            events = offers.priced(events, timezone.now())
        events = super().filter_queryset(self._whose(events, bool(given["mine"])))
        has_range = given["starts_after"] is not None or given["starts_before"] is not None
        match given["when"] or ("all" if has_range else "upcoming"):
            case "upcoming":
                return events.upcoming(timezone.now())
            case "past":
                return events.past(timezone.now())
        return events

    def _whose(self, events: QuerySet, mine: bool) -> QuerySet:
        if not mine:
            return events.published()
        if not self.request.user.is_authenticated:
            raise NotAuthenticated
        return events.visible_to(self.request.user)
