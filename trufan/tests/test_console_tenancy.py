"""The console shows, offers and changes nothing of another venue: every registered address is walked."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import ConsoleSession, SignIn, User
from audit.models import AuditLog
from events.models import Event, EventSeries
from notifications.models import (
    Broadcast,
    Consent,
    Device,
    InboundMessage,
    MessageTemplate,
    Notification,
    SmsNumber,
    Suppression,
    WebhookEndpoint,
    WebhookMessage,
)
from orders.models import (
    CallOff,
    Daypart,
    EventMove,
    Fulfilment,
    OptionGroup,
    Order,
    OrderRating,
    OrderTip,
    Outlet,
    Product,
    ProductVariant,
    PromoCode,
)
from parking.board.touches import DEEDS
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
from reports.models import ReportSchedule
from ticketing.models import (
    Bundle,
    CheckInList,
    Comp,
    DoorSale,
    EntrySlot,
    HouseHold,
    Question,
    Scan,
    Ticket,
    TicketExchange,
    TicketRelease,
    TicketTransfer,
    TicketType,
    UnlockCode,
    WaitingRoom,
    WaitlistEntry,
)
from trufan.testing import PASSWORD, StaffFactory
from trufan.tests.console_client import as_, url
from trufan.tests.console_rows import rows_of
from venues.models import FeeRule, SeatingPlan, TaxRate, Venue, VenueDevice, VenueStaff

#: A word in every row of Garden Arena, and another in every row of Harbor Hall.
SECRET = "Zanzibar"
OWN = "Quixote"
PLATFORM = {User, SignIn, ConsoleSession, WebhookEvent, ReconciliationRun, Vehicle, Suppression, Device, Consent}
#: Pages without a trail of their own: each of their rows is what happened once.
NO_HISTORY = {
    SignIn,
    ConsoleSession,
    Consent,
    Scan,
    AuditLog,
    InboundMessage,
    GateEvent,
    PriceChange,
    Vehicle,
    ValetIncident,
}
DOOR = {
    Venue, TaxRate, FeeRule, Event, TicketType, Order, OrderTip, OrderRating, Ticket, Scan, Notification, Fulfilment,
    TicketTransfer, WaitlistEntry, InboundMessage, SmsNumber, CallOff, EventMove, TicketExchange, SeatingPlan,
    Question, EntrySlot, EventSeries, WaitingRoom, TicketRelease, Bundle, CheckInList,
}  # fmt: skip
PAGES = list(admin.site._registry.values())
NAMES = [page.opts.label for page in PAGES]

every_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)


def snapshot() -> dict[str, list[Any]]:
    """Every row of every table of ours, to compare with afterwards; sessions and messages are no business."""
    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in {
        "accounts", "audit", "events", "notifications", "orders", "parking", "payments", "reports", "ticketing",
        "venues",
    }]  # fmt: skip
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in ours}


@pytest.fixture
def secret(venue: Venue) -> dict[type[Model], Any]:
    venue.name, venue.description = f"{SECRET} Arena", SECRET
    venue.save()
    return rows_of(venue, SECRET)


@pytest.fixture
def own(other_venue: Venue) -> dict[type[Model], Any]:
    other_venue.name = f"{OWN} Hall"
    other_venue.save()
    return rows_of(other_venue, OWN)


def assert_silent(response: Any) -> None:
    """Whatever the answer, nothing of the other venue is in it."""
    assert SECRET.lower() not in response.content.decode().lower()


def test_every_table_of_ours_that_staff_need_is_registered() -> None:
    assert {page.model for page in PAGES} == {
        Venue, VenueStaff, TaxRate, Event, TicketType, Order, Ticket, Scan, Payment, Refund, WebhookEvent,
        TicketTransfer, WaitlistEntry, CallOff, EventMove, TicketExchange, Outlet, Daypart, Product, ProductVariant,
        OptionGroup, SeatingPlan, Device, Consent, Notification, Suppression, WebhookEndpoint, WebhookMessage,
        InboundMessage, SmsNumber, Broadcast, MessageTemplate, AuditLog, User, SignIn, FeeRule, ConnectedAccount,
        Transfer, TransferReversal, RecipientDebt, Dispute, JournalEntry, ReconciliationRun, ReconciliationFinding,
        PromoCode, Fulfilment, OrderTip, OrderRating, ParkingLot, ParkingCapacity, ParkingSpace, ParkingReservation,
        ParkingSession, ParkingCharge, GateEvent, PriceChange, Vehicle, ValetTicket, ValetIncident, EventSeries,
        CheckInList, Question, EntrySlot, HouseHold, Comp, DoorSale, WaitingRoom, TicketRelease, UnlockCode, Bundle,
        ConsoleSession, VenueDevice,
        ReportSchedule,
    }  # fmt: skip


@every_page
def test_a_list_holds_a_strangers_own_rows_and_no_others(page: Any, secret: Any, own: Any, stan: User) -> None:
    response = as_(stan).get(url(page.model, "changelist"))
    if page.model in PLATFORM:
        assert response.status_code == 403
        return
    assert response.status_code == 200
    assert_silent(response)
    assert own[page.model] in list(response.context["cl"].result_list)
    assert secret[page.model] not in list(response.context["cl"].result_list)


@every_page
def test_a_search_finds_nothing_of_another_venue(page: Any, secret: Any, own: Any, stan: User) -> None:
    if page.model in PLATFORM:
        assert as_(stan).get(url(page.model, "changelist"), {"q": SECRET}).status_code == 403
        return
    for query in ({"q": SECRET[1:]}, {"at": str(secret[Venue].pk)}, {"venue__id__exact": str(secret[Venue].pk)}):
        response = as_(stan).get(url(page.model, "changelist"), query, follow=True)
        found = response.context.get("cl")
        assert found is None or secret[page.model] not in list(found.result_list)
        assert_silent(response)


@every_page
@pytest.mark.parametrize("name", ["change", "history", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_row_of_another_venue_is_not_found(
    page: Any, name: str, method: str, secret: Any, own: Any, stan: User
) -> None:
    client, row = as_(stan), secret[page.model]
    before = snapshot()
    response = getattr(client, method)(url(page.model, name, row.pk), {"name": "Taken over", "post": "yes"})
    assert response.status_code in (302, 403, 404)
    assert_silent(response)
    assert snapshot() == before
    if response.status_code == 302:
        assert response.headers["Location"] == reverse("admin:index")


@every_page
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_button_reaches_a_row_of_another_venue(page: Any, method: str, secret: Any, own: Any, stan: User) -> None:
    client, row = as_(stan), secret[page.model]
    before = snapshot()
    answers = {"reason": "Mine now", "seat": "A-1", "role": "super_admin", "price": "1", "plate": "MINE 1"}
    for button in page.buttons:
        response = getattr(client, method)(url(page.model, "button", row.pk, button.name), answers)
        assert response.status_code in (302, 403, 404)
        assert_silent(response)
    assert snapshot() == before


@every_page
def test_adding_and_changing_offer_no_choice_of_another_venue(page: Any, secret: Any, own: Any, stan: User) -> None:
    client = as_(stan)
    pages = [client.get(url(page.model, "add"), {"venue": secret[Venue].pk, "event": secret[Event].pk})]
    pages.append(client.get(url(page.model, "change", own[page.model].pk)))
    for response in pages:
        assert response.status_code in (200, 302, 403)
        assert_silent(response)


def test_autocompletion_completes_own_rows_alone(secret: Any, own: Any, stan: User) -> None:
    asked = {"app_label": "ticketing", "model_name": "tickettype", "field_name": "event", "term": "show"}
    found = as_(stan).get(reverse("admin:autocomplete"), asked).json()["results"]
    assert {result["text"] for result in found} == {own[Event].name}


def _empty(prefix: str) -> dict[str, int]:
    """What a browser sends of an inline without rows."""
    return {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}


def test_a_crafted_form_adds_nothing_to_another_venue(secret: Any, own: Any, stan: User) -> None:
    client = as_(stan)
    before = snapshot()
    forms = {
        Event: {
            "venue": secret[Venue].pk, "name": "Mine", "category": "other", "capacity": 10, "starts_at_0": "2030-01-01",
            "starts_at_1": "20:00", "ends_at_0": "2030-01-01", "ends_at_1": "23:00", **_empty("questions"),
        },
        Question: {"event": secret[Event].pk, "text": "Mine?", "kind": "text", "position": 0},
        EntrySlot: {
            "event": secret[Event].pk, "capacity": 5, "starts_at_0": "2030-01-01", "starts_at_1": "20:00",
            "ends_at_0": "2030-01-01", "ends_at_1": "21:00",
        },
        TicketType: {
            "event": secret[Event].pk, "name": "Mine", "price": 1, "quantity": 1, "min_per_order": 1,
            "max_per_order": 1, "visibility": "open", "position": 0,
        },
        TicketRelease: {"ticket_type": secret[TicketType].pk, "name": "Mine", "price": 1, "quantity": 1, "position": 0},
        UnlockCode: {"event": secret[Event].pk, "code": "MINE", "ticket_types": [secret[TicketType].pk]},
        Bundle: {"event": secret[Event].pk, "name": "Mine", "price": 1, "max_per_order": 1, "position": 0,
                 **_empty("lines")},
        TaxRate: {"venue": secret[Venue].pk, "name": "Mine", "category": "ticket", "rate_ppm": 1, "is_active": "on"},
        VenueStaff: {"venue": secret[Venue].pk, "email": "stan@example.com", "role": "manager"},
        Outlet: {"venue": secret[Venue].pk, "name": "Mine", "kind": "stand", "hours": "always",
                 **_empty("opening_hours")},
        Daypart: {"venue": secret[Venue].pk, "name": "Mine", "starts_at": "10:00", "ends_at": "11:00"},
        Product: {
            "outlet": secret[Outlet].pk, "name": "Mine", "kind": "concession", "tax_category": "food",
            "events": [secret[Event].pk], "dayparts": [secret[Daypart].pk], **_empty("variants"),
            **_empty("option_groups"),
        },
        ParkingLot: {
            "venue": secret[Venue].pk, "name": "Mine", "slug": "mine", "latitude": 1, "longitude": 1, "hours": "always",
            "quote_minutes": 1, "early_entry_minutes": 1, "cancel_free_minutes": 1, "assumed_stay_minutes": 60,
            "exit_grace_minutes": 1, "overstay_grace_minutes": 1, "plate_days": 1, "tariff": "{}", "pricing": "{}",
            **_empty("capacities"), **_empty("opening_hours"), **_empty("photos"),
        },
        ParkingSpace: {"lot": secret[ParkingLot].pk, "number": "Mine", "kind": "standard"},
        HouseHold: {"ticket_type": secret[TicketType].pk, "quantity": 1, "label": "Mine"},
        CheckInList: {"event": secret[Event].pk, "name": "Mine", "ticket_types": [secret[TicketType].pk]},
    }  # fmt: skip
    for model, data in forms.items():
        page = admin.site._registry[model]
        response = client.post(url(page.model, "add"), data)
        assert response.status_code == 200, f"{model} was saved"
        assert_silent(response)
        assert response.context["adminform"].form.errors
        response = client.post(url(page.model, "change", own[model].pk), data)
        assert_silent(response)
    after = snapshot()
    venue_id = secret[Venue].pk
    for model, column in ((Event, "venue_id"), (TaxRate, "venue_id"), (VenueStaff, "venue_id"), (AuditLog, "venue_id")):
        mine = [row for row in after[model._meta.label] if row[column] == venue_id]
        assert mine == [row for row in before[model._meta.label] if row[column] == venue_id]
    assert TicketType.objects.filter(event=secret[Event]).count() == 1
    assert not Outlet.objects.filter(venue=secret[Venue], name="Mine").exists()
    assert Daypart.objects.filter(venue=secret[Venue]).count() == 1
    assert Product.objects.filter(outlet=secret[Outlet]).count() == 1
    assert ParkingLot.objects.filter(venue=secret[Venue]).count() == 1
    assert ParkingSpace.objects.filter(lot=secret[ParkingLot]).count() == 1


@every_page
def test_rows_are_never_deleted_not_even_by_a_super_admin(page: Any, own: Any, ada: User) -> None:
    client = as_(ada)
    before = snapshot()
    assert client.post(url(page.model, "delete", own[page.model].pk), {"post": "yes"}).status_code == 403
    response = client.post(
        url(page.model, "changelist"),
        {"action": "delete_selected", "_selected_action": own[page.model].pk, "post": "yes"},
    )
    assert response.status_code in (200, 302, 403)
    assert snapshot() == before


@pytest.mark.parametrize(
    "model",
    [
        Order,
        Fulfilment,
        OrderTip,
        OrderRating,
        Ticket,
        Scan,
        TicketTransfer,
        WaitlistEntry,
        CallOff,
        EventMove,
        Comp,
        DoorSale,
        Payment,
        Refund,
        WebhookEvent,
        Notification,
        WebhookMessage,
        InboundMessage,
        AuditLog,
        JournalEntry,
        ParkingReservation,
        ParkingSession,
        ParkingCharge,
        GateEvent,
        PriceChange,
    ],
)
def test_money_scans_and_history_cannot_be_added_or_changed_by_anyone(model: Any, own: Any, ada: User) -> None:
    page, client = admin.site._registry[model], as_(ada)
    before = snapshot()
    assert client.get(url(page.model, "add")).status_code == 403
    assert client.post(url(page.model, "add"), {"amount": 1}).status_code == 403
    assert client.post(url(page.model, "change", own[model].pk), {"amount": 1, "status": "paid"}).status_code == 403
    assert snapshot() == before


@every_page
def test_a_super_admin_opens_every_page(page: Any, secret: Any, own: Any, ada: User) -> None:
    client, row = as_(ada), secret[page.model]
    assert client.get(url(page.model, "changelist")).status_code == 200
    assert client.get(url(page.model, "change", row.pk)).status_code == 200
    if page.model not in NO_HISTORY:
        assert client.get(url(page.model, "history", row.pk)).status_code == 200
    for button in page.buttons:
        assert client.get(url(page.model, "button", row.pk, button.name)).status_code in (200, 302)


@every_page
def test_a_manager_opens_every_page_of_the_venue(page: Any, secret: Any, olga: User) -> None:
    client, row = as_(olga), secret[page.model]
    expected = 403 if page.model in PLATFORM else 200
    assert client.get(url(page.model, "changelist")).status_code == expected
    response = client.get(url(page.model, "change", row.pk))
    assert response.status_code in ((302, 403) if page.model in PLATFORM else (200,))
    for button in page.buttons:
        answer = client.get(url(page.model, "button", row.pk, button.name))
        barred = page.model in PLATFORM or button.permission is None
        assert answer.status_code in ((302, 403) if barred else (200, 302))


@every_page
def test_door_staff_see_what_the_door_needs_and_change_none_of_it(page: Any, secret: Any, gus: User) -> None:
    client, row = as_(gus), secret[page.model]
    before = snapshot()
    sees = page.model in DOOR
    assert client.get(url(page.model, "changelist")).status_code == (200 if sees else 403)
    assert client.get(url(page.model, "change", row.pk)).status_code in ((200,) if sees else (302, 403))
    assert client.post(url(page.model, "change", row.pk), {"name": "Mine"}).status_code in (302, 403)
    assert client.get(url(page.model, "add")).status_code == 403
    assert client.get(url(page.model, "history", row.pk)).status_code in (302, 403, 404)
    for button in page.buttons:
        if button.permission not in {"check_in", "view_orders"}:
            answer = client.post(
                url(page.model, "button", row.pk, button.name), {"reason": "No", "seat": "A-1", "role": "x"}
            )
            assert answer.status_code in (302, 403)
    assert snapshot() == before


@every_page
def test_customers_and_strangers_to_the_house_are_sent_to_the_login(page: Any, secret: Any, fay: User) -> None:
    for client in (as_(fay), as_(None)):
        for address in (
            url(page.model, "changelist"),
            url(page.model, "add"),
            url(page.model, "change", secret[page.model].pk),
        ):
            for response in (client.get(address), client.post(address, {"name": "Mine"})):
                assert response.status_code == 302
                assert response.headers["Location"].startswith(reverse("admin:login"))


def test_staff_who_were_let_go_are_sent_to_the_login(secret: Any, olga: User) -> None:
    VenueStaff.objects.filter(user=olga).update(is_active=False)
    response = as_(olga).get(reverse("admin:index"))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("who", ["stan", "gus", "olga"])
def test_the_dashboard_tells_of_own_venues_alone(who: str, secret: Any, own: Any, request: Any) -> None:
    response = as_(request.getfixturevalue(who)).get(reverse("admin:index"))
    mine, theirs = (OWN, SECRET) if who == "stan" else (SECRET, OWN)
    assert response.status_code == 200
    assert mine in response.content.decode()
    assert theirs not in response.content.decode()


@pytest.mark.parametrize("rest", ["1/1/", "1/x", "0/0/0"])
def test_the_shortcut_to_a_row_of_any_table_leads_nowhere(olga: User, rest: str) -> None:
    assert as_(olga).get(f"/admin/r/{rest}").status_code == 404


def test_signing_in_with_a_destination_elsewhere_leads_to_the_console(olga: User) -> None:
    answer = Client().post(
        "/admin/login/?next=//example.com", {"username": olga.email, "password": PASSWORD, "next": "//example.com"}
    )

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


# -- The parking board, the figures, the previews --


def parking_screens(rows: dict[type[Model], Any]) -> list[str]:
    """The addresses of the board's screens of these rows."""
    stay, name = rows[ParkingSession], "admin:parking_parkinglot_board"
    return [
        reverse(f"{name}_lot", args=[stay.lot_id]),
        reverse(f"{name}_stay", args=[stay.lot_id, stay.pk]),
        reverse(f"{name}_gate", args=[stay.lot_id, "entry"]),
        reverse(f"{name}_gate", args=[stay.lot_id, "exit"]),
    ]


def previews(rows: dict[type[Model], Any]) -> list[str]:
    """Where the tariff that is typed on a page of these rows is shown."""
    return [
        reverse("admin:parking_parkinglot_preview_row", args=[rows[ParkingLot].pk]),
        reverse("admin:parking_parkingcapacity_preview_row", args=[rows[ParkingCapacity].pk]),
    ]


def test_no_touch_reaches_the_board_of_another_venue(secret: Any, own: Any, stan: User) -> None:
    client = as_(stan)
    before = snapshot()
    addresses = parking_screens(secret)
    # Another venue's stay by way of one's own lot.
    addresses.append(
        reverse("admin:parking_parkinglot_board_stay", args=[own[ParkingLot].pk, secret[ParkingSession].pk])
    )
    for address in addresses:
        answers = [client.get(address), client.get(address, {"q": SECRET})]
        answers += [
            client.post(address, {"deed": deed.name, "reason": "Mine", "price": "1", "note": "Mine"}) for deed in DEEDS
        ]
        for answer in answers:
            assert answer.status_code in (404, 405)
            assert_silent(answer)
    assert_silent(client.get(parking_screens(own)[0], {"q": SECRET[1:]}))
    # Another venue's reservation at one's own gate.
    mine = reverse("admin:parking_parkinglot_board_gate", args=[own[ParkingLot].pk, "entry"])
    assert_silent(client.get(mine, {"reservation": secret[ParkingReservation].pk}))
    assert snapshot() == before


def test_the_board_shows_own_lots_alone(secret: Any, own: Any, stan: User, ada: User) -> None:
    address = reverse("admin:parking_parkinglot_board")
    answer = as_(stan).get(address)
    assert_silent(answer)
    assert own[ParkingLot].name in answer.content.decode()
    text = as_(ada).get(address).content.decode()
    assert SECRET in text
    assert OWN in text


@pytest.mark.parametrize(("who", "status"), [("olga", 200), ("ada", 200), ("gus", 403), ("fay", 302), (None, 302)])
def test_who_opens_the_parking_board(secret: Any, who: str | None, status: int, request: Any) -> None:
    client = as_(request.getfixturevalue(who) if who else None)
    before = snapshot()
    for address in [reverse("admin:parking_parkinglot_board"), *parking_screens(secret)]:
        assert client.get(address).status_code == status
        if status != 200:
            assert client.post(address, {"deed": "price", "reason": "Mine"}).status_code in (status, 405)
    assert snapshot() == before


def test_the_attendant_works_the_board_and_sees_no_money_of_the_day(secret: Any, venue: Venue) -> None:
    client = as_(StaffFactory(venue=venue, role="parking").user)
    for address in parking_screens(secret):
        assert client.get(address).status_code == 200
    assert "today" not in client.get(reverse("admin:parking_parkinglot_board")).content.decode()
    for model in (ParkingLot, ParkingSession, ParkingReservation, GateEvent, ParkingCharge):
        assert client.get(url(model, "changelist")).status_code == 200
    for model in (Order, Ticket, Payment, Refund, Notification, AuditLog, VenueStaff):
        assert client.get(url(model, "changelist")).status_code == 403
    figures = client.get(reverse("admin:parking_parkinglot_figures", args=[secret[ParkingLot].pk]))
    assert figures.status_code == 200
    assert figures.context["figures"].takings is None
    before = snapshot()
    assert client.post(url(ParkingLot, "change", secret[ParkingLot].pk), {"name": "Mine"}).status_code == 403
    for address in previews(secret):
        assert client.post(address, {"preview": "tariff", "tariff": "{}"}).status_code == 403
    assert snapshot() == before


def test_figures_and_previews_of_another_venue_are_not_found(secret: Any, own: Any, stan: User) -> None:
    client = as_(stan)
    answers = [client.get(reverse("admin:parking_parkinglot_figures", args=[secret[ParkingLot].pk]))]
    answers += [client.post(address, {"preview": "tariff", "tariff": "{}"}) for address in previews(secret)]
    for answer in answers:
        assert answer.status_code in (302, 404)
        assert_silent(answer)
    chosen = {"preview": "tariff", "tariff": '{"version": 1}', "venue": secret[Venue].pk}
    assert (
        "Choose the venue first"
        in client.post(reverse("admin:parking_parkinglot_preview_new"), chosen).content.decode()
    )


# -- The kitchen's screens --


def screens(rows: dict[type[Model], Any]) -> list[str]:
    """The addresses of the kitchen's screens of these rows."""
    meal, name = rows[Fulfilment], "admin:orders_fulfilment_kitchen"
    return [
        reverse(f"{name}_board", args=[meal.outlet_id]),
        reverse(f"{name}_runner", args=[meal.outlet_id]),
        reverse(f"{name}_sheet", args=[meal.outlet_id, meal.pk]),
    ]


TOUCHES = ("accept", "ready", "send-out", "refuse", "cancel", "back:placed")


def test_no_touch_reaches_the_kitchen_of_another_venue(secret: Any, own: Any, stan: User) -> None:
    client = as_(stan)
    before = snapshot()
    addresses = screens(secret)
    # Another venue's fulfilment by way of one's own outlet.
    addresses.append(
        reverse("admin:orders_fulfilment_kitchen_sheet", args=[own[Fulfilment].outlet_id, secret[Fulfilment].pk])
    )
    for address in addresses:
        answers = [client.get(address)]
        answers += [
            client.post(address, {"move": f"{secret[Fulfilment].pk}:{move}", "reason": "Mine"}) for move in TOUCHES
        ]
        for answer in answers:
            assert answer.status_code == 404
            assert_silent(answer)
    mine = screens(own)[0]
    for move in TOUCHES:
        answer = client.post(mine, {"move": f"{secret[Fulfilment].pk}:{move}", "reason": "Mine"})
        assert answer.status_code == 404
    assert_silent(client.get(mine, {"moved": secret[Fulfilment].pk}))
    assert snapshot() == before


def test_the_choice_of_kitchens_names_own_ones_alone(secret: Any, own: Any, stan: User, ada: User) -> None:
    address = reverse("admin:orders_fulfilment_kitchen")
    assert_silent(as_(stan).get(address, follow=True))
    text = as_(ada).get(address).content.decode()
    assert SECRET in text
    assert OWN in text


@pytest.mark.parametrize(("who", "status"), [("olga", 200), ("ada", 200), ("gus", 403), ("fay", 302), (None, 302)])
def test_who_opens_the_kitchens_screens(secret: Any, who: str | None, status: int, request: Any) -> None:
    client = as_(request.getfixturevalue(who) if who else None)
    before = snapshot()
    for address in screens(secret):
        assert client.get(address).status_code == status
        if status != 200:
            assert client.post(address, {"move": f"{secret[Fulfilment].pk}:accept"}).status_code == status
    assert snapshot() == before


def test_the_cook_works_the_kitchen_and_sees_no_money(secret: Any, venue: Venue) -> None:
    cook = VenueStaff.objects.get(venue=venue, role="kitchen").user
    client = as_(cook)
    for address in screens(secret):
        assert client.get(address).status_code == 200
    for model in (Order, Ticket, Payment, Refund, Notification, AuditLog, VenueStaff):
        assert client.get(url(model, "changelist")).status_code == 403
    page = client.get(url(Fulfilment, "change", secret[Fulfilment].pk)).content.decode()
    assert url(Order, "change", secret[Order].pk) not in page
    menu = client.get(reverse("admin:index")).context["sidebar_navigation"]
    titles = {item["title"] for group in menu for item in group["items"] if item["has_permission"]}
    assert {"Kitchens", "Fulfilments"} <= titles
    assert not titles & {"Orders", "Messages", "Tickets", "Payments", "Staff"}
