"""What venues' own systems are told looks as the registry, and so the guide, says; and the rules do tell it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

import events.announcements as of_events
import orders.announcements as of_orders
import parking.announcements as of_parking
import payments.announcements as of_payments
import ticketing.announcements as of_tickets
from accounts.models import User
from events.models import Event
from notifications.models import WebhookMessage
from notifications.webhooks import endpoints, kinds
from orders.cancellation import cancel
from orders.expiry import expire_overdue
from orders.kitchen import ending, moves
from orders.models import Fulfilment, Order, ProductVariant
from orders.tests.test_holds import place
from orders.tests.test_paying import pay
from parking.models import ParkingCharge, ParkingReservation, ParkingSession, ValetTicket
from payments import disputes
from payments.gateways.base import DisputeOutcome
from payments.models import Dispute, Payment
from ticketing import codes
from ticketing.door import checkin
from ticketing.models import Scan, Ticket, TicketTransfer
from ticketing.tests.sales import buy
from ticketing.transfers import answering, offering
from trufan.testing import (
    CapacityFactory,
    EventFactory,
    LotFactory,
    OutletFactory,
    ProductVariantFactory,
    StaffFactory,
    TicketTypeFactory,
    UserFactory,
)
from trufan.tests.console_rows import rows_of
from venues.models import Venue

pytestmark = pytest.mark.django_db
API = "/api/v1"
HERE = "https://93.184.215.14/"


@pytest.fixture
def listener(venue: Venue) -> Any:
    """An endpoint that is told everything; nothing is posted, because no test commits."""
    return endpoints.add(venue.pk, url=HERE, by=None)[0]


def told(*names: str) -> list[dict[str, Any]]:
    """The data of the messages of these types, in order."""
    rows = WebhookMessage.objects.filter(type__in=names, endpoint__url=HERE).order_by("created_at", "pk")
    return [json.loads(row.body)["data"] for row in rows]


def shape(value: Any) -> Any:
    """Names and kinds of value; what may be null is not told apart from what is there."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return type(value).__name__


def fits(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(found, dict):
        return found.keys() == wanted.keys() and all(fits(found[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return bool(found) and all(fits(each, wanted[0]) for each in found)
    return found is None or wanted is None or type(found) is type(wanted)


def announced(rows: dict[Any, Any]) -> dict[str, Callable[[], Any]]:
    """Type → how its app announces it, of one row each."""
    order, meal, ticket, scan = rows[Order], rows[Fulfilment], rows[Ticket], rows[Scan]
    reservation, stay = rows[ParkingReservation], rows[ParkingSession]
    event_venue = rows[Venue].pk
    items = order.all_lines()
    for item in items:
        item.fulfilment_id = meal.pk
    refund = SimpleNamespace(pk=order.pk, amount=500, currency="USD")
    pieces = [SimpleNamespace(item=items[0], quantity=1)]
    now = timezone.now()
    acts: dict[str, Callable[[], Any]] = {
        "order.paid": lambda: of_orders.paid(order, items),
        "order.refunded": lambda: of_orders.refunded(order, refund, pieces),  # type: ignore[arg-type]
        "order.refund_came_back": lambda: of_orders.refund_came_back(order, refund),  # type: ignore[arg-type]
        "order.cancelled": lambda: of_orders.ended([order], of_orders.CANCELLED),
        "order.expired": lambda: of_orders.ended([order], of_orders.EXPIRED),
        "fulfilment.placed": lambda: of_orders.placed(order, [meal], items),
        "fulfilment.taken_back": lambda: of_orders.taken_back(meal),
        "product.low_stock": lambda: of_orders.low_stock([rows[ProductVariant]]),
        "ticket.issued": lambda: of_tickets.issued(order, [ticket]),
        "ticket.revoked": lambda: of_tickets.revoked(order.venue_id, [ticket]),
        "ticket.transferred": lambda: of_tickets.transferred(_with(rows[TicketTransfer], decided_at=now)),
        "ticket.check_in_undone": lambda: of_tickets.undone(ticket),
        "dispute.opened": lambda: of_payments.disputed(_as(rows[Dispute], "needs_response")),
        "dispute.closed": lambda: of_payments.disputed(_as(rows[Dispute], "lost")),
        "event.published": lambda: of_events.published(None, event=rows[Event], now=now),
        "event.cancelled": lambda: of_events.cancelled(None, event=rows[Event], now=now),
        "event.completed": lambda: of_events.completed(None, event=rows[Event], now=now),
        "parking.charge_paid": lambda: of_parking.paid(rows[ParkingCharge]),
    }
    for result, name in ((Scan.Result.ACCEPTED, "ticket.scanned"), (Scan.Result.REFUSED, "ticket.scan_refused")):
        acts[name] = lambda result=result: of_tickets.scanned(_with(scan, result=result, direction="in"))
    acts["ticket.left"] = lambda: of_tickets.scanned(_with(scan, result=Scan.Result.ACCEPTED, direction="out"))
    acts["checkin.conflict"] = lambda: of_tickets.conflicts(
        event_venue, [_with(scan, result=Scan.Result.ACCEPTED, direction="in", conflict="double_entry")]
    )
    for status, name in of_orders.MOVED.items():
        acts[name] = lambda status=status: of_orders.moved(_with(meal, status=status), order)
    for kind in (of_parking.CONFIRMED, of_parking.CHANGED, of_parking.CANCELLED, of_parking.NO_SHOW):
        acts[kind] = lambda kind=kind: of_parking.reservation(kind, reservation)
    for kind in (
        of_parking.STARTED, of_parking.EXTENDED, of_parking.OVERSTAYED, of_parking.ENDED, of_parking.REOPENED,
        of_parking.VOIDED,
    ):  # fmt: skip
        acts[kind] = lambda kind=kind: of_parking.session(kind, stay)
    for kind in (of_parking.VALET_REQUESTED, of_parking.VALET_READY, of_parking.VALET_HANDED_OVER):
        acts[kind] = lambda kind=kind: of_parking.valet(kind, rows[ValetTicket])
    return acts


def _with(row: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _as(dispute: Dispute, status: str) -> Dispute:
    return _with(dispute, status=status)


def test_every_type_is_told_as_its_example_shows(venue: Venue, listener: Any) -> None:
    acts = announced(rows_of(venue, "Quixote"))
    assert set(acts) == kinds.names()
    for kind in kinds.known():
        acts[kind.name]()
        [data] = told(kind.name)
        assert fits(data, dict(kind.example)), (kind.name, shape(data), shape(dict(kind.example)))
        assert data["venue_id"] == str(venue.pk)


def test_nothing_that_is_told_names_a_person(venue: Venue, listener: Any) -> None:
    rows = rows_of(venue, "Quixote")
    secrets = ["Somebody Else", "somebody@else.example", "+12025550188", "EL5E 123", "no onions please"]
    name, email, phone, plate, note = secrets
    _with(rows[Order], contact_name=name, contact_email=email, contact_phone=phone)
    _with(rows[Ticket], holder_name=name)
    _with(rows[Fulfilment], note=note)
    _with(rows[ParkingReservation], plate=plate, holder_name=name)
    _with(rows[ParkingSession], plate=plate, contact_email=email, contact_phone=phone)
    _with(rows[ValetTicket], vehicle=plate, notes=note)
    for act in announced(rows).values():
        act()
    said = " ".join(WebhookMessage.objects.filter(endpoint__url=HERE).values_list("body", flat=True))
    for secret in secrets:
        assert secret not in said


# -- The rules tell it --


def test_a_sale_tells_of_the_order_its_tickets_and_what_is_to_be_made(
    api: Any, fay: User, venue: Venue, ticket_type: Any, listener: Any
) -> None:
    burger = ProductVariantFactory(product__outlet=OutletFactory(venue=venue), price=1_200)
    lines = [
        {"type": "ticket", "id": str(ticket_type.pk), "quantity": 2},
        {"type": "product", "id": str(burger.pk), "quantity": 3},
    ]
    made = api.as_(fay).post(f"{API}/orders", {"items": lines}).json()
    assert not WebhookMessage.objects.exists()
    api.as_(fay).post(f"{API}/orders/{made['id']}/pay", {"payment_method": "pm_card_visa"})
    [paid] = told("order.paid")
    assert (paid["order"]["number"], paid["order"]["status"]) == (made["number"], "paid")
    assert (paid["order"]["total"], [line["quantity"] for line in paid["lines"]]) == (made["total"], [2, 3])
    assert {each["ticket"]["number"] for each in told("ticket.issued")} == set(
        Ticket.objects.values_list("number", flat=True)
    )
    [placed] = told("fulfilment.placed")
    assert ([line["quantity"] for line in placed["lines"]], placed["order"]["number"]) == ([3], made["number"])


def test_a_payment_that_fails_tells_nothing(api: Any, fay: User, ticket_type: Any, listener: Any) -> None:
    pay(api, fay, place(fay, (ticket_type, 1)), "pm_card_chargeDeclined")
    assert not WebhookMessage.objects.exists()


def test_orders_that_end_unpaid_are_told(fay: User, ticket_type: Any, listener: Any) -> None:
    now = timezone.now()
    late, given_up = place(fay, (ticket_type, 1), now=now - timedelta(minutes=11)), place(fay, (ticket_type, 1))
    expire_overdue(now)
    cancel(given_up, by=fay, now=now)
    assert [each["order"]["id"] for each in told("order.expired")] == [str(late.pk)]
    assert [(each["order"]["id"], each["order"]["status"]) for each in told("order.cancelled")] == [
        (str(given_up.pk), "cancelled")
    ]


def test_a_refund_tells_of_the_money_and_of_each_ticket(
    api: Any, fay: User, olga: User, ticket_type: Any, listener: Any, django_capture_on_commit_callbacks: Any
) -> None:
    order = place(fay, (ticket_type, 2))
    pay(api, fay, order)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.as_(olga).post(f"{API}/orders/{order.pk}/refunds", {"reason": "Rain"})
    assert answer.status_code < 300, answer.json()
    [refunded] = told("order.refunded")
    assert (refunded["order"]["status"], refunded["refund"]["amount"]) == ("refunded", 10_000)
    assert refunded["lines"][0]["quantity"] == 2
    assert [each["ticket"]["status"] for each in told("ticket.revoked")] == ["refunded"] * 2


def test_the_door_tells_who_came_in_who_did_not_and_what_was_taken_back(
    api: Any, fay: User, gus: User, event: Event, ticket_type: Any, listener: Any
) -> None:
    pay(api, fay, place(fay, (ticket_type, 2)))
    now = timezone.now()
    first, second = Ticket.objects.order_by("ordinal")
    for nonce in ("n-1", "n-2", "n-2"):
        checkin.scan(codes.sign(first), by=gus, nonce=nonce, now=now, gate="North", event_id=event.pk)
    checkin.scan("rubbish", by=gus, nonce="n-3", now=now, event_id=event.pk)
    checkin.admit(second, gus, now, gate="South")
    checkin.undo(Ticket.objects.get(pk=first.pk), gus, "Wrong one", now)
    scanned, by_hand = told("ticket.scanned")
    assert (scanned["ticket"]["id"], scanned["ticket"]["status"], scanned["scan"]["gate"]) == (
        str(first.pk), "used", "North"
    )  # fmt: skip
    assert (by_hand["ticket"]["id"], by_hand["scan"]["method"]) == (str(second.pk), "by_hand")
    again, rubbish = told("ticket.scan_refused")
    assert (again["scan"]["reason"], again["ticket"]["id"]) == ("already_used", str(first.pk))
    assert (rubbish["scan"]["reason"], rubbish["ticket"]) == ("unknown", None)
    assert [each["ticket"]["status"] for each in told("ticket.check_in_undone")] == ["valid"]


def test_a_ticket_that_changed_hands_is_told(fay: User, venue: Venue, listener: Any) -> None:
    starts, now = timezone.now() + timedelta(days=10), timezone.now()
    show = EventFactory(venue=venue, doors_at=starts, starts_at=starts, ends_at=starts + timedelta(hours=3))
    [ticket] = buy(fay, TicketTypeFactory(event=show))
    finn = UserFactory(email="finn@example.com")
    offer = offering.offer(ticket, offering.Recipient(email=finn.email), by=fay, now=now)
    answering.accept(offer, finn, now)
    [data] = told("ticket.transferred")
    assert (data["ticket"]["id"], data["transfer"]["id"]) == (str(ticket.pk), str(offer.pk))
    assert finn.email not in str(data)


def test_the_kitchen_tells_each_step(api: Any, fay: User, venue: Venue, listener: Any) -> None:
    cook = StaffFactory(venue=venue, role="kitchen").user
    now = timezone.now()
    for _ in range(2):
        burger = ProductVariantFactory(product__outlet=OutletFactory(venue=venue), price=1_200)
        line = {"type": "product", "id": str(burger.pk), "quantity": 1}
        made = api.as_(fay).post(f"{API}/orders", {"items": [line]}).json()
        api.as_(fay).post(f"{API}/orders/{made['id']}/pay", {"payment_method": "pm_card_visa"})
    eaten, refused = Fulfilment.objects.order_by("created_at", "pk")
    for name in ("accept", "prepare", "ready", "ready"):
        moves.step(eaten, name, by=cook, now=now)
    moves.back(eaten, since="ready", by=cook, now=now)
    ending.refuse(refused, reason="Sold out", by=cook, now=now)
    names = WebhookMessage.objects.filter(type__startswith="fulfilment.").order_by("created_at", "pk")
    assert list(names.values_list("type", flat=True)) == [
        "fulfilment.placed", "fulfilment.placed", "fulfilment.accepted", "fulfilment.preparing", "fulfilment.ready",
        "fulfilment.taken_back", "fulfilment.refused",
    ]  # fmt: skip
    assert told("fulfilment.taken_back")[0]["fulfilment"]["status"] == "preparing"


def test_a_night_of_parking_is_told(api: Any, fay: User, venue: Venue, listener: Any) -> None:
    lot = LotFactory(venue=venue)
    CapacityFactory(lot=lot)
    attendant = StaffFactory(venue=venue, role="parking").user
    now = timezone.now()
    fan, camera = api.as_(fay), api.as_(attendant)
    window = {"starts_at": now, "ends_at": now + timedelta(hours=4)}
    quote = fan.post(f"{API}/parking/quotes", {"lot": str(lot.pk), "kind": "standard", "plate": "FAY 1N", **window})
    line = {"type": "parking", "id": quote.json()["id"], "quantity": 1}
    order = fan.post(f"{API}/orders", {"items": [line]}).json()
    fan.post(f"{API}/orders/{order['id']}/pay", {"payment_method": "pm_card_visa"})
    seen = {"lot": str(lot.pk), "plate": "FAY1N", "gate": "In", "nonce": "in-1"}
    assert camera.post(f"{API}/parking/gate/entries", seen).json()["open"]
    stay = ParkingSession.objects.get()
    until = now + timedelta(hours=5)
    more = fan.post(f"{API}/parking/sessions/{stay.pk}/extend", {"until": until, "payment_method": "pm_card_visa"})
    assert more.json()["status"] == "succeeded"
    assert camera.post(f"{API}/parking/gate/exits", {**seen, "gate": "Out", "nonce": "out-1"}).json()["open"]
    names = WebhookMessage.objects.filter(type__startswith="parking.").order_by("created_at", "pk")
    assert list(names.values_list("type", flat=True)) == [
        "parking.reservation_confirmed", "parking.session_started", "parking.session_extended", "parking.charge_paid",
        "parking.session_ended",
    ]  # fmt: skip
    assert told("parking.session_ended")[0]["session"]["reservation_id"] == str(ParkingReservation.objects.get().pk)


def test_a_dispute_and_an_event_called_off_are_told(
    api: Any, fay: User, olga: User, event: Event, ticket_type: Any, listener: Any
) -> None:
    pay(api, fay, place(fay, (ticket_type, 1)))
    payment, now = Payment.objects.get(), timezone.now()
    opened = DisputeOutcome(
        provider_id="du_1", provider_payment_id=payment.provider_id, status=Dispute.Status.NEEDS_RESPONSE,
        amount=5_000, currency="USD", reason="fraudulent", opened_at=now,
    )  # fmt: skip
    disputes.record(payment, opened, now)
    [data] = told("dispute.opened")
    assert (data["dispute"]["stage"], data["payment"]["reference"]) == ("open", Order.objects.get().number)
    api.as_(olga).post(f"{API}/events/{event.pk}/cancel")
    assert [each["event"]["status"] for each in told("event.cancelled")] == ["cancelled"]
