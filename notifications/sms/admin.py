"""The console's pages of short messages: what people wrote to the venue, and the numbers that are ours."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget

from audit.console import HistoryMixin
from notifications.models import InboundMessage, SmsNumber
from notifications.sms import numbers
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import RuleForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: What `accounts.grants.Permission` calls them; accounts stand above this app.
VIEW_ORDERS, RUN_PARKING, VIEW_VENUE = "view_orders", "run_parking", "view_venue"
_SHOWS_NUMBER = "_console_shows_number"
#: What opens a stay, in an answer.
_CODE = re.compile(r"(access_code=)\w+")


@admin.register(InboundMessage)
class InboundMessageAdmin(TenantModelAdmin):
    """Messages to the numbers of a venue. Who runs its parking reads them; whose number it is sees who sees its orders.

    What was written to the platform's number is for super admins.
    """

    venue_lookup = "venue_id"
    view_permission = (VIEW_ORDERS, RUN_PARKING)

    list_display = ["at_time", "from_number", "body_shown", "means", "word", "answer_shown", "at"]
    list_filter = [VenueFilter, "meaning"]
    search_fields = ["sender__startswith"]
    search_help_text = _("The sender's number, from its beginning: +1212")
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["from_number", "recipient", "at", "at_time"]}),
        (_("Message"), {"fields": ["body_shown", "means", "word", "opt_out"]}),
        (_("Answer"), {"fields": ["answer_shown", "segments", "answered"]}),
    ]
    readonly_fields = ["from_number", "at", "at_time", "body_shown", "means", "answer_shown", "answered"]

    at = columns.venue_name()
    at_time = columns.moment("created_at", _("came"))
    answered = columns.moment("handled_at", _("answered"))
    means = columns.badge("meaning", _("meaning"), {"command": "success", "stop": "danger", "unknown": "warning"})

    def attach_label(self, request: HttpRequest, row: Model) -> None:
        super().attach_label(request, row)
        setattr(row, _SHOWS_NUMBER, self.may(request, VIEW_ORDERS, row))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Numbers are searched only where they are shown: else a search would tell them."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return (self._keep(request, found, VIEW_ORDERS) if search_term else found), may_repeat

    @admin.display(description=_("from"))
    def from_number(self, row: InboundMessage) -> str:
        if not row.sender:
            return "–"
        return row.sender if getattr(row, _SHOWS_NUMBER, False) else numbers.mask(row.sender)

    @admin.display(description=_("message"))
    def body_shown(self, row: InboundMessage) -> str:
        return row.body or ("–" if row.sender else "forgotten")

    @admin.display(description=_("answer"))
    def answer_shown(self, row: InboundMessage) -> str:
        if row.answer:
            return _CODE.sub(r"\1…", row.answer)
        return "none" if not row.segments else "forgotten"


class SmsNumberForm(RuleForm):
    """A number, and whose it is."""

    venue_id = forms.TypedChoiceField(
        label=_("Venue"),
        required=False,
        coerce=lambda given: UUID(str(given)),
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
        help_text=_("None: the platform's, for venues without a number of their own."),
    )

    class Meta:
        model = SmsNumber
        fields = ["number", "venue_id", "is_active"]


@admin.register(SmsNumber)
class SmsNumberAdmin(HistoryMixin, RuleSavedAdmin):
    """Numbers rented at the provider. Super admins list them; a venue reads its own."""

    venue_lookup = "venue_id"
    view_permission = VIEW_VENUE
    can_add = True
    form = SmsNumberForm

    list_display = ["number", "at", "is_active", "added"]
    list_filter = [VenueFilter, "is_active"]
    search_fields = ["number__startswith"]
    search_help_text = _("The number, from its beginning: +1212")
    ordering = ["number"]
    fieldsets = [(None, {"fields": ["number", "venue_id", "is_active"]})]
    readers_see = {"venue_id": "at"}

    at = columns.venue_name()
    added = columns.moment("created_at", _("added"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["at", "number"] if obj else ["at"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("venue_id")
        if isinstance(field, forms.ChoiceField):
            labels = sorted(venue_labels.of_request(request).values(), key=lambda label: label.name.casefold())
            field.choices = [("", gettext("The platform")), *((str(label.id), label.name) for label in labels)]
        return form

    def create(self, by: Any, fields: dict[str, Any]) -> SmsNumber:
        return numbers.add(**fields, by=by)

    def alter(self, row: SmsNumber, by: Any, fields: dict[str, Any]) -> SmsNumber:
        return numbers.change(row, by=by, **fields)
