"""On an event's page: what is missing before it can be published, each with the way to where it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from events import readiness
from events.lacking import Lack, Place
from events.models import Event
from trufan.lib.console import columns
from trufan.lib.console.sections import Section
from venues import payouts_console

_COLOURS = {"missing": "danger", "warning": "warning"}
#: Place → the table to which something is added, and the field that names what it belongs to.
_ADDED = {
    Place.TICKET_TYPES: ("ticketing.TicketType", "event"),
    Place.SLOTS: ("ticketing.EntrySlot", "event"),
    Place.TAX_RATES: ("venues.TaxRate", "venue"),
}


def sections(page: Any, request: HttpRequest, event: Event) -> Iterable[Section]:
    """The check list of a draft, and of a published event what hinders its sale."""
    if event.status not in (Event.Status.DRAFT, Event.Status.PUBLISHED):
        return
    now = timezone.now()
    found = readiness.lacks(event, now) if event.status == Event.Status.DRAFT or event.ends_at > now else []
    if not found and event.status == Event.Status.PUBLISHED:
        return
    is_draft = event.status == Event.Status.DRAFT
    yield Section(
        title=gettext("Before it can be published") if is_draft else gettext("What hinders its sale"),
        headers=["", gettext("what"), gettext("mend it")],
        rows=[
            [
                columns.label("missing" if lack.blocks else "warning", _COLOURS),
                lack.message,
                _way(page, request, event, lack),
            ]
            for lack in found
        ],
        empty=gettext("Nothing is missing: it can be published."),
        anchor_id="readiness",
    )


def what_publishing_does(event: Event) -> str:
    """The consequence of the button, in figures, and what is still missing."""
    open_types = event.ticket_types.filter(visibility="open")
    tickets = open_types.aggregate(total=Sum("quantity"))["total"] or 0
    said = gettext(
        "“{event}” appears in the public list at once. Ticket types that go on sale: {types}, with {tickets} tickets."
    ).format(event=event.name, types=open_types.count(), tickets=tickets)
    return " ".join([said, *(lack.message for lack in readiness.lacks(event, timezone.now()))])


def _way(page: Any, request: HttpRequest, event: Event, lack: Lack) -> str:
    """A link to where it is mended, for whoever may mend it there; plain words for anybody else."""
    if lack.place == Place.SEATING:
        url = reverse("admin:events_event_button", args=[event.pk, "seating"])
        may = page.may(request, Permission.MANAGE_EVENTS, event)
        return columns.anchor(url, gettext("Choose a seating plan")) if may else "–"
    if lack.place == Place.PAYOUTS:
        may = page.may(request, Permission.MANAGE_PAYOUTS, event)
        return columns.anchor(payouts_console.url_of(event.venue_id), gettext("Look at payouts")) if may else "–"
    if lack.row is not None:
        return page.link(request, lack.row)
    label, field = _ADDED[Place(lack.place)]
    model = apps.get_model(label)
    if not page.admin_site._registry[model].has_add_permission(request):
        return "–"
    owner = event.pk if field == "event" else event.venue_id
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add", query={field: owner})
    return columns.anchor(url, gettext("Add"))
