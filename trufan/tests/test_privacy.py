"""What is kept of people: every field is spoken for, nothing is left of whoever goes, and the books do not move."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from accounts import phone_codes
from audit import fingerprints
from audit.models import AuditLog
from notifications.models import Consent, Device, InboundMessage, Notification
from orders import access
from orders.models import Order, OrderRating
from parking.models import GateEvent, ParkingReservation, ParkingSession, ValetTicket, Vehicle
from payments.models import LedgerLine
from reports.models import BuyerOfOrder
from ticketing.models import Attendee, Ticket, TicketTransfer, WaitlistEntry
from trufan.lib import retention
from trufan.testing import PASSWORD, CapacityFactory, LotFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
API = "/api/v1"
VISA = {"payment_method": "pm_card_visa"}
EMAIL, PHONE, NAME, PLATE = "zeldafrid@example.com", "+12125550177", "Zeldafrid", "ZQ 77QX"
#: By any of these the person would be known, in lower case.
TRACES = ("zeldafrid", "2125550177", "zq 77qx", "zq77qx", "20770x")

PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|plate|ip|ip_address|user_agent|address|notes?|comment|username|sender|recipient|token|"
    r"evidence|vehicle|caller|delivery|payload|contents|message|body|session_data)$"
    r"|^(first|last|contact|holder|from)_name$|^(plate|holder|surname|person|buyer)_key$|^name$"
)
#: What has a name that is nobody's.
THINGS = {
    "reports.ReportSchedule", "ticketing.TicketType", "ticketing.CheckInList", "ticketing.TicketRelease",
    "ticketing.UnlockCode", "ticketing.Bundle", "parking.ParkingLot", "orders.Outlet", "orders.Daypart",
    "orders.Product", "orders.ProductVariant", "orders.OptionGroup", "orders.Option", "orders.PromoCode",
    "events.Event", "events.EventSeries", "venues.Venue", "venues.TaxRate", "venues.SeatingPlan",
    "venues.SeatSection", "payments.ConnectedAccount", "auth.Permission", "auth.Group",
}  # fmt: skip
#: Fields that only sound personal, and why.
NOT_PERSONAL = {
    "ticketing.HouseHold.note": "what the house keeps tickets back for",
    "orders.Outlet.offers_seat_delivery": "a switch",
    "payments.SandboxDispute.evidence": "the sandbox's copy, on no live server",
    "payments.Payment.failure_message": "why a card was refused, in the provider's words",
    "payments.Refund.failure_message": "why a refund was refused, in the provider's words",
    "payments.Transfer.failure_message": "why a transfer was refused, in the provider's words",
    "payments.TransferReversal.failure_message": "why a reversal was refused, in the provider's words",
    "notifications.InboundMessage.recipient": "our own number",
    "notifications.MessageTemplate.body": "a venue's own words for everybody",
    "admin.LogEntry.change_message": "the console writes the audit trail instead of this table",
    "axes.AccessFailureLog.ip_address": "never written: AXES_ENABLE_ACCESS_FAILURE_LOG is off",
    "axes.AccessFailureLog.user_agent": "never written: AXES_ENABLE_ACCESS_FAILURE_LOG is off",
    "axes.AccessFailureLog.username": "never written: AXES_ENABLE_ACCESS_FAILURE_LOG is off",
    "axes.AccessLog.ip_address": "never written: AXES_DISABLE_ACCESS_LOG",
    "axes.AccessLog.user_agent": "never written: AXES_DISABLE_ACCESS_LOG",
    "axes.AccessLog.username": "never written: AXES_DISABLE_ACCESS_LOG",
}
#: Where a trace may stay, each with a reason in `retention.stays` or a day's life.
ARGUED = {"audit.AuditLog", "trufan_lib.IdempotencyRecord", "notifications.WebhookMessage"}


def fields() -> set[str]:
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if not field.is_relation
    }


def sounds_personal(field: str) -> bool:
    model, _, name = field.rpartition(".")
    return bool(PERSONAL.search(name)) and not (name == "name" and model in THINGS) and field not in NOT_PERSONAL


def traces_of(words: tuple[str, ...]) -> set[str]:
    """The fields, of all tables, in which any of the words stands."""
    found = set()
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if not field.is_relation]
        for row in model._base_manager.values(*names):
            for name, value in row.items():
                if any(word in str(value).lower() for word in words):
                    found.add(f"{model._meta.label}.{name}")
    return found


# -- Every field --


def test_every_personal_field_is_forgotten_by_age_or_has_a_reason_to_stay():
    assert {field for field in fields() if sounds_personal(field)} <= retention.declared_fields()


def test_nothing_is_declared_that_is_not_there():
    assert retention.declared_fields() <= fields()
    assert set(NOT_PERSONAL) <= fields()


# -- One person, everywhere --


@pytest.fixture
def lot(venue):
    lot = LotFactory(venue=venue)
    return CapacityFactory(lot=lot).lot


@pytest.fixture
def camera(api, venue):
    return api.as_(StaffFactory(venue=venue, role="parking").user)


def bought(buyer: Any, lot: Any, ticket_type: Any, **extras: Any) -> dict[str, Any]:
    """A paid order for a ticket and a space, placed by the API."""
    now = timezone.now()
    asked = {
        "lot": str(lot.pk),
        "kind": "standard",
        "plate": PLATE,
        "starts_at": now,
        "ends_at": now + timedelta(hours=4),
    }
    quote = buyer.post(f"{API}/parking/quotes", asked).json()
    lines = [
        {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1},
        {"type": "parking", "id": quote["id"], "quantity": 1},
    ]
    order = buyer.post(f"{API}/orders", {"items": lines, **extras}).json()
    headers = {"X-Order-Access-Code": order["access_code"]} if "access_code" in order else {}
    assert buyer.post(f"{API}/orders/{order['id']}/pay", VISA, headers=headers).json()["status"] == "succeeded"
    return order


def parked(camera: Any, lot: Any) -> ParkingSession:
    seen = {"lot": str(lot.pk), "plate": PLATE, "gate": "In"}
    assert camera.post(f"{API}/parking/gate/entries", {**seen, "nonce": "in"}).json()["open"]
    assert camera.post(f"{API}/parking/gate/exits", {**seen, "nonce": "out"}).json()["open"]
    return ParkingSession.objects.get()


def live(zelda: Any, order: Order, stay: ParkingSession, ticket_type: Any, other: Any) -> None:
    """What a person leaves behind besides an order."""
    now = timezone.now()
    ticket = Ticket.objects.get(order=order)
    offer: dict[str, Any] = {"ticket": ticket, "expires_at": now, "status": "declined", "decided_at": now}
    TicketTransfer.objects.create(offered_by=zelda, from_name=NAME, to_email="bo@example.com", message=NAME, **offer)
    TicketTransfer.objects.create(offered_by=other, from_name="Bo", to_email=EMAIL, message=f"Hi {NAME}", **offer)
    Attendee.objects.create(ticket=ticket, name=f"{NAME} herself", email=EMAIL)
    WaitlistEntry.objects.create(ticket_type=ticket_type, user=zelda, quantity=1, status="left", ended_at=now)
    OrderRating.objects.create(order=order, stars=5, comment=f"{NAME} liked it")
    Device.objects.create(user=zelda, kind="fcm", token=NAME, token_hash=NAME, name=f"{NAME}'s phone", last_seen_at=now)
    Consent.objects.create(user=zelda, channel="email", address=EMAIL, wanted=True, source="account", words="Yes")
    InboundMessage.objects.create(sid="SM1", sender=PHONE, body=f"STATUS {NAME}", answer=NAME)
    Vehicle.objects.create(user=zelda, name=f"{NAME}'s car", plate=PLATE, plate_key="20770X")
    ValetTicket.objects.create(
        lot=stay.lot, session=stay, number=7, vehicle=f"{NAME}'s blue car", notes=f"{NAME} has a dog", place="P1",
        key_tag="7", status="handed_over", taken_by=other, ended_at=now,
    )  # fmt: skip
    phone_codes.send_code(zelda, None, now)


@pytest.fixture
def zelda(api, venue, lot, camera, ticket_type, stan):
    zelda = UserFactory(email=EMAIL, first_name=NAME, last_name="Quince", phone=PHONE)
    order = bought(api.as_(zelda), lot, ticket_type)
    live(zelda, Order.objects.get(pk=order["id"]), parked(camera, lot), ticket_type, stan)
    return zelda


def test_the_export_tells_all_of_it(api, zelda):
    told = json.dumps(api.as_(zelda).get(f"{API}/users/me/export").json())
    for word in (EMAIL, PHONE, PLATE, "herself", "liked it", "'s phone", "STATUS", "'s car", "blue car", "has a dog"):
        assert word in told, word


def test_nothing_is_left_of_who_erases_the_account_and_the_books_stand(api, zelda):
    before = list(LedgerLine.objects.order_by("pk").values_list("account", "amount"))
    assert {"accounts.User.email", "orders.Order.contact_email", "parking.GateEvent.plate"} <= traces_of(TRACES)

    assert api.as_(zelda).delete(f"{API}/users/me", {"password": PASSWORD}).status_code == 204

    left = {field for field in traces_of(TRACES) if field.rpartition(".")[0] not in ARGUED}
    assert left == set()
    assert list(LedgerLine.objects.order_by("pk").values_list("account", "amount")) == before
    all_checks_hold()


def all_checks_hold() -> None:
    call_command("check_books")
    call_command("check_inventory")
    assert all(entry.digest == fingerprints.of_entry(entry) for entry in AuditLog.objects.all())


# -- A guest --


@pytest.fixture
def guest(api, lot, camera, ticket_type):
    contact = {"email": EMAIL, "phone": PHONE, "name": NAME}
    order = bought(api.as_(None), lot, ticket_type, contact=contact)
    parked(camera, lot)
    Attendee.objects.create(ticket=Ticket.objects.get(), name=NAME, email=EMAIL)
    return Order.objects.get(pk=order["id"])


def erase(api: Any, who: Any, order: Order) -> Any:
    headers = {"X-Order-Access-Code": access.code_for(order)}
    return api.as_(who).post(f"{API}/orders/{order.pk}/erase-buyer", headers=headers)


def test_a_guest_is_erased_by_the_link_of_the_order(api, guest):
    key = BuyerOfOrder.objects.get(pk=guest.pk).key
    answer = erase(api, None, guest)

    assert (answer.status_code, answer.json()["contact"]) == (200, {"email": "", "phone": "", "name": ""})
    assert answer.json()["total"] == guest.amount_total
    left = {field for field in traces_of(TRACES) if field.rpartition(".")[0] not in ARGUED}
    assert left == set()
    assert BuyerOfOrder.objects.get(pk=guest.pk).key not in ("", key)
    assert erase(api, None, guest).status_code == 200
    all_checks_hold()


def test_a_message_that_waits_for_another_order_of_the_guest_is_still_said(api, guest, ticket_type, lot):
    contact = {"email": EMAIL, "phone": PHONE, "name": NAME}
    lines = [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]
    api.as_(None).post(f"{API}/orders", {"items": lines, "contact": contact})
    waiting = Notification.objects.create(
        venue_id=guest.venue_id, recipient=EMAIL, template="order_paid", next_attempt_at=timezone.now()
    )
    assert erase(api, None, guest).status_code == 200
    waiting.refresh_from_db()
    assert (waiting.status, waiting.recipient) == ("pending", EMAIL)


def test_an_account_and_an_unpaid_order_are_not_erased_here(api, fay, zelda, guest_of_pending):
    theirs = Order.objects.get(user=zelda)
    refused = erase(api, zelda, theirs)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "buyer_has_account")
    refused = erase(api, None, guest_of_pending)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "buyer_still_needed")
    assert api.as_(fay).post(f"{API}/orders/{theirs.pk}/erase-buyer").status_code == 404


@pytest.fixture
def guest_of_pending(api, ticket_type):
    lines = [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]
    contact = {"email": "gil@example.com", "phone": "+12125550123", "name": "Gil"}
    return Order.objects.get(pk=api.as_(None).post(f"{API}/orders", {"items": lines, "contact": contact}).json()["id"])


# -- By age --


def aged(row: Model, **when: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**when)


def test_a_guest_is_forgotten_after_the_days_and_once_the_event_is_as_old(guest, settings):
    settings.GUEST_CONTACT_DAYS = 100
    now = timezone.now()
    kind = retention_of("orders.guests")
    aged(guest, created_at=now - timedelta(days=99))
    assert kind.forget(now) == 0
    aged(guest, created_at=now - timedelta(days=101))
    event = Ticket.objects.get().event
    aged(guest, event=event)
    assert kind.forget(now) == 0
    later = now + timedelta(days=101)
    assert (kind.forget(later), kind.forget(later)) == (1, 0)
    guest.refresh_from_db()
    assert (guest.contact_email, guest.contact_name) == ("", "")
    assert kind.oldest() is None


def test_zero_days_keep_all(guest, settings):
    settings.GUEST_CONTACT_DAYS = settings.ATTENDEE_DAYS = 0
    far = timezone.now() + timedelta(days=9_999)
    assert [retention_of(name).forget(far) for name in ("orders.guests", "ticketing.attendees")] == [0, 0]
    assert retention_of("orders.guests").kept == "for ever"


def test_a_cart_that_nobody_paid_forgets_its_buyer(guest_of_pending, guest, settings):
    far = timezone.now() + timedelta(days=31)
    assert retention_of("orders.unpaid").forget(far) == 0
    aged(guest_of_pending, status="expired")
    assert retention_of("orders.unpaid").forget(far) == 1
    guest.refresh_from_db()
    guest_of_pending.refresh_from_db()
    assert (guest.contact_name, guest_of_pending.contact_name) == (NAME, "")


def test_what_hangs_on_an_event_is_forgotten_after_it(zelda, settings):
    settings.GUEST_CONTACT_DAYS = 0
    far = timezone.now() + timedelta(days=366)
    names = ("ticketing.attendees", "ticketing.recipients", "ticketing.waiting", "parking.valet_notes")
    assert [retention_of(name).forget(timezone.now()) for name in names] == [0, 0, 0, 0]
    assert [retention_of(name).forget(far) for name in names] == [1, 2, 1, 1]
    assert [retention_of(name).forget(far) for name in names] == [0, 0, 0, 0]
    assert {Attendee.objects.count(), WaitlistEntry.objects.count()} == {0}
    assert Ticket.objects.get().holder_name == ""


def test_the_contact_of_a_guests_stay_is_forgotten(guest):
    kind, now = retention_of("parking.contacts"), timezone.now()
    assert ParkingSession.objects.get().contact_email == EMAIL
    assert (kind.forget(now), kind.forget(now + timedelta(days=366))) == (0, 1)
    assert ParkingSession.objects.get().contact_email == ""


def test_a_car_that_is_there_keeps_its_plate_when_its_guest_is_erased(api, lot, camera, ticket_type):
    contact = {"email": EMAIL, "phone": PHONE, "name": NAME}
    order = bought(api.as_(None), lot, ticket_type, contact=contact)
    seen = {"lot": str(lot.pk), "plate": PLATE, "gate": "In"}
    assert camera.post(f"{API}/parking/gate/entries", {**seen, "nonce": "in"}).json()["open"]
    assert erase(api, None, Order.objects.get(pk=order["id"])).status_code == 200
    assert ParkingReservation.objects.get().plate
    assert GateEvent.objects.get().plate
    assert camera.post(f"{API}/parking/gate/exits", {**seen, "nonce": "out"}).json()["open"]


def retention_of(name: str) -> retention.Kind:
    return next(kind for kind in retention.kinds() if kind.name == name)
