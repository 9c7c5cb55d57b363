"""The console's page of consents: who said yes or no to what, when and where. To read, for super admins alone."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext

from notifications.models import Consent
from trufan.lib import words
from trufan.lib.console import columns
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(Consent)
class ConsentAdmin(TenantModelAdmin):
    """The proof, where somebody asks why they were written to. It is never changed."""

    list_display = ["whom", "answer", "about", "channel", "source", "said"]
    list_filter = ["source", "channel", "wanted"]
    list_select_related = ["user"]
    search_fields = ["address__istartswith", "user__email__istartswith"]
    search_help_text = _("The address or number, from its beginning")
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["whom", "answer", "about", "channel", "source", "words", "ip_address", "said"]}),
    ]
    readonly_fields = ["whom", "answer", "about", "said"]

    said = columns.moment("created_at", _("said"))

    @admin.display(description=_("who"))
    def whom(self, row: Consent) -> str:
        return row.address or (row.user.email if row.user else gettext("erased"))

    @admin.display(description=_("answer"))
    def answer(self, row: Consent) -> str:
        return gettext("yes") if row.wanted else gettext("no")

    @admin.display(description=_("about"))
    def about(self, row: Consent) -> str:
        return words.within(row.kind or "everything")
