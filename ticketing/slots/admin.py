"""The console's page of entry slots, and the button on an event's page that makes a row of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import console_parts
from events.models import Event
from ticketing.slots import timetable
from ticketing.slots.models import EntrySlot
from ticketing.slots.serializers import MAX_CAPACITY
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, VenueTimesForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _

#: Of an event, as many stand on its page.
SHOWN = 40


class EntrySlotForm(VenueTimesForm):
    """Times are read by the venue's clock."""

    ruled = frozenset({"starts_at", "ends_at", "capacity"})

    class Meta:
        model = EntrySlot
        fields = ["event", "starts_at", "ends_at", "capacity"]

    def venue_zone(self) -> ZoneInfo | None:
        event = getattr(self, "cleaned_data", {}).get("event") or (self.instance.event_id and self.instance.event)
        return event.venue.zone if event else None


@admin.register(EntrySlot)
class EntrySlotAdmin(HistoryMixin, RuleSavedAdmin):
    """When people come in, and how many of them."""

    form = EntrySlotForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["starts", "ends", "event", "sold", "held", "capacity", "at"]
    list_filter = [VenueFilter]
    search_fields = ["event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event"]
    ordering = ["-event__starts_at", "starts_at"]

    starts = columns.moment("starts_at", _("from"))
    ends = columns.moment("ends_at", _("until"))
    at = columns.venue_name()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["event", "starts_at", "ends_at", "capacity"]
        return [(None, {"fields": fields if obj is None else [*fields, ("sold", "held")]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event", "sold", "held"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> EntrySlot:
        return timetable.create(fields.pop("event"), by, **fields)

    def alter(self, row: EntrySlot, by: Any, fields: dict[str, Any]) -> EntrySlot:
        return timetable.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: EntrySlot) -> Iterable[Section]:
        yield from history(self, request, row)


class SlotsForm(Answers):
    """A row of slots."""

    begin = forms.TimeField(label=_("First one at"), widget=UnfoldAdminTextInputWidget(), help_text=_("Such as 10:00."))
    end = forms.TimeField(
        label=_("Last one over by"), widget=UnfoldAdminTextInputWidget(), help_text=_("Such as 18:00.")
    )
    every = forms.IntegerField(
        label=_("Minutes from one to the next"),
        min_value=1,
        max_value=timetable.LONGEST,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    capacity = forms.IntegerField(
        label=_("People in each"), min_value=1, max_value=MAX_CAPACITY, widget=UnfoldAdminIntegerFieldWidget()
    )


def _generate(event: Event, by: Any, now: datetime, **asked: Any) -> None:
    timetable.generate(event, by, **asked)


def _slots(page: Any, request: HttpRequest, event: Event) -> Iterable[Section]:
    slots = list(event.slots.order_by("starts_at")[:SHOWN])
    if not slots:
        return
    for slot in slots:
        slot.event = event
    yield Section(
        title=gettext("Entry slots"),
        headers=[gettext("from"), gettext("sold"), gettext("held"), gettext("left")],
        rows=[[page.link(request, slot), slot.sold, slot.held, slot.left] for slot in slots],
        link=reverse("admin:ticketing_entryslot_changelist", query={"q": event.name}),
        link_label=gettext("All of them"),
    )


console_parts.add_sections(_slots)
console_parts.add_button(
    RowButton(
        name="slots",
        label=_("Make entry slots"),
        permission=Permission.MANAGE_EVENTS,
        run=_generate,
        consequence=_(
            "“{row}” gets a row of entry slots on its first day, by the venue's clock. Ticket "
            "types that need one are sold for one of them."
        ),
        done=_("“{row}” has its entry slots."),
        available=lambda event: event.status in (Event.Status.DRAFT, Event.Status.PUBLISHED),
        form=SlotsForm,
        icon="more_time",
    )
)
