"""The console's page of reports by e-mail, below which the screens of all reports hang."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import update_wrapper
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import grants
from accounts.grants import Permission
from accounts.models import User
from audit.console import HistoryMixin, history
from reports import registry, screens
from reports.schedules import keeping, sending
from reports.schedules.models import ReportSchedule
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import PlainJSON, RuleForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues.models import Venue

SHOWN = 20


class ReportScheduleForm(RuleForm):
    """What is sent, to whom, when. The rule looks whether the report can be asked so."""

    filters = PlainJSON(required=False, help_text=_('What it is narrowed to, such as {"channel": "door"}; empty: all.'))
    report = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    group_by = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        label=_("Rows by"),
        help_text=_("As the report's own address says it, such as day or event; empty: its usual rows."),
    )
    recipients = forms.ModelMultipleChoiceField(
        User.objects.none(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Staff who may read the venue's reports; whoever may not any more gets nothing."),
    )

    class Meta:
        model = ReportSchedule
        fields = [
            "venue", "name", "report", "group_by", "filters", "period", "compare", "file", "cadence", "weekday",
            "month_day", "hour", "recipients",
        ]  # fmt: skip

    #: The venues whose staff may be chosen; set by the page.
    venues: Iterable[UUID] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "report" in self.fields:
            field: Any = self.fields["report"]
            field.choices = [(each.key, each.title) for each in registry.all_reports()]
        if "recipients" in self.fields:
            people = {
                person.pk
                for venue_id in self.venues
                for person in grants.holders_of([Permission.VIEW_REPORTS], venue_id)
            }
            chosen: Any = self.fields["recipients"]
            chosen.queryset = User.objects.filter(pk__in=people).order_by("email")


def _send(row: ReportSchedule, by: Any, now: datetime) -> None:
    row.sent_to = sending.send_now(row, by=by, now=now).sent_to  # type: ignore[attr-defined]


def _consequence(row: ReportSchedule) -> str:
    words = gettext(
        "It goes by e-mail, at once, to those of its {count} recipients who may read it. Its due times stay."
    )
    return words.format(count=row.recipients.count())


@admin.register(ReportSchedule)
class ReportScheduleAdmin(HistoryMixin, RuleSavedAdmin):
    """Reports that a venue sends by itself, and the way to read them here."""

    form = ReportScheduleForm
    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_REPORTS
    change_permission = Permission.VIEW_REPORTS
    can_add = True

    list_display = ["name", "report", "cadence", "next_shown", "last_shown", "last_result", "is_active", "at"]
    list_filter = [VenueFilter, "cadence", "is_active"]
    search_fields = ["name__icontains"]
    list_select_related = ["venue"]
    ordering = ["name", "id"]
    readonly_fields = ["next_shown", "last_shown", "last_result", "made_by", "at"]
    buttons = [
        RowButton(
            name="send",
            label=_("Send now"),
            permission=Permission.VIEW_REPORTS,
            run=_send,
            consequence=_consequence,
            done=_("{row.name} is on its way. Recipients: {row.sent_to}."),
            icon="send",
        ),
        RowButton(
            name="pause",
            label=_("Pause"),
            permission=Permission.VIEW_REPORTS,
            run=lambda row, by, now: keeping.pause(row, by=by, now=now),
            consequence=_("{row.name} is not sent any more until it is resumed. What is due meanwhile is left out."),
            done=_("{row.name} is paused."),
            available=lambda row: row.is_active,
            icon="pause",
        ),
        RowButton(
            name="resume",
            label=_("Resume"),
            permission=Permission.VIEW_REPORTS,
            run=lambda row, by, now: keeping.resume(row, by=by, now=now),
            consequence=_("{row.name} is sent again from its next due time on."),
            done=_("{row.name} is sent again."),
            available=lambda row: not row.is_active,
            icon="play_arrow",
        ),
    ]

    at = columns.venue_name()
    next_shown = columns.moment("next_run_at", _("next"))
    last_shown = columns.moment("last_run_at", _("last sent"))

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Any) -> Any:
            return update_wrapper(self.admin_site.admin_view(view), view)

        return [*screens.urls(wrap), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        what = ["name", "report", ("group_by", "compare"), "filters", ("period", "file")]
        fieldsets: list[Any] = [
            (None, {"fields": ["venue", *what] if obj is None else [*what, "at"]}),
            (gettext("When"), {"fields": ["cadence", ("weekday", "month_day", "hour")]}),
            (gettext("To whom"), {"fields": ["recipients"]}),
        ]
        if obj is not None:
            fieldsets.append((gettext("So far"), {"fields": ["next_shown", "last_shown", "last_result", "made_by"]}))
        return fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("ReportScheduleFormHere", (form,), {"venues": self._offered(request, obj)})

    def _offered(self, request: HttpRequest, row: ReportSchedule | None) -> list[UUID]:
        """Whose staff may be chosen: the row's venue's, or those of the venues that the person reads."""
        if row is not None:
            return [row.venue_id]
        user: Any = request.user
        if user.is_superuser:
            return list(Venue.objects.values_list("pk", flat=True))
        return sorted(user.venues_where(Permission.VIEW_REPORTS))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"recipients": [request.user.pk], **super().get_changeform_initial_data(request)}

    def create(self, by: Any, fields: dict[str, Any]) -> ReportSchedule:
        return keeping.create(fields.pop("venue"), **_plain(fields), by=by, now=timezone.now())

    def alter(self, row: ReportSchedule, by: Any, fields: dict[str, Any]) -> ReportSchedule:
        return keeping.change(row, **_plain(fields), by=by, now=timezone.now())

    def sections(self, request: HttpRequest, row: ReportSchedule) -> Iterable[Section]:
        zone = columns.zone_of(row)
        yield Section(
            title=gettext("Sent"),
            headers=[gettext("due"), gettext("days"), gettext("recipients")],
            rows=[
                [columns.local_time(each.due_at, zone), f"{each.since} to {each.until}", each.sent_to]
                for each in row.deliveries.all()[:SHOWN]
            ],
            empty=gettext("Nothing was sent yet."),
            link=screens.report_url(registry.find(row.report), at=row.venue_id),
            link_label=gettext("Read it here"),
        )
        yield from history(self, request, row)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    people = {"recipients": list(fields["recipients"])} if "recipients" in fields else {}
    return {**fields, **people}
