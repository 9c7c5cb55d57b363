"""The console's pages as such: how many queries they take, where they load from, what the dashboard says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, SignIn, User
from audit.models import AuditLog
from audit.trail import record
from events.models import Event
from notifications.models import (
    Consent,
    Device,
    InboundMessage,
    Notification,
    SmsNumber,
    Suppression,
    WebhookEndpoint,
    WebhookMessage,
)
from orders.models import (
    Daypart,
    Fulfilment,
    OptionGroup,
    Order,
    OrderRating,
    OrderTip,
    Outlet,
    Product,
    ProductVariant,
)
from parking.models import (
    GateEvent,
    ParkingCapacity,
    ParkingCharge,
    ParkingLot,
    ParkingReservation,
    ParkingSession,
    ParkingSpace,
    PriceChange,
    ValetIncident,
    ValetTicket,
    Vehicle,
)
from payments.models import (
    ConnectedAccount,
    Dispute,
    JournalEntry,
    Payment,
    RecipientDebt,
    ReconciliationFinding,
    ReconciliationRun,
    Refund,
    Transfer,
    TransferReversal,
    WebhookEvent,
)
from ticketing.models import Scan, Ticket, TicketType
from trufan.testing import EventFactory, StaffFactory, TaxRateFactory, TicketTypeFactory, UserFactory, VenueFactory
from trufan.tests.console_client import as_, url
from trufan.tests.console_rows import menu_of, parking_of, rows_of, sale_of, webhooks_of
from venues.models import TaxRate, Venue, VenueStaff

TABLES = [Venue, VenueStaff, TaxRate, Event, TicketType, Order, Ticket, Scan, Payment, Refund, WebhookEvent,
          Device, Consent, Notification, Suppression, WebhookEndpoint, WebhookMessage, AuditLog, User, SignIn,
          ConnectedAccount,
          Transfer, TransferReversal,
           RecipientDebt, ReconciliationRun, ReconciliationFinding, Dispute, JournalEntry,
           Outlet, Daypart, Product, ProductVariant, OptionGroup, Fulfilment, OrderTip, OrderRating,
           ParkingLot, ParkingCapacity, ParkingSpace, ParkingReservation, ParkingSession, ParkingCharge, GateEvent,
           PriceChange, Vehicle, ValetTicket, ValetIncident, InboundMessage, SmsNumber, Suppression]  # fmt: skip


def more_rows(venue: Venue, count: int) -> None:
    """So many more rows of every table, no two of them sharing an event or a person, half of them a venue."""
    now = timezone.now()
    for n in range(count):
        event = EventFactory(venue=VenueFactory() if n % 2 else venue)
        buyer = UserFactory()
        word = f"Row{uuid4().hex[:8]}"
        sold = sale_of(TicketTypeFactory(event=event), buyer, word)
        parking_of(event.venue, sold[Order], word)
        menu_of(event.venue, f"Row{uuid4()}")
        webhooks_of(VenueFactory(), f"row{n}")
        TaxRateFactory(venue=event.venue, name=f"Tax {uuid4()}")
        StaffFactory(venue=event.venue, role="kitchen")
        record("venue.changed", venue, actor=buyer)
        SignIn.objects.create(user=buyer, current_jti="jti", expires_at=now, last_used_at=now)
        WebhookEvent.objects.create(
            provider="sandbox", provider_id=str(uuid4()), type="t", payload={}, next_attempt_at=now
        )


def queries_of(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table._meta.label)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(table: Any, venue: Venue, ada: User) -> None:
    client, address = as_(ada), url(table, "changelist")
    more_rows(venue, 3)
    few, rows = queries_of(client, address), table._default_manager.count()
    more_rows(venue, 27)
    assert table._default_manager.count() >= rows + 13
    assert queries_of(client, address) == few
    assert few <= 8


def test_the_dashboard_takes_as_many_queries_for_many_rows_as_for_few(venue: Venue, ada: User, olga: User) -> None:
    for user in (ada, olga):
        more_rows(venue, 3)
        few = queries_of(as_(user), reverse("admin:index"))
        more_rows(venue, 12)
        assert queries_of(as_(user), reverse("admin:index")) == few
        assert few <= 32


def test_the_dashboard_counts_tonight(olga: User, venue: Venue, fay: User) -> None:
    event = EventFactory(venue=venue, name="Big Night", capacity=200)
    sale_of(TicketTypeFactory(event=event), fay, "Fay")
    page = as_(olga).get(reverse("admin:index"))
    card = page.context["tonight"][0]
    assert (card["event"].tickets_sold, card["event"].arrived) == (1, 1)
    text = page.content.decode()
    for expected in ("Big Night", "1 of 200", "Taken today in USD", "$50.00", "1 refund failed", "1 message failed"):
        assert expected in text


def test_money_of_yesterday_is_not_todays(olga: User, venue: Venue, fay: User) -> None:
    sale_of(TicketTypeFactory(event=EventFactory(venue=venue)), fay, "Fay")
    local = timezone.now().astimezone(venue.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    Payment.objects.update(settled_at=midnight - timedelta(seconds=1))
    assert as_(olga).get(reverse("admin:index")).context["figures"] == []
    Payment.objects.update(settled_at=midnight)
    assert len(as_(olga).get(reverse("admin:index")).context["figures"]) == 1


def test_each_currency_is_counted_by_itself(ada: User, venue: Venue, fay: User) -> None:
    sale_of(TicketTypeFactory(event=EventFactory(venue=venue)), fay, "Fay")
    sale_of(TicketTypeFactory(event=EventFactory(venue=VenueFactory(currency="JPY"))), fay, "Second")
    figures = as_(ada).get(reverse("admin:index")).context["figures"]
    assert [figure["value"] for figure in figures] == ["¥5,000", "$50.00"]


def test_an_empty_dashboard_says_what_to_do_next(ada: User) -> None:
    page = as_(ada).get(reverse("admin:index")).content.decode()
    assert "There is no venue yet" in page
    assert reverse("admin:venues_venue_add") in page


def test_a_venue_without_events_is_told_to_draw_one_up(olga: User, gus: User) -> None:
    assert reverse("admin:events_event_add") in as_(olga).get(reverse("admin:index")).content.decode()
    page = as_(gus).get(reverse("admin:index")).content.decode()
    assert reverse("admin:events_event_add") not in page
    assert "Published events of the next hours appear here" in page


def test_the_menu_shows_each_job_its_own_pages(olga: User, gus: User, ada: User) -> None:
    def menu(user: User) -> set[str]:
        groups = as_(user).get(reverse("admin:index")).context["sidebar_navigation"]
        return {item["title"] for group in groups for item in group["items"] if item["has_permission"]}

    assert {"Scans", "Tickets", "Events"} <= menu(gus)
    assert not menu(gus) & {"Payments", "Refunds", "Staff", "Audit trail", "Accounts", "Provider's webhooks"}
    of_the_platform = {
        "Accounts", "Signed-in devices", "Pushed-to devices", "Vehicles", "Provider's webhooks", "Reconciliation",
        "Stopped addresses", "Consents", "Console sessions", "Privacy", "Switches",
    }  # fmt: skip
    assert menu(ada) - menu(olga) == of_the_platform


def test_pages_load_nothing_from_elsewhere(ada: User, venue: Venue) -> None:
    rows = rows_of(venue, "Here")
    client = as_(ada)
    addresses = ["/admin/login/", reverse("admin:index"), reverse("admin:password_change")]
    for table in TABLES:
        page = admin.site._registry[table]
        addresses += [url(table, "changelist"), url(table, "change", rows[table].pk)]
        addresses += [url(table, "add")] if page.can_add else []
        addresses += [url(table, "button", rows[table].pk, button.name) for button in page.buttons]
    meal, kitchen = rows[Fulfilment], "admin:orders_fulfilment_kitchen"
    addresses += [reverse(kitchen), reverse(f"{kitchen}_board", args=[meal.outlet_id])]
    addresses += [reverse(f"{kitchen}_runner", args=[meal.outlet_id])]
    addresses += [reverse(f"{kitchen}_sheet", args=[meal.outlet_id, meal.pk])]
    stay, board = rows[ParkingSession], "admin:parking_parkinglot_board"
    addresses += [reverse(board), reverse(f"{board}_lot", args=[stay.lot_id])]
    addresses += [reverse(f"{board}_stay", args=[stay.lot_id, stay.pk])]
    addresses += [reverse(f"{board}_gate", args=[stay.lot_id, direction]) for direction in ("entry", "exit")]
    addresses += [reverse("admin:parking_parkinglot_figures", args=[stay.lot_id])]
    for address in addresses:
        text = client.get(address, follow=True).content.decode()
        loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']|url[(]["']?([^"')]+)""", text)
        outside = [one or two for one, two in loaded if (one or two).startswith(("http:", "https:", "//"))]
        assert outside == [], address


def test_state_is_never_changed_by_a_link(olga: User, event: Event) -> None:
    page = as_(olga).get(url(Event, "change", event.pk)).content.decode()
    for link in re.findall(r'href="([^"]*/do/[^"]*)"', page):
        assert as_(olga).get(link).status_code == 200
    event.refresh_from_db()
    assert event.status == "published"


def test_a_right_on_one_venue_is_none_on_another(stan: User, venue: Venue, event: Event) -> None:
    """Stan manages Harbor Hall and reads at Garden Arena: he sees the event there and changes nothing of it."""
    StaffFactory(user=stan, venue=venue, role="kitchen")
    client = as_(stan)
    assert client.get(url(Event, "change", event.pk)).status_code == 200
    assert client.post(url(Event, "change", event.pk), {"name": "Mine"}).status_code == 403
    assert client.post(url(Event, "button", event.pk, "cancel"), {"reason": "Mine"}).status_code == 403
    choices = client.get(url(Event, "add")).context["adminform"].form.fields["venue"].queryset
    assert venue not in choices
    event.refresh_from_db()
    assert (event.name, event.status) == ("Opening Night", "published")


def test_history_is_for_those_who_may_read_the_trail(olga: User, gus: User, event: Event) -> None:
    record("event.changed", event, new={"capacity": 7}, actor=olga)
    page = as_(olga).get(url(Event, "history", event.pk)).content.decode()
    assert "event.changed" in page
    assert "capacity: 7" in page
    assert as_(gus).get(url(Event, "history", event.pk)).status_code == 403
    assert "event.changed" not in as_(gus).get(url(Event, "change", event.pk)).content.decode()


def test_roles_of_the_house_do_not_open_the_console_by_themselves(db: Any) -> None:
    """A venue admin of no venue has nothing to do here."""
    nobody = UserFactory(role=Role.VENUE_ADMIN)
    assert as_(nobody).get(reverse("admin:index")).status_code == 302
