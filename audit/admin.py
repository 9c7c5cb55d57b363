"""The console's page of the audit trail: read-only, each venue's entries for those who may read them."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.console import VIEW_AUDIT, said
from audit.models import AuditLog
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.tenancy import TenantModelAdmin


@admin.register(AuditLog)
class AuditLogAdmin(TenantModelAdmin):
    """Entries that name no venue are for super admins."""

    venue_lookup = "venue_id"
    view_permission = VIEW_AUDIT

    list_display = ["when", "action", "who", "entity", "changes", "at"]
    list_filter = [VenueFilter]
    search_fields = ["action__istartswith", "correlation_id", "actor__email"]
    search_help_text = "An action (order.refunded), a correlation id, or the e-mail address of who acted"
    list_select_related = ["actor"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["when", "action", "who", "entity_link", "at"]}),
        ("What changed", {"fields": ["before", "after"]}),
        ("From where", {"fields": ["ip_address", "user_agent", "correlation_id", "digest"]}),
    ]
    readonly_fields = ["when", "who", "entity_link", "at", "before", "after"]

    when = columns.moment("created_at", "when")
    at = columns.venue_name()

    @admin.display(description="who", ordering="actor")
    def who(self, row: AuditLog) -> str:
        return str(row.actor or "TruFan")

    @admin.display(description="about", ordering="entity_type")
    def entity(self, row: AuditLog) -> str:
        return row.entity_type.rpartition(".")[2]

    @admin.display(description="what changed")
    def changes(self, row: AuditLog) -> str:
        return said(row.new_values, row)

    @admin.display(description="before")
    def before(self, row: AuditLog) -> SafeString:
        return _json(row.old_values)

    @admin.display(description="after")
    def after(self, row: AuditLog) -> SafeString:
        return _json(row.new_values)

    @admin.display(description="about")
    def entity_link(self, row: AuditLog) -> str:
        """The row it is about, linked where there is a page of its table; that page asks for itself who may look."""
        name = f"{self.entity(row)} {row.entity_id or ''}".strip()
        model = _model(row.entity_type)
        if model is None or row.entity_id is None or not self.admin_site.is_registered(model):
            return name
        return columns.anchor(columns.change_url(model(pk=row.entity_id)), name)


def _model(entity_type: str) -> Any:
    app_label, _, model_name = entity_type.partition(".")
    return apps.all_models.get(app_label, {}).get(model_name)


def _json(values: dict[str, Any]) -> SafeString:
    return format_html('<pre class="whitespace-pre-wrap">{}</pre>', json.dumps(values, indent=2, ensure_ascii=False))
