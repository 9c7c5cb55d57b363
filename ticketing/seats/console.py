"""The seats on an event's page of the console: its plan and prices, what is kept from sale, and the picture."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import update_wrapper
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.grants import Permission
from events import console_parts
from events.models import Event
from ticketing.models import EventSeat, EventSeating
from ticketing.seats import keeping, pictures, planning, price_lines
from ticketing.seats.serializers import counts
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _
from venues.models import SeatingPlan

OPEN = frozenset({Event.Status.DRAFT, Event.Status.PUBLISHED})


def seating_form(event: Event) -> type[Answers]:
    """Asks for a plan of the event's venue and for the prices, as they are now."""
    seating = EventSeating.objects.filter(event=event).first()
    types = dict(event.ticket_types.order_by("position", "name").values_list("name", "pk"))
    used = Q(pk=seating.plan_id) if seating else Q()
    plans = SeatingPlan.objects.filter(Q(is_active=True) | used, venue=event.venue_id).order_by("name")

    class SeatingAnswers(Answers):
        plan = forms.ModelChoiceField(
            queryset=plans, widget=UnfoldAdminSelectWidget, initial=seating.plan_id if seating else None
        )
        prices = forms.CharField(
            required=False,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
            initial=price_lines.written(seating.prices, types) if seating else "",
            help_text=gettext(
                "A line each, later ones win: “112 = Gold”, “112: A, B = Platinum”, “seats 112-C-1, "
                "112-C-2 = Gold”. This event's ticket types: {types}."
            ).format(types=", ".join(types) or "none yet"),
        )

        def clean_prices(self) -> list[dict[str, Any]]:
            rules, wrong = price_lines.read(self.cleaned_data["prices"], types)
            if wrong:
                raise forms.ValidationError(wrong)
            return rules

    return SeatingAnswers


class KeepAnswers(Answers):
    """Which seats, and what becomes of them."""

    seats = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Labels with commas or line breaks between them. 112-A-* is all of row A."),
    )
    status = forms.ChoiceField(
        choices=[("blocked", "Blocked: nobody sits there"), ("house", "The house's"), ("free", "Free, for sale again")],
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Why, unless they become free. Kept in the audit trail; don't name people here."),
    )

    def clean_seats(self) -> list[str]:
        words = self.cleaned_data["seats"].replace("\n", ",").split(",")
        return [" ".join(each.split()).upper() for each in words if each.strip()]


def _assign(event: Event, *, by: Any, now: datetime, plan: SeatingPlan, prices: list[dict[str, Any]]) -> None:
    planning.assign(event, plan, prices, by)


def _remove(event: Event, *, by: Any, now: datetime) -> None:
    planning.remove(event, by)


def _keep(event: Event, *, by: Any, now: datetime, seats: list[str], status: str, reason: str) -> None:
    keeping.keep(event, seats, status, by, now, reason=reason)


def _is_seated(event: Event) -> bool:
    return event.status in OPEN and EventSeating.objects.filter(event=event).exists()


BUTTONS = [
    RowButton(
        name="seating",
        label=_("Numbered seats"),
        permission=Permission.MANAGE_EVENTS,
        run=_assign,
        consequence=_(
            "“{row}” is sold by this plan from now on: each seat as the ticket type of the last "
            "line that speaks of it, and the others not at all. A ticket type with seats has as "
            "many tickets as seats."
        ),
        done=_("The seats of “{row}” are set."),
        available=lambda event: event.status in OPEN,
        form=seating_form,
        icon="event_seat",
    ),
    RowButton(
        name="keep-seats",
        label=_("Block seats"),
        permission=Permission.MANAGE_EVENTS,
        run=_keep,
        consequence=_(
            "These seats of “{row}” are kept from sale, or come back to it. None of them may be held or sold."
        ),
        done=_("The seats of “{row}” are set."),
        available=_is_seated,
        form=KeepAnswers,
        icon="block",
    ),
    RowButton(
        name="unseat",
        label=_("Remove numbered seats"),
        permission=Permission.MANAGE_EVENTS,
        run=_remove,
        consequence=_(
            "“{row}” has no numbered seats any more: its ticket types keep their quantities, and are standing."
        ),
        done=_("“{row}” has no numbered seats."),
        available=_is_seated,
        icon="chair_alt",
        is_destructive=True,
    ),
]


def sections(admin: Any, request: HttpRequest, event: Event) -> Iterable[Section]:
    """How the event's seats stand, which are kept from sale and why, and their picture."""
    seating = EventSeating.objects.select_related("plan").filter(event=event).first()
    if seating is None:
        return
    names = dict(event.ticket_types.values_list("pk", "name"))
    yield Section(
        title=gettext("Numbered seats, by {plan}").format(plan=seating.plan),
        headers=[gettext("ticket type"), *EventSeat.Status.values],
        rows=[
            [names.get(row["ticket_type"], "not sold"), *(row[status] for status in EventSeat.Status.values)]
            for row in counts(seating)
        ],
        empty=gettext("The plan has no seats."),
    )
    kept = EventSeat.objects.filter(event=event, status__in=keeping.KEPT).order_by("position")
    yield Section(
        title=gettext("Seats kept from sale"),
        headers=[gettext("seat"), gettext("how"), gettext("why")],
        rows=[[seat.label, seat.get_status_display(), seat.reason] for seat in kept[:50]],
        empty=gettext("None: every seat that has a ticket type is for sale."),
    )
    address = reverse("admin:ticketing_tickettype_seats", args=[event.pk])
    picture = format_html('<img src="{}" alt="{}" style="width: 100%; max-width: 60rem">', address, seating.plan.name)
    yield Section(title=gettext("Picture of the seats"), headers=[gettext("grey is taken")], rows=[[picture]])


def connect() -> None:
    """Put all of it on the event's page."""
    for button in BUTTONS:
        console_parts.add_button(button)
    console_parts.add_sections(sections)


class SeatPictureMixin:
    """Serves an event's picture to staff of its venue, who may not be signed in to the API."""

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest, event_id: UUID) -> HttpResponse:
            return self.admin_site.admin_view(self.seats_view)(request, event_id)

        address = path("seats/<uuid:event_id>.svg", update_wrapper(view, self.seats_view), name=self._seats_name())
        return [address, *super().get_urls()]

    def _seats_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_seats"

    def seats_view(self, request: HttpRequest, event_id: UUID) -> HttpResponse:
        """The picture; another venue's event is answered like one that does not exist."""
        user: Any = request.user
        event = Event.objects.filter(pk=event_id).first()
        if event is None or not user.can(Permission.VIEW_VENUE, event.venue_id):
            raise Http404
        try:
            found = pictures.of_drawing(pictures.seating_of(event.pk), for_staff=True)
        except DomainError as refusal:
            raise Http404 from refusal
        return HttpResponse(found.body, content_type="image/svg+xml", headers={"Cache-Control": "private, max-age=1"})
