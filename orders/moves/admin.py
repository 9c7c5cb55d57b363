"""The console's page of moves, and the button on an event's page that makes one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldBooleanSwitchWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import console_parts
from events.models import Event
from orders.moves import moving
from orders.moves.models import EventMove
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _
from venues.permissions import require


def _form_for(event: Event) -> type[Answers]:
    """Asks for times by the venue's clock."""
    zone = event.venue.zone

    class MoveForm(Answers):
        starts_at = forms.SplitDateTimeField(
            widget=UnfoldAdminSplitDateTimeWidget,
            label=gettext("New start"),
            help_text=gettext("By the clock of the venue ({time_zone}). Doors and end move along.").format(
                time_zone=event.venue.time_zone
            ),
        )
        answer_by = forms.SplitDateTimeField(
            widget=UnfoldAdminSplitDateTimeWidget,
            label=gettext("Buyers answer by"),
            help_text=gettext("Until then they may give their tickets back; who says nothing keeps them."),
        )
        parking = forms.BooleanField(
            required=False,
            initial=True,
            widget=UnfoldBooleanSwitchWidget,
            label=gettext("They may give parking back too"),
        )
        product = forms.BooleanField(
            required=False, initial=True, widget=UnfoldBooleanSwitchWidget, label=gettext("And food and merchandise")
        )
        keep_fees = forms.BooleanField(
            required=False, widget=UnfoldBooleanSwitchWidget, label=gettext("Keep the service fees of the tickets")
        )

        def clean_starts_at(self) -> datetime:
            return _by_clock(self.cleaned_data["starts_at"])

        def clean_answer_by(self) -> datetime:
            return _by_clock(self.cleaned_data["answer_by"])

    def _by_clock(read: datetime) -> datetime:
        return read.replace(tzinfo=zone)

    return MoveForm


def _move(
    event: Event, *, by: Any, now: datetime, starts_at: datetime, answer_by: datetime, parking: bool, product: bool,
    keep_fees: bool,
) -> EventMove:  # fmt: skip
    """The button needs both permissions: the page asks for one."""
    require(by, Permission.REFUND_ORDERS, event.venue_id)
    also = [kind for kind, goes in (("parking", parking), ("product", product)) if goes]
    return moving.move(event, starts_at=starts_at, answer_by=answer_by, also=also, keep_fees=keep_fees, by=by, now=now)


console_parts.add_button(
    RowButton(
        name="move",
        label=_("Move to another date"),
        permission=Permission.MANAGE_EVENTS,
        run=_move,
        consequence=_(
            "“{row}” begins at another time. Everybody who holds tickets is told, and buyers may "
            "give them back until the date that you name, whatever the refund policy says."
        ),
        done=_("“{row}” is moved, and everybody is told."),
        available=lambda event: event.status == Event.Status.PUBLISHED,
        form=_form_for,
        icon="event_repeat",
    )
)


@admin.register(EventMove)
class EventMoveAdmin(HistoryMixin, TenantModelAdmin):
    """Made on the event's page; here what its buyers answered."""

    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["event_name", "was", "is_now", "until", "kept_shown", "given_back_shown"]
    list_filter = [VenueFilter]
    search_fields = ["event__name__icontains"]
    list_select_related = ["event__venue"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["event_name", ("was", "is_now"), "until", "goes_with_it", "keep_fees"]}),
        (_("Answers"), {"fields": [("kept_shown", "given_back_shown")]}),
    ]
    readonly_fields = [
        "event_name", "was", "is_now", "until", "goes_with_it", "keep_fees", "kept_shown", "given_back_shown",
    ]  # fmt: skip

    was = columns.moment("was_starts_at", _("was to begin"))
    is_now = columns.moment("starts_at", _("begins"))
    until = columns.moment("answer_by", _("answers until"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_answers()  # type: ignore[attr-defined]

    @admin.display(description=_("event"))
    def event_name(self, row: EventMove) -> str:
        return str(row.event)

    @admin.display(description=_("goes back with the tickets"))
    def goes_with_it(self, row: EventMove) -> str:
        return ", ".join(row.also) or gettext("nothing else")

    @admin.display(description=_("keep"))
    def kept_shown(self, row: Any) -> int:
        return row.kept

    @admin.display(description=_("gave back"))
    def given_back_shown(self, row: Any) -> int:
        return row.given_back

    def sections(self, request: HttpRequest, row: Any) -> Iterable[Section]:
        answers = row.answers.select_related("order").order_by("-answered_at")[:100]
        yield Section(
            title=gettext("Answers"),
            headers=[gettext("order"), gettext("answer")],
            rows=[[self.link(request, each.order), columns.label(each.answer)] for each in answers],
            empty=gettext("Nobody answered yet."),
        )
        yield from history(self, request, row)
