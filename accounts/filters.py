"""Filters of the list of people."""

from __future__ import annotations

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from accounts.models import Role, User
from trufan.lib.time_filter import TimeFilter


class UserFilter(filters.FilterSet):
    role = filters.ChoiceFilter(choices=Role.choices, help_text="Only people with this role.")
    is_active = filters.BooleanFilter(help_text="Only accounts that are switched on, or off.")
    email_verified = filters.BooleanFilter(
        method="by_email_verified", help_text="Only people whose address is proven, or not."
    )
    created_after = TimeFilter("created_at", "gte", help_text="Registered at this time or later.")
    created_before = TimeFilter("created_at", "lt", help_text="Registered before this time.")

    class Meta:
        model = User
        fields: list[str] = []

    def by_email_verified(self, queryset: QuerySet[User], name: str, value: bool) -> QuerySet[User]:
        return queryset.filter(email_verified_at__isnull=not value)
