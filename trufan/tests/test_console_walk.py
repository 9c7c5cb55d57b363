"""Every address of the console, walked by every role with rows of another venue: nothing is shown, nothing changes.

The addresses are read off the console itself. One that has an argument which this test does not know how to fill fails
it, so that a new screen is walked from its first day on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import ConsoleSession, SignIn, User
from events.models import Event
from orders.models import Fulfilment, Order, Outlet
from parking.models import ParkingLot, ParkingSession, ValetTicket
from reports import registry
from ticketing.models import DoorSale, Ticket
from trufan.testing import StaffFactory
from trufan.tests.console_client import as_
from trufan.tests.console_rows import rows_of
from trufan.tests.test_console_tenancy import snapshot
from venues.models import Venue, VenueStaff

pytestmark = pytest.mark.django_db
SECRET, OWN = "Zanzibar", "Quixote"
#: What stands for a row in an address, by the argument's name; `pk` and `object_id` are of the page's own table.
ROWS = {
    "event_id": Event, "outlet_id": Outlet, "lot_id": ParkingLot, "sale_id": DoorSale, "order_id": Order,
    "venue_id": Venue,
}  # fmt: skip
#: Screens below another table's page whose `pk` is of yet another.
OTHERS = {
    "account_session_end": ConsoleSession, "account_device_end": SignIn,
    "orders_fulfilment_kitchen_sheet": Fulfilment, "ticketing_ticket_door_ticket": Ticket,
    "parking_parkinglot_board_stay": ParkingSession, "parking_valetticket_board_sheet": ValetTicket,
}  # fmt: skip
WORDS = {"direction": "entry", "size": "a4", "app_label": "orders", "photo_id": "0198c0de-7a11-7000-8000-000000000001"}
#: Of nobody's venue: the reader's own session, and what Django ships.
OWN_BUSINESS = {"logout", "password_change", "password_change_done", "jsi18n", "search", "view_on_site", "login"}


def addresses(patterns: Any, page: Any = None, prefix: str = "") -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    """Each address of the console: its pattern, its name, its arguments' converters, and the page it belongs to."""
    for each in patterns:
        if isinstance(each, URLResolver):
            owner = page or owner_of(each)
            yield from addresses(each.url_patterns, owner, prefix + str(each.pattern))
        elif isinstance(each, URLPattern) and each.name and each.name not in OWN_BUSINESS:
            yield prefix + str(each.pattern), each.name, each.pattern.converters, page


def owner_of(resolver: URLResolver) -> Any:
    """The page of the table whose addresses the resolver includes."""
    for page in admin.site._registry.values():
        if str(resolver.pattern) == f"{page.opts.app_label}/{page.opts.model_name}/":
            return page
    return None


def filled(name: str, converters: dict[str, Any], page: Any, rows: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    """The arguments of an address, with rows of the venue; each button of a page is an address of its own."""
    arguments: dict[str, Any] = {}
    for argument in converters:
        if argument in ("object_id", "pk"):
            model = OTHERS.get(name, page.model if page else None)
            assert model in rows, f"no row for {argument} of {name}"
            arguments[argument] = rows[model].pk
        elif argument in ROWS:
            arguments[argument] = rows[ROWS[argument]].pk
        elif argument in WORDS:
            arguments[argument] = WORDS[argument]
        elif argument == "key":
            arguments[argument] = registry.all_reports()[0].key
        elif argument == "name":
            yield from ({**arguments, "name": button.name} for button in page.buttons)
            return
        else:
            pytest.fail(f"The test does not know what to put for “{argument}” of {name}.")
    yield arguments


def paths(rows: dict[Any, Any]) -> Iterator[tuple[str, str, bool]]:
    """Every address with rows of the venue in it: its name, the path, whether anything was filled in."""
    patterns, _, _ = admin.site.urls
    for pattern, name, converters, page in addresses(patterns):
        if pattern.startswith("^") or "catch" in name:
            continue
        for arguments in filled(name, converters, page, rows):
            path = "/admin/" + pattern
            for argument, converter in converters.items():
                tag = f"<{type(converter).__name__.removesuffix('Converter').lower()}:{argument}>"
                path = path.replace(tag.replace("<string:", "<str:"), str(arguments[argument]))
            yield name, path, bool(arguments)


def walk(client: Client, rows: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Ask for every address, by GET and by POST."""
    for _, path, has_arguments in paths(rows):
        yield f"GET {path}", client.get(path)
        if has_arguments:
            answers = {"name": "Mine", "reason": "Mine", "quantity": "1", "deed": "undo", "post": "yes"}
            yield f"POST {path}", client.post(path, answers)


@pytest.fixture
def secret(venue: Venue) -> dict[Any, Any]:
    venue.name = f"{SECRET} Arena"
    venue.save()
    return rows_of(venue, SECRET)


@pytest.fixture
def own(other_venue: Venue) -> dict[Any, Any]:
    other_venue.name = f"{OWN} Hall"
    other_venue.save()
    return rows_of(other_venue, OWN)


@pytest.mark.parametrize("role", [*VenueStaff.Role.values, "fan", "nobody"])
def test_no_address_shows_or_changes_what_is_another_venues(role, secret, own, other_venue, fay: User) -> None:
    person: Any = fay if role == "fan" else None
    if role in VenueStaff.Role.values:
        person = StaffFactory(venue=other_venue, role=role).user
    client, before, asked = as_(person), snapshot(), 0
    for what, answer in walk(client, secret):
        asked += 1
        assert answer.status_code < 500, what
        body = b"" if answer.streaming else answer.content
        assert SECRET.lower() not in body.decode(errors="replace").lower(), what
        # Whether a session goes on is said to whoever asks.
        if role in ("fan", "nobody") and "/account/session/" not in what:
            assert answer.status_code in (302, 403, 404, 405), what
    assert asked > 500
    after = snapshot()
    for table in before:
        # Sessions are seen, and reports are counted when they are read. The trail is looked at below.
        if not table.startswith(("accounts.ConsoleSession", "audit.AuditLog", "audit.UnsealedEntry", "reports.")):
            assert after[table] == before[table], table
    strange = [row for row in after["audit.AuditLog"] if row not in before["audit.AuditLog"]]
    assert all(row["venue_id"] in (None, other_venue.pk) for row in strange)
