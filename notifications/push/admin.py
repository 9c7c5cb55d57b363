"""The console's page of devices. They are people's own: super admins alone read it, and nobody reads a token."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextInputWidget

from audit.console import HistoryMixin
from notifications.models import Device
from notifications.push import devices
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


class ReasonForm(Answers):
    """Why nothing shall be pushed there."""

    reason = forms.CharField(max_length=120, widget=UnfoldAdminTextInputWidget(), help_text=_("Its owner may read it."))


def _is_live(row: Device) -> bool:
    return row.retired_at is None


@admin.register(Device)
class DeviceAdmin(HistoryMixin, TenantModelAdmin):
    """Browsers and apps that are pushed to."""

    list_display = ["shown", "user", "kind", "last_seen", "state"]
    list_filter = ["kind", ("retired_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email__istartswith"]
    search_help_text = _("Its owner's e-mail address, from its beginning")
    list_select_related = ["user"]
    ordering = ["-last_seen_at"]
    fields = ["shown", "user", "kind", "registered", "last_seen", "retired", "retired_because"]
    readonly_fields = ["shown", "registered", "last_seen", "retired"]
    buttons = [
        RowButton(
            name="retire",
            label=_("Retire"),
            permission=None,
            run=devices.retire,
            consequence=_("Nothing is pushed to {row} any more, until its owner registers it again."),
            done=_("{row} is pushed to no more."),
            form=ReasonForm,
            available=_is_live,
            icon="notifications_off",
            is_destructive=True,
        )
    ]

    registered = columns.moment("created_at", _("registered"))
    last_seen = columns.moment("last_seen_at", _("last seen"))
    retired = columns.moment("retired_at", _("retired"))

    @admin.display(description=_("device"))
    def shown(self, row: Device) -> str:
        return str(row)

    @admin.display(description=_("state"))
    def state(self, row: Device) -> str:
        return row.retired_because or (gettext("retired") if row.retired_at else gettext("in use"))
