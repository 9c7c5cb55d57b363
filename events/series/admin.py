"""The console's page of series, and the button that copies an event over dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from rest_framework.exceptions import ValidationError as Unfit
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import console_parts
from events.models import Event
from events.series import changing, copying
from events.series.dates import MOST, WEEK, WEEKDAYS, Rule
from events.series.models import EventSeries
from events.series.serializers import ChangeSeriesSerializer, RefusedSerializer
from trufan.lib import words
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, RuleForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _


class DaysField(forms.CharField):
    """Days, typed one a line."""

    def to_python(self, value: Any) -> Any:
        try:
            return [date.fromisoformat(each) for each in (super().to_python(value) or "").split()]
        except ValueError as wrong:
            raise ValidationError(gettext("Give days such as 2026-07-10, one a line."), "invalid") from wrong

    def validate(self, value: Any) -> None:
        if len(value) > MOST:
            raise ValidationError(gettext("Give at most {MOST} days.").format(MOST=MOST), "max_length")

    def run_validators(self, value: Any) -> None:
        """Which days they may be is the rule's business."""


class CopyForm(Answers):
    """Days, or every week on the same weekday until one."""

    days = DaysField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("Such as 2026-07-10, one a line. Or fill in the fields below."),
    )
    weekdays = forms.CharField(
        label=_("Every week on"),
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Such as fri sat. Empty: the event's own weekday."),
    )
    until = forms.DateField(
        required=False, widget=UnfoldAdminSingleDateWidget(), help_text=_("Up to and with this day.")
    )

    def clean_weekdays(self) -> tuple[str, ...]:
        given = tuple(self.cleaned_data["weekdays"].lower().replace(",", " ").split())
        if set(given) - set(WEEKDAYS):
            raise ValidationError(gettext("Choose from {WEEKDAYS}.").format(WEEKDAYS=" ".join(WEEKDAYS)), "invalid")
        return given

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and bool(given["days"]) == bool(given["until"]):
            raise ValidationError(gettext("Give days, or until when it is every week."))
        return given


def _copy(
    event: Event, by: Any, now: datetime, days: list[date], weekdays: tuple[str, ...], until: date | None
) -> None:
    if days:
        copying.copy_to_dates(event, days, by)
    else:
        copying.copy_by_rule(event, Rule(WEEK, weekdays, until=until), by)


console_parts.add_button(
    RowButton(
        name="copy",
        label=_("Copy over dates"),
        permission=Permission.MANAGE_EVENTS,
        run=_copy,
        consequence=_(
            "“{row}” is copied to each of these days, at the same time by the venue's clock, "
            "with its ticket types: as drafts, which nobody sees until they are published."
        ),
        done=_("“{row}” is copied. Its series has all of them."),
        form=CopyForm,
        icon="event_repeat",
    )
)


class ChangeForm(Answers):
    """One field, its new value, and from when on."""

    since = forms.DateField(widget=UnfoldAdminSingleDateWidget(), label=_("From this day on"))
    field = forms.ChoiceField(
        choices=lambda: [(name, words.name_of(name)) for name in changing.FIELDS if name != "configuration"],
        widget=UnfoldAdminSelectWidget(),
    )
    value = forms.CharField(
        widget=UnfoldAdminTextInputWidget(), help_text=_("A time is one on the clock, such as 20:00: days stay.")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        asked = ChangeSeriesSerializer(data={**given, "since": given["since"].isoformat()})
        try:
            asked.is_valid(raise_exception=True)
        except Unfit as wrong:
            raise ValidationError(" ".join(str(each) for words in asked.errors.values() for each in words)) from wrong
        return dict(asked.validated_data)


def _change(series: EventSeries, by: Any, now: datetime, **asked: Any) -> None:
    changing.change_rest(series, by, **asked)


def _figures(series: EventSeries, now: datetime, **asked: Any) -> str:
    """What it will do, event by event."""
    outcome = changing.preview(series, None, **asked)
    said = [gettext("{done} events change.").format(done=len(outcome.done))]
    zone = series.venue.zone
    for each in outcome.refused:
        why = RefusedSerializer(each).data["message"]
        said.append(f"{columns.local_time(each.event.starts_at, zone)} stays as it is: {why}")
    return "\n".join(said)


class SeriesForm(RuleForm):
    class Meta:
        model = EventSeries
        fields = ["name"]


@admin.register(EventSeries)
class EventSeriesAdmin(HistoryMixin, RuleSavedAdmin):
    """Events that were copied over dates, to be published and changed together."""

    form = SeriesForm
    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS

    list_display = ["name", "venue", "count", "first", "last"]
    list_filter = [VenueFilter]
    search_fields = ["name__icontains"]
    list_select_related = ["venue"]
    ordering = ["-created_at", "id"]
    fieldsets = [(None, {"fields": ["name", "venue"]})]
    buttons = [
        RowButton(
            name="publish",
            label=_("Publish all drafts"),
            permission=Permission.MANAGE_EVENTS,
            run=changing.publish_all,
            consequence=_(
                "Every draft of “{row}” that can be sold appears in the public list at once. The "
                "others stay drafts; each one's own page says why."
            ),
            done=_("Every draft of “{row}” that can be sold is published."),
            available=lambda series: series.events.filter(status=Event.Status.DRAFT).exists(),
            icon="campaign",
        ),
        RowButton(
            name="change",
            label=_("Change the rest"),
            permission=Permission.MANAGE_EVENTS,
            run=_change,
            consequence=_(
                "One thing is changed for every event of “{row}” from a day on. The next page says "
                "for how many; nothing changes before you confirm it there. Holders are told of new "
                "times, as always."
            ),
            done=_("The rest of “{row}” is changed."),
            form=ChangeForm,
            figures=_figures,
            icon="edit_calendar",
        ),
    ]

    first = columns.moment("first_starts_at", _("first"))
    last = columns.moment("last_starts_at", _("last"))

    @admin.display(description=_("events"))
    def count(self, row: Any) -> str:
        return (
            gettext("{events_count}, of them {drafts} drafts").format(events_count=row.events_count, drafts=row.drafts)
            if row.drafts
            else str(row.events_count)
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: Any = super().get_queryset(request)
        return rows.with_figures()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue"]

    def alter(self, row: EventSeries, by: Any, fields: dict[str, Any]) -> EventSeries:
        return changing.rename(row, by, **fields) if fields else row

    def sections(self, request: HttpRequest, row: EventSeries) -> Iterable[Section]:
        events = list(row.events.select_related("venue").order_by("starts_at", "pk"))
        yield Section(
            title=gettext("Events"),
            headers=[gettext("event"), gettext("starts"), gettext("status")],
            rows=[
                [
                    self.link(request, event),
                    columns.local_time(event.starts_at, row.venue.zone),
                    columns.label(event.status),
                ]
                for event in events
            ],
        )
        yield from history(self, request, row)
