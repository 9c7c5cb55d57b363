"""The console's screens, read off its addresses: every page made for a job, one of each kind that Django makes."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import ConsoleSession, SignIn, User
from audit.models import AuditLog
from events.models import Event
from orders.models import Fulfilment, Order, Outlet, Product
from parking.models import ParkingLot
from ticketing.models import Ticket
from trufan.tests.console_client import url
from trufan.tests.console_rows import rows_of
from trufan.tests.test_console_walk import paths
from venues.models import SeatingPlan, Venue, VenueStaff

#: The kinds of page that Django makes for every table, and the buttons of rows.
KINDS = ("changelist", "add", "change", "delete", "history")
#: Of which tables these are looked at: those with the most on them.
LISTS: tuple[type[Model], ...] = (Order, Event, Ticket, VenueStaff, AuditLog)
FORMS: tuple[type[Model], ...] = (Order, Event, ParkingLot, Product, SeatingPlan, VenueStaff)
#: Addresses of pictures, files and what fields ask: no pages, and with these rows there is nothing in them.
FILES = {
    "autocomplete", "orders_promocode_batch", "parking_valetticket_board_photo", "ticketing_doorsale_sell_paper",
    "ticketing_tickettype_seats", "ticketing_unlockcode_batch",
}  # fmt: skip


def rows_for(user: User, venue: Venue) -> dict[Any, Any]:
    """Rows of the venue such that every page has something to show to `user`."""
    rows = rows_of(venue, "axe")
    for model in (ConsoleSession, SignIn):
        model.objects.filter(pk=rows[model].pk).update(user=user)
    Order.objects.filter(pk=rows[Order].pk).update(event=rows[Event])
    rows[Outlet] = rows[Fulfilment].outlet
    return rows


def screens(client: Client, rows: dict[Any, Any]) -> list[str]:
    """Paths of all that `client` reads as a page, with rows of one venue. Files and mere answers are left out."""
    return [*_made_for_a_job(client, rows), *_of_the_framework(rows), *_buttons(client, rows)]


def _made_for_a_job(client: Client, rows: dict[Any, Any]) -> Iterator[str]:
    """A new address is among them by itself; one that shows no page with these rows fails the test."""
    own = {name: path for name, path, _ in paths(rows) if not name.endswith((*KINDS, "button", "export"))}
    own |= {"find": reverse("console_find") + "?q=a", "scan": reverse("door_scan", args=[rows[Event].pk])}
    for name, path in own.items():
        answer = client.get(path)
        is_page = answer.get("Content-Type", "").startswith("text/html") and name not in FILES
        if is_page and answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            assert answer.status_code == HTTPStatus.OK, f"{name} answers {answer.status_code}: {path}"
            yield path


def _of_the_framework(rows: dict[Any, Any]) -> Iterator[str]:
    yield from (url(model, "changelist") for model in LISTS)
    yield from (url(model, "change", rows[model].pk) for model in FORMS)
    # Nothing is deleted in the console, so there is no page that asks.
    yield from (url(Event, "add"), url(Event, "history", rows[Event].pk))


def _buttons(client: Client, rows: dict[Any, Any]) -> Iterator[str]:
    """What buttons ask: each template, and each kind of field. A button has a page only while it applies to the row."""
    seen: set[Any] = set()
    for model, page in admin.site._registry.items():
        for button in getattr(page, "buttons", ()):
            fields = button.form_for(rows[model])().fields.values()
            new = {button.template, *(type(field.widget) for field in fields)} - seen
            path = url(model, "button", rows[model].pk, button.name)
            if new and client.get(path).status_code == HTTPStatus.OK:
                seen |= new
                yield path
