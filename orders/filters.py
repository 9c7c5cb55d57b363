"""What a list of orders may be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from orders.models import Order
from trufan.lib.time_filter import TimeFilter


class OrderFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Order.Status.choices)
    channel = filters.MultipleChoiceFilter(choices=Order.Channel.choices)
    placed_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    placed_before = TimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields: list[str] = []
