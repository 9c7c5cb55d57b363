"""Tickets whose buyer went to the bank: the door says so, and what becomes of them follows the bank."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from orders.models import Order
from orders.refunding import refund_order
from payments import dispute_recovery, refunds, sandbox_payer
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.models import Dispute, Payment, Refund, SandboxIntent
from ticketing import codes
from ticketing.door import checkin, passing
from ticketing.errors import NotAdmitted
from ticketing.inventory_check import differences
from ticketing.models import Scan, Ticket
from ticketing.tests.sales import buy
from trufan.tests.console_client import as_, buttons_on, url


@pytest.fixture
def pair(fay, ticket_type):
    """Two tickets of one order."""
    return buy(fay, ticket_type, 2)


def goes_to_the_bank(order: Order, amount: int = 0, status: str = "") -> Dispute:
    payment = Payment.objects.get(payable_id=order.pk)
    kept = sandbox_disputes.open_dispute(
        SandboxIntent.objects.get(reference=payment.pk), timezone.now(), amount, status
    )
    found = dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())
    assert found
    return found


def decide(dispute: Dispute, outcome: str) -> None:
    sandbox_payer.decide_dispute(dispute, outcome, timezone.now())


def scan(ticket: Ticket, by) -> Scan:
    return checkin.scan(codes.sign(ticket), by=by, nonce=uuid4().hex, now=timezone.now())


def stock_of(ticket_type):
    ticket_type.refresh_from_db()
    return ticket_type.held, ticket_type.sold


def test_the_door_says_that_a_ticket_is_disputed(api, gus, pair):
    goes_to_the_bank(pair[0].order)
    body = {"code": codes.sign(pair[0]), "nonce": "n-1"}
    answer = api.as_(gus).post("/api/v1/checkin/scans", body).json()
    assert (answer["result"], answer["reason"]) == ("refused", "disputed")
    assert answer["message"] == "The payment for this ticket is disputed."
    assert answer["ticket"]["number"] == pair[0].number
    row = Scan.objects.get()
    page = as_(gus).get(url(Scan, "change", row.pk)).content.decode()
    assert "Disputed" in page


def test_a_disputed_ticket_is_not_let_in_by_hand(gus, pair):
    goes_to_the_bank(pair[0].order)
    with pytest.raises(NotAdmitted) as refusal:
        checkin.admit(pair[0], gus, timezone.now())
    assert refusal.value.details[0].code == "disputed"
    assert "check-in" not in buttons_on(gus, Ticket.objects.get(pk=pair[0].pk))


def test_a_ticket_that_is_frozen_while_it_is_scanned_is_refused(gus, pair, monkeypatch):
    """The bank speaks up between the reading of the row and its change."""
    inwards = passing.inwards

    def late(ticket, *args):
        if ticket.frozen_at is None:
            Ticket.objects.filter(pk=ticket.pk).update(frozen_at=timezone.now())
        return inwards(ticket, *args)

    monkeypatch.setattr(passing, "inwards", late)
    assert scan(pair[0], gus).reason == "disputed"
    assert Ticket.objects.get(pk=pair[0].pk).status == "valid"


def test_its_holder_is_shown_that_it_is_frozen(api, fay, pair):
    goes_to_the_bank(pair[0].order)
    (shown, _) = api.as_(fay).get("/api/v1/tickets").json()["results"]
    assert shown["status"] == "valid"
    assert shown["frozen_at"]


def test_tickets_admit_again_once_the_dispute_is_won(gus, pair, ticket_type):
    assert scan(pair[0], gus).result == "accepted"
    dispute = goes_to_the_bank(pair[0].order)
    assert scan(pair[0], gus).reason == "disputed"
    decide(dispute, "won")
    assert scan(pair[0], gus).reason == "already_used"
    assert scan(pair[1], gus).result == "accepted"
    assert stock_of(ticket_type) == (0, 2)
    assert Order.objects.get().status == "paid"


def test_tickets_are_void_and_their_stock_is_back_once_it_is_lost(gus, pair, ticket_type):
    assert scan(pair[0], gus).result == "accepted"
    decide(goes_to_the_bank(pair[0].order), "lost")
    assert set(Ticket.objects.values_list("status", flat=True)) == {"refunded"}
    assert {scan(ticket, gus).reason for ticket in pair} == {"disputed"}
    assert stock_of(ticket_type) == (0, 0)
    order = Order.objects.get()
    assert (order.status, order.amount_refunded, order.amount_disputed) == ("refunded", 0, 10_000)
    assert list(differences()) == []


def test_a_dispute_over_a_part_freezes_all_of_it_and_lost_it_takes_nothing(gus, pair, ticket_type):
    dispute = goes_to_the_bank(pair[0].order, 5_000)
    assert {scan(ticket, gus).reason for ticket in pair} == {"disputed"}
    decide(dispute, "lost")
    assert {scan(ticket, gus).result for ticket in pair} == {"accepted"}
    assert (Order.objects.get().status, stock_of(ticket_type)) == ("paid", (0, 2))


def test_the_rest_goes_when_a_refund_takes_what_a_lost_dispute_left(
    fay, olga, gus, pair, ticket_type, django_capture_on_commit_callbacks
):
    decide(goes_to_the_bank(pair[0].order, 5_000), "lost")
    with django_capture_on_commit_callbacks(execute=True):
        refund_order(Order.objects.get(), by=olga, reason="Rain", now=timezone.now())
    order = Order.objects.get()
    assert (order.status, order.amount_refunded, order.amount_disputed) == ("refunded", 5_000, 5_000)
    assert stock_of(ticket_type) == (0, 0)


def test_an_inquiry_freezes_nothing(gus, pair):
    goes_to_the_bank(pair[0].order, status="warning_needs_response")
    assert scan(pair[0], gus).result == "accepted"


def test_tickets_stay_frozen_until_the_last_dispute_is_decided(gus, pair):
    first, second = (goes_to_the_bank(pair[0].order, 1_000) for _ in range(2))
    decide(first, "won")
    assert scan(pair[0], gus).reason == "disputed"
    decide(second, "won")
    assert scan(pair[0], gus).result == "accepted"


def test_a_refund_under_way_takes_no_tickets_while_the_dispute_may_be_won(gus, pair, ticket_type):
    payment = Payment.objects.get()
    refund = refunds.request(payment, 5_000, reason="Rain", by=None, now=timezone.now())
    dispute = goes_to_the_bank(pair[0].order, 5_000)
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.SUCCEEDED), timezone.now())
    assert Order.objects.get().status == "paid"
    decide(dispute, "won")
    assert scan(pair[0], gus).result == "accepted"


def test_a_refund_under_way_and_a_lost_dispute_take_everything(gus, pair, ticket_type):
    refund = refunds.request(Payment.objects.get(), 5_000, reason="Rain", by=None, now=timezone.now())
    dispute = goes_to_the_bank(pair[0].order, 5_000)
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.SUCCEEDED), timezone.now())
    decide(dispute, "lost")
    assert (Order.objects.get().status, stock_of(ticket_type)) == ("refunded", (0, 0))
