"""The console's page of waiting rooms: set up, watched, opened, closed, and people let in by hand."""

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
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import console_parts
from events.models import Event
from ticketing.waitingroom import admitting, numbers, running
from ticketing.waitingroom.models import WaitingRoom
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, VenueTimesForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _

CLOSED = WaitingRoom.Status.CLOSED
_HEADERS = [
    _("waiting"),
    _("in the shop"),
    _("bought"),
    _("left"),
    _("let their pass run out"),
    _("each takes"),
    _("a minute"),
]


class WaitingRoomForm(VenueTimesForm):
    """Times are read by the clock of the event's venue."""

    ruled = frozenset({"opens_at", "starts_at"})

    class Meta:
        model = WaitingRoom
        fields = [
            "event", "opens_at", "starts_at", "at_once", "batch", "pass_minutes", "orders_per_pass",
            "proof_of_work_bits",
        ]  # fmt: skip

    def venue_zone(self) -> ZoneInfo | None:
        event = self.cleaned_data.get("event") or (self.instance.event if self.instance.event_id else None)
        return event.venue.zone if event else None


class AdmitForm(Answers):
    """How many to let in."""

    people = forms.IntegerField(min_value=1, max_value=10_000, initial=50, widget=UnfoldAdminIntegerFieldWidget)


@admin.register(WaitingRoom)
class WaitingRoomAdmin(HistoryMixin, RuleSavedAdmin):
    """Fair sales: who came first, how many are in the shop, and how it goes."""

    form = WaitingRoomForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["event", "state", "opens", "starts", "at_once", "at"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event"]
    ordering = ["-starts_at", "id"]
    buttons = [
        RowButton(
            name="admit",
            label=_("Let people in"),
            permission=Permission.MANAGE_EVENTS,
            run=lambda row, by, now, people: admitting.admit_more(row, people, by, now),
            consequence=_(
                "The next so many in line get their pass at once, beyond the number that is "
                "otherwise allowed in the shop. A room that has not started starts: its order is "
                "drawn."
            ),
            done=_("The next in line for {row} were let in."),
            available=lambda room: room.is_shut,
            form=AdmitForm,
            icon="group_add",
        ),
        RowButton(
            name="close",
            label=_("Close"),
            permission=Permission.MANAGE_EVENTS,
            run=running.close,
            consequence=_(
                "The waiting room of “{row}” is switched off: everybody buys at once, without a "
                "pass. Places are kept for when it is opened again."
            ),
            done=_("The waiting room of “{row}” is closed."),
            available=lambda room: room.is_shut,
            icon="door_open",
            is_destructive=True,
        ),
        RowButton(
            name="open",
            label=_("Open again"),
            permission=Permission.MANAGE_EVENTS,
            run=running.reopen,
            consequence=_("From now on tickets for “{row}” need a pass again. Who had a place still has it."),
            done=_("The waiting room of “{row}” is open."),
            available=lambda room: room.status == CLOSED and room.event.is_on_sale(timezone.now()),
            icon="door_front",
        ),
    ]

    state = columns.badge("status", _("status"))
    opens = columns.moment("opens_at", _("opens"))
    starts = columns.moment("starts_at", _("starts"))
    began = columns.moment("began_at", _("began"))
    at = columns.venue_name()

    @admin.display(description=_("seed of the draw"))
    def seed_shown(self, row: WaitingRoom) -> str:
        return row.seed if row.began_at else gettext("shown once it began")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or obj.event.status in (obj.event.Status.DRAFT, obj.event.Status.PUBLISHED)
        return is_open and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        when = {"fields": ["opens_at", "starts_at"], "description": gettext("By the clock of the event's venue.")}
        pace = {"fields": [("at_once", "batch"), ("pass_minutes", "orders_per_pass"), "proof_of_work_bits"]}
        if obj is None:
            return [(None, {"fields": ["event"]}), (gettext("When"), when), (gettext("How"), pace)]
        draw = {"fields": ["began", "seed_hash", "seed_shown"], "classes": ["collapse"]}
        return [
            (None, {"fields": [("event", "state")]}),
            (gettext("When"), when),
            (gettext("How"), pace),
            (gettext("The draw"), draw),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event", "state", "began", "seed_hash", "seed_shown"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> WaitingRoom:
        return running.set_up(fields.pop("event"), by, timezone.now(), **fields)

    def alter(self, row: WaitingRoom, by: Any, fields: dict[str, Any]) -> WaitingRoom:
        return running.set_up(row.event, by, timezone.now(), **fields)

    def sections(self, request: HttpRequest, row: WaitingRoom) -> Iterable[Section]:
        yield Section(title=gettext("Now"), headers=_HEADERS, rows=[_in_numbers(row)])
        yield from history(self, request, row)


def _in_numbers(room: WaitingRoom) -> list[Any]:
    now = numbers.of(room)
    return [now.waiting, now.inside, now.done, now.left, now.expired, f"{now.seconds_each} s", now.a_minute]


def _room_of(event: Event) -> WaitingRoom | None:
    return WaitingRoom.objects.select_related("event").filter(event=event).first()


def on_the_events_page(page: Any, request: HttpRequest, event: Event) -> Iterable[Section]:
    """How the event's waiting room goes, or where one is set up."""
    room, may_manage = _room_of(event), page.may(request, Permission.MANAGE_EVENTS, event)
    add = reverse("admin:ticketing_waitingroom_add", query={"event": event.pk}) if may_manage and not room else ""
    yield Section(
        title=gettext("Waiting room"),
        headers=[gettext("room"), *_HEADERS],
        rows=[[page.link(request, room, columns.words(room.status)), *_in_numbers(room)]] if room else [],
        empty=gettext("Everybody buys at once. With a waiting room people are let in as fast as they check out."),
        link=add,
        link_label=gettext("Set up a waiting room"),
    )


def _close(event: Event, by: Any, now: datetime) -> None:
    running.close(event.waiting_room, by, now)


console_parts.add_sections(on_the_events_page)
console_parts.add_button(
    RowButton(
        name="close-waiting-room",
        label=_("Close waiting room"),
        permission=Permission.MANAGE_EVENTS,
        run=_close,
        consequence=_(
            "The waiting room of “{row}” is switched off: everybody buys at once, without a "
            "pass. Places are kept for when it is opened again, on the room's own page."
        ),
        done=_("The waiting room of “{row}” is closed."),
        available=lambda event: (room := _room_of(event)) is not None and room.is_shut,
        icon="door_open",
        is_destructive=True,
    )
)
