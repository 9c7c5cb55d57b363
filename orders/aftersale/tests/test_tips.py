"""A tip after the sale: once, within its window and its limit, all of it for who served, and given back by staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from notifications.values import money
from orders import refunding
from orders.aftersale import tipping
from orders.aftersale.tests.meals import buy, dish, stand, url
from orders.errors import AlreadyTipped
from orders.models import Order, OrderTip, Receipt
from orders.receipts.issuing import issue_due
from payments import charges, refunds
from payments.gateways.base import ChargeOutcome
from payments.models import Payment, PaymentSplit, Refund
from payments.tests.sharing import assert_books_hold
from trufan.testing import EventFactory, TaxRateFactory, TicketTypeFactory, UserFactory, VenueFactory, at_once
from venues import fees, payouts

pytestmark = pytest.mark.django_db


@pytest.fixture
def grill(venue):
    return stand(venue)


@pytest.fixture
def order(fay, venue, grill):
    """Food for 24.00 before tax."""
    TaxRateFactory(venue=venue, category="food", rate_ppm=100_000)
    return buy(fay, (dish(grill), 2))


def tip(api, who, order, **asked):
    return api.as_(who).post(url(order, "tips"), asked, format="json")


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_a_percentage_is_of_the_food_before_tax_and_paid_like_an_order(api, fay, order):
    answer = tip(api, fay, order, percent="15")

    assert answer.status_code == 200, answer.json()
    assert {name: answer.json()[name] for name in ("status", "amount", "currency")} == {
        "status": "succeeded", "amount": 360, "currency": "USD",
    }  # fmt: skip
    shown = api.as_(fay).get(url(order)).json()
    assert [(each["amount"], each["status"]) for each in shown["tips"]] == [(360, "paid")]
    assert (shown["total"], shown["amount_paid"]) == (2_640, 2_640)
    payment = Payment.objects.get(payable_type="tip")
    assert (payment.reference, payment.payer, payment.venue_id) == (order.number, fay, order.venue_id)
    assert AuditLog.objects.filter(action="tip.paid", venue_id=order.venue_id).exists()


def test_all_of_it_is_theirs_who_served_by_what_that_cost_before_tax(api, fay, ada, venue, grill, ticket_type):
    fees.add(venue, ada, kind="product", paid_by="buyer", fixed=100, ppm=50_000)
    bar = stand(venue, "Bar")
    own = dish(stand_of_the_house := _house(venue), "Pretzel", 300)
    order = buy(fay, (ticket_type, 1), (dish(grill, price=900), 1), (dish(bar, "Beer", 600), 1), (own, 1),
                (dish(grill, "Cap", 5_000, product__kind="merchandise"), 1))  # fmt: skip

    tip(api, fay, order, amount=600)

    payment = Payment.objects.get(payable_type="tip")
    shares = {split.account_id: (split.amount, split.reason) for split in PaymentSplit.objects.filter(payment=payment)}
    nets = {
        item.recipient_id: item.food_net for item in order.items.filter(description__in=["Burger", "Beer", "Pretzel"])
    }
    total = sum(nets.values())
    assert stand_of_the_house.connected_account_id is None
    assert set(shares) == {grill.connected_account_id, bar.connected_account_id, payouts.recipient_of(venue)}
    for account, (amount, reason) in shares.items():
        net = nets[account if account in nets else None]
        assert (abs(amount - 600 * net / total) < 1, reason) == (True, "tip")
    assert_books_hold([payment])


def _house(venue):
    """An outlet of the venue's own."""
    from trufan.testing import OutletFactory

    return OutletFactory(venue=venue, name="House")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "amount"),
        ({"amount": 100, "percent": "5"}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 2_401}, "amount"),
        ({"amount": "lots"}, "amount"),
        ({"amount": 10**12}, "amount"),
        ({"percent": "0"}, "percent"),
        ({"percent": "100.01"}, "percent"),
        ({"percent": "NaN"}, "percent"),
        ({"percent": "0.01"}, "percent"),
    ],
)
def test_a_tip_is_something_and_at_most_what_it_is_for(api, fay, order, asked, field):
    answer = tip(api, fay, order, **asked)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field
    assert not OrderTip.objects.exists()


def test_the_whole_of_it_may_be_given(api, fay, order):
    assert tip(api, fay, order, percent="100").json()["amount"] == 2_400


def test_only_food_and_drink_that_was_paid_takes_a_tip(api, fay, grill, ticket_type, order):
    ticket = buy(fay, (ticket_type, 1))
    cap = buy(fay, (dish(grill, "Cap", product__kind="merchandise"), 1))
    Order.objects.filter(pk=order.pk).update(status="pending")
    for each in (ticket, cap, order):
        assert code(tip(api, fay, each, amount=100)) == (409, "tip_not_taken")
    assert not Payment.objects.filter(payable_type="tip").exists()


def test_a_tip_is_given_once(api, fay, order):
    tip(api, fay, order, amount=100)
    assert code(tip(api, fay, order, amount=100)) == (409, "already_tipped")
    assert Payment.objects.filter(payable_type="tip").count() == 1


def test_the_same_key_charges_once_and_answers_the_same(api, fay, order):
    me, key = api.as_(fay), {"HTTP_IDEMPOTENCY_KEY": "tip-1"}
    first = me.post(url(order, "tips"), {"amount": 100}, format="json", **key)
    again = me.post(url(order, "tips"), {"amount": 100}, format="json", **key)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert Payment.objects.filter(payable_type="tip").count() == 1


def test_a_declined_card_leaves_the_tip_to_be_paid_by_another_over_another_amount(api, fay, order):
    declined = tip(api, fay, order, amount=100, payment_method="pm_card_chargeDeclined").json()
    assert (declined["status"], declined["amount"]) == ("failed", 100)
    assert tip(api, fay, order, amount=250).json()["amount"] == 250
    given = OrderTip.objects.get()
    assert (given.status, given.amount_total, given.amount_paid) == ("paid", 250, 250)


def test_an_amount_that_may_be_on_its_way_is_not_changed(api, fay, order):
    assert tip(api, fay, order, amount=100, payment_method="pm_sandbox_late").json()["status"] == "processing"
    assert code(tip(api, fay, order, amount=250)) == (409, "payment_in_progress")
    assert tip(api, fay, order, amount=100, payment_method="pm_sandbox_late").json()["status"] == "processing"
    assert OrderTip.objects.get().amount_total == 100


def test_an_open_attempt_follows_the_amount(api, fay, order):
    first = tip(api, fay, order, amount=100, payment_method="").json()
    second = tip(api, fay, order, amount=250, payment_method="").json()
    assert (second["status"], second["amount"], second["id"]) == ("requires_action", 250, first["id"])


def test_the_window_closes_some_hours_after_all_was_handed_over(api, fay, order, settings):
    settings.TIP_WINDOW_HOURS = 2
    ended = timezone.now() - timedelta(hours=1, minutes=55)
    order.fulfilments.update(ended_at=ended, status="picked_up")
    Order.objects.filter(pk=order.pk).update(paid_at=ended - timedelta(days=20))
    until = api.as_(fay).get(url(order)).json()["tip_until"]
    assert until == (ended + timedelta(hours=2)).isoformat().replace("+00:00", "Z")

    order.fulfilments.update(ended_at=ended - timedelta(minutes=6))
    assert code(tip(api, fay, order, amount=100)) == (409, "window_closed")


def test_an_open_tip_cannot_be_paid_once_its_window_closed(api, fay, order):
    tip(api, fay, order, amount=100, payment_method="pm_card_chargeDeclined")
    late = timezone.now() + timedelta(days=9)
    assert OrderTip.objects.get().refuse_payment(late).code == "window_closed"


def test_the_buyer_tips_and_nobody_else(api, olga, stan, order):
    for who in (olga, stan, UserFactory(), None):
        assert tip(api, who, order, amount=100).status_code == 404


def test_a_guest_tips_with_the_access_code(api, grill):
    contact = {"email": "gil@example.com", "phone": "+12125550123"}
    items = [{"type": "product", "id": str(dish(grill).pk), "quantity": 1}]
    placed = api.post("/api/v1/orders", {"items": items, "contact": contact}, format="json").json()
    access, where = {"HTTP_X_ORDER_ACCESS_CODE": placed["access_code"]}, f"/api/v1/orders/{placed['id']}"
    api.post(f"{where}/pay", {}, **access)
    assert api.post(f"{where}/tips", {"amount": 100}, **access).json()["status"] == "succeeded"
    assert api.get(f"{where}/tips", **access).json()["results"][0]["amount"] == 100


def test_a_tip_has_a_receipt_and_stands_on_that_of_the_order(api, fay, order):
    tip(api, fay, order, amount=100)
    issue_due(timezone.now())
    assert list(Receipt.objects.values_list("number", "kind", "amount")) == [(1, "sale", 2_640), (2, "tip", 100)]
    page = api.as_(fay).get(url(order, "receipt")).content.decode()
    assert "Tip paid, receipt 000002" in page
    of_tip = api.as_(fay).get(url(order, "receipts", "2")).content.decode()
    for expected in ("Receipt for a tip", "000002", "$1.00", order.number):
        assert expected in of_tip
    assert api.as_(fay).get(url(order, "receipts", "2.pdf")).content.startswith(b"%PDF")


def send_back(given):
    """Let the provider answer the refunds of a tip, as it does once they are committed."""
    for refund in Refund.objects.filter(payment__in=Payment.objects.of(given), status="pending"):
        refunds.execute(refund.pk, timezone.now())


def test_staff_give_it_back_and_the_order_stays(api, fay, olga, order):
    tip(api, fay, order, amount=100)
    given = OrderTip.objects.get()
    answer = api.as_(olga).post(url(order, "tips", str(given.pk), "refund"), {"reason": "By mistake"}, format="json")
    assert answer.status_code == 201, answer.json()
    send_back(given)

    given.refresh_from_db()
    order.refresh_from_db()
    assert (given.status, given.amount_refunded, order.status, order.amount_refunded) == ("refunded", 100, "paid", 0)
    mail = Notification.objects.get(template="order_refunded")
    assert (mail.context["amount"], mail.context["lines"]) == (money(100, "USD"), [])
    issue_due(timezone.now())
    note = Receipt.objects.get(kind="credit_note")
    assert (note.amount, note.amends.kind, note.contents["tip"]) == (100, "tip", 100)
    again = api.as_(olga).post(url(order, "tips", str(given.pk), "refund"), {"reason": "Again"}, format="json")
    assert code(again) == (409, "not_refundable")
    assert_books_hold(list(Payment.objects.of(given)))
    # A fan who wants to may tip anew.
    assert tip(api, fay, order, amount=200).json()["status"] == "succeeded"


def test_who_may_not_refund_orders_does_not_refund_tips(api, fay, gus, stan, order):
    tip(api, fay, order, amount=100)
    where = url(order, "tips", str(OrderTip.objects.get().pk), "refund")
    statuses = [api.as_(who).post(where, {"reason": "Mine"}, format="json").status_code for who in (fay, gus, stan)]
    assert statuses == [403, 403, 404]
    assert not Refund.objects.exists()


def test_money_that_comes_after_the_order_was_given_back_is_returned(api, fay, olga, order):
    answer = tip(api, fay, order, amount=100, payment_method="").json()
    refunding.refund_order(order, by=olga, reason="Burnt", now=timezone.now())
    for refund in Refund.objects.all():
        refunds.execute(refund.pk, timezone.now())
    payment = Payment.objects.get(pk=answer["id"])
    came = ChargeOutcome(payment.provider_id, Payment.Status.SUCCEEDED, 100, "USD")
    charges.settle(payment.pk, came, timezone.now())

    given = OrderTip.objects.get()
    assert (given.status, given.receipts_due) == ("pending", False)
    assert Refund.objects.filter(payment=payment, amount=100).exists()
    assert not PaymentSplit.objects.filter(payment=payment).exists()


def test_the_list_of_tips_is_read_by_buyer_and_staff(api, fay, olga, stan, order):
    tip(api, fay, order, amount=100)
    assert [api.as_(who).get(url(order, "tips")).status_code for who in (fay, olga, stan, None)] == [200, 200, 404, 404]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_taps_at_once_charge_one_tip():
    venue, fan = VenueFactory(), UserFactory()
    order = buy(fan, (dish(stand(venue)), 1), (TicketTypeFactory(event=EventFactory(venue=venue)), 1))

    def give(n):
        return tipping.give(order, amount=100 + n % 2, payer=fan, payment_method="pm_card_visa", now=timezone.now())

    answers = at_once(8, give)
    paid = Payment.objects.filter(payable_type="tip", status="succeeded", counted=True)
    assert (paid.count(), OrderTip.objects.get().status) == (1, "paid")
    assert any(isinstance(each, Payment) for each in answers)
    assert all(isinstance(each, Payment | AlreadyTipped) or each.code in {"payment_in_progress", "tip_not_taken"}
               for each in answers)  # fmt: skip
    returned = Payment.objects.filter(payable_type="tip", status="succeeded", counted=False)
    assert all(each.refunds.count() == 1 for each in returned)
