"""The console's page of the vehicles that fans keep: theirs, so that super admins alone look one up."""

from __future__ import annotations

from django.contrib import admin

from parking.lots.console import PlateSearchMixin
from parking.vehicles.models import Vehicle
from trufan.lib.console import columns
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(Vehicle)
class VehicleAdmin(PlateSearchMixin, TenantModelAdmin):
    """Read-only: a fan's plates are changed by the fan."""

    list_display = ["plate", "name", "user", "height_cm", "is_electric", "is_default", "added"]
    list_filter = ["is_electric"]
    search_fields = ["user__email__istartswith"]
    search_help_text = _("Plate, or the e-mail address of its owner")
    list_select_related = ["user"]
    ordering = ["-created_at", "-id"]
    fields = ["plate", "name", "user", ("height_cm", "is_electric", "is_default"), "added"]
    readonly_fields = ["added"]

    added = columns.moment("created_at", _("added"))
