"""The console's page of the audit trail: read-only, each venue's entries for those who may read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from audit.browsing import changes, screen
from audit.browsing.questions import Question, page
from audit.console import VIEW_AUDIT
from audit.models import AuditLog
from trufan.lib.console import columns
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: Entries of the same request that an entry's page shows; all of them stand in the browser.
_SHOWN = 30


@admin.register(AuditLog)
class AuditLogAdmin(TenantModelAdmin):
    """Entries that name no venue are for super admins. The list is the browser of `audit.browsing.screen`."""

    venue_lookup = "venue_id"
    view_permission = VIEW_AUDIT

    list_display = ["when", "action", "who"]
    search_fields = ["correlation_id"]
    list_select_related = ["actor"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["when", "action", "who", "entity_link", "at"]}),
        (_("What changed"), {"fields": ["changed"]}),
        (_("From where"), {"fields": ["ip_address", "user_agent", "correlation_id", "digest"]}),
    ]
    readonly_fields = ["when", "who", "entity_link", "at", "changed"]

    when = columns.moment("created_at", _("when"))
    at = columns.venue_name()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return screen.show(self, request)

    @admin.display(description=_("who"), ordering="actor")
    def who(self, row: AuditLog) -> str:
        return str(row.actor or "TruFan")

    @admin.display(description=_("values"))
    def changed(self, row: AuditLog) -> SafeString:
        return render_to_string("admin/audit/diff.html", {"changes": changes.of(row)})

    @admin.display(description=_("about"))
    def entity_link(self, row: AuditLog) -> Any:
        return screen.about(self, row)

    def sections(self, request: HttpRequest, row: AuditLog) -> Iterable[Section]:
        if not row.correlation_id:
            return
        mine = None if request.user.is_superuser else [row.venue_id] if row.venue_id else []
        found = page(Question(venue_ids=mine, correlation_id=row.correlation_id), _SHOWN)
        yield Section(
            title=gettext("The same request"),
            headers=[gettext("when"), gettext("who"), gettext("what"), gettext("about")],
            rows=[
                [
                    columns.anchor(
                        columns.change_url(entry), columns.local_time(entry.created_at, columns.zone_of(row))
                    ),
                    self.who(entry),
                    entry.action,
                    screen.about(self, entry),
                ]
                for entry in found.entries
                if entry.pk != row.pk
            ],
            empty=gettext("This entry is all that the request did."),
        )
