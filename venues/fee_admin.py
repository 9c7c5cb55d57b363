"""The console's page of platform fees: super admins decide, the venue's staff may read what it is charged."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.grants import Permission
from audit.console import HistoryMixin
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.words import lazy as _
from venues import fees
from venues.models import FeeRule


class FeeRuleForm(AmountsForm):
    """A platform fee: an amount on each piece, and a share of its price in percent."""

    amounts = ("fixed",)
    rates = ("ppm",)

    class Meta:
        model = FeeRule
        fields = ["venue", "kind", "paid_by", "fixed", "ppm", "is_active"]
        labels = {"fixed": _("On each piece"), "ppm": _("Of its price")}

    def currency(self) -> str | None:
        venue = getattr(self, "cleaned_data", {}).get("venue")
        if venue is not None:
            return str(venue.currency)
        return None if self.instance._state.adding else self.instance.venue.currency


@admin.register(FeeRule)
class FeeRuleAdmin(HistoryMixin, RuleSavedAdmin):
    """What the platform charges, switched off rather than deleted."""

    form = FeeRuleForm
    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_VENUE
    can_add = True
    readers_see = {"fixed": "fixed_shown", "ppm": "rate"}

    list_display = ["venue", "kind", "paid_by", "fixed_shown", "rate", "is_active"]
    list_filter = [VenueFilter, "kind", "paid_by", "is_active"]
    search_fields = ["venue__name"]
    list_select_related = ["venue"]
    ordering = ["venue__name", "kind", "paid_by"]
    fields = ["venue", "kind", "paid_by", "fixed", "ppm", "is_active"]

    fixed_shown = columns.money("fixed", _("on each piece"), "venue.currency")

    @admin.display(description=_("of its price"), ordering="ppm")
    def rate(self, row: FeeRule) -> str:
        return f"{row.ppm / 10_000:g} %"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue", "kind", "paid_by"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> FeeRule:
        return fees.add(fields.pop("venue"), by, **fields)

    def alter(self, row: FeeRule, by: Any, fields: dict[str, Any]) -> FeeRule:
        return fees.change(row, by, **fields)
