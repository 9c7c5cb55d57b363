"""What lists of payments can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from payments.models import Payment
from trufan.lib.time_filter import TimeFilter


class PaymentFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=Payment.Status.choices, help_text="Any of these.")
    payable = filters.UUIDFilter(field_name="payable_id", help_text="Payments for this order.")
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Payment
        fields: list[str] = []
