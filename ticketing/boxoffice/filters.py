"""What lists of the box office may be narrowed by."""

from __future__ import annotations

import django_filters

from ticketing.boxoffice.models import Comp, DoorSale, HouseHold
from trufan.lib.listing import FilterSet


class HouseHoldFilter(FilterSet):
    ticket_type = django_filters.UUIDFilter()
    is_over = django_filters.BooleanFilter(field_name="released_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = HouseHold
        fields: list[str] = []


class CompFilter(FilterSet):
    house_hold = django_filters.UUIDFilter()

    class Meta:
        model = Comp
        fields: list[str] = []


class DoorSaleFilter(FilterSet):
    method = django_filters.MultipleChoiceFilter(choices=DoorSale.Method.choices)
    sold_by = django_filters.UUIDFilter()

    class Meta:
        model = DoorSale
        fields: list[str] = []
