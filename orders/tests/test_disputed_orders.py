"""What a buyer and the staff see of a disputed order, and what they can't do with it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders.models import Order
from orders.tests.test_holds import place
from orders.tests.test_paying import pay
from payments import dispute_recovery, sandbox_payer
from payments.gateways import sandbox_disputes
from payments.models import Dispute, SandboxIntent
from trufan.tests.console_client import as_, buttons_on, url


@pytest.fixture
def order(api, fay, ticket_type):
    placed = place(fay, (ticket_type, 2))
    assert pay(api, fay, placed).status_code == 200
    return placed


def dispute(amount=0, status=""):
    kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now(), amount, status)
    return dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())


def shown(api, user, order):
    answer = api.as_(user).get(f"/api/v1/orders/{order.pk}")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("outcome", "said", "amount", "status"),
    [("", "open", 10_000, "paid"), ("won", "won", 0, "paid"), ("lost", "lost", 10_000, "refunded")],
)
def test_its_buyer_is_told_how_the_dispute_stands_and_nothing_more(api, fay, order, outcome, said, amount, status):
    assert shown(api, fay, order)["dispute"] is None
    row = dispute()
    Dispute.objects.update(evidence="They danced all night.")
    if outcome:
        sandbox_payer.decide_dispute(row, outcome, timezone.now())
    body = shown(api, fay, order)
    assert (body["dispute"], body["amount_disputed"], body["status"]) == (said, amount, status)
    assert body["payments"][0]["amount_disputed"] == amount
    assert "danced" not in str(body)


def test_an_inquiry_is_between_the_bank_and_the_venue(api, fay, order):
    dispute(status="warning_needs_response")
    assert shown(api, fay, order)["dispute"] is None


@pytest.mark.parametrize("asked", [{}, {"amount": 100}], ids=["all", "amount"])
def test_a_disputed_order_is_not_refunded(api, olga, order, asked):
    dispute(1_000)
    for path in ("refunds/preview", "refunds"):
        answer = api.as_(olga).post(f"/api/v1/orders/{order.pk}/{path}", {**asked, "reason": "Rain"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "payment_disputed"), path


def test_after_a_part_was_lost_the_rest_can_be_refunded(api, olga, order):
    sandbox_payer.decide_dispute(dispute(1_000), "lost", timezone.now())
    preview = api.as_(olga).post(f"/api/v1/orders/{order.pk}/refunds/preview", {})
    assert (preview.status_code, preview.json()["amount"]) == (200, 9_000)
    more = api.as_(olga).post(f"/api/v1/orders/{order.pk}/refunds", {"amount": 9_001, "reason": "Rain"})
    assert more.json()["error"]["code"] == "refund_exceeds_payment"


def test_the_orders_page_tells_of_the_dispute(olga, order):
    row = dispute()
    page = as_(olga).get(url(Order, "change", order.pk)).content.decode()
    assert url(Dispute, "change", row.pk) in page
    assert "needs response" in page
    assert "order.dispute_open" in page
    assert "refund-amount" not in buttons_on(olga, order)
