"""The console's page of stopped addresses. They are nobody's tenant: super admins alone."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.console import HistoryMixin
from notifications.models import Suppression
from notifications.refusals import lifting
from trufan.lib import words
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

_TWILIO = _(
    "The carrier may have stopped the number as well, and then lets nothing through until its owner writes START "
    "to our number."
)
_MAIL = _("Lift it at the provider too, if it stopped the address itself.")


class WordsForm(Answers):
    """How the owner said that they want to hear from us."""

    words = forms.CharField(
        label=_("How they said it"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept with their consent: by phone on Friday, in a letter."),
    )


def _consequence(row: Suppression) -> str:
    said = gettext("We write to {address} again ({channel}). Only its owner may ask for that.").format(
        address=row.address, channel=row.channel
    )
    return f"{said} {_TWILIO if row.channel == 'sms' else _MAIL}"


@admin.register(Suppression)
class SuppressionAdmin(HistoryMixin, TenantModelAdmin):
    """Addresses that are not written to, and why."""

    list_display = ["address", "channel", "because", "what", "stopped"]
    list_filter = ["channel", "reason"]
    search_fields = ["address__istartswith"]
    search_help_text = _("The address or number, from its beginning")
    ordering = ["-created_at"]
    fieldsets = [(None, {"fields": ["address", "channel", "because", "what", "detail", "stopped"]})]
    readonly_fields = ["because", "what", "stopped"]
    buttons = [
        RowButton(
            name="lift",
            label=_("Write to it again"),
            permission=None,
            run=lifting.lift,
            consequence=_consequence,
            done=_("{row.address} hears from us again."),
            form=WordsForm,
            icon="notifications_active",
        )
    ]

    because = columns.badge("reason", _("why"), {"complained": "danger", "stopped": "danger", "bounced": "warning"})
    stopped = columns.moment("created_at", _("since"))

    @admin.display(description=_("what"))
    def what(self, row: Suppression) -> str:
        return words.within(row.kind or "everything")

    def _after(self, request: HttpRequest, row: Suppression) -> str:
        """The list: the row is gone once it is lifted."""
        return self.list_url(Suppression)
