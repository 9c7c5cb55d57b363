"""Paying through Stripe, by way of the API: one intent for one order, whatever its payer does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from audit.models import AuditLog
from orders import cancellation, expiry
from orders.models import Order
from payments import recovery, refunds
from payments.models import Payment, Refund

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=6)


@pytest.fixture
def order(order, fay):
    order.user = fay
    order.save()
    return order


@pytest.fixture
def pay(api, fay, order, standin, django_capture_on_commit_callbacks):
    """`POST /orders/{id}/pay`, with a method or without."""

    def post(method=None, status=200):
        with django_capture_on_commit_callbacks(execute=True):
            answer = api.as_(fay).post(
                f"/api/v1/orders/{order.pk}/pay", {} if method is None else {"payment_method": method}
            )
        assert answer.status_code == status, answer.content
        return answer.json()

    return post


@pytest.fixture
def shown(api, fay, order):
    """What `GET /orders/{id}` says of the order and of each attempt to pay it."""

    def get():
        answer = api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()
        return answer["status"], [payment["status"] for payment in answer["payments"]]

    return get


def the_intent(standin):
    (intent,) = standin.book.intents.values()
    return intent


def test_without_a_method_the_payer_gets_a_secret_and_pays_in_the_browser(order, pay, standin, deliver, shown):
    answer = pay()
    assert answer["status"] == "requires_action"
    intent = the_intent(standin)
    assert answer["client_secret"] == intent["client_secret"]
    assert intent["metadata"]["order"] == order.number
    assert standin.confirm_in_browser(intent["id"], "pm_card_visa", answer["client_secret"]) == "succeeded"
    deliver(standin.events())
    assert shown() == ("paid", ["succeeded"])


def test_a_second_call_answers_the_same_intent(pay, standin):
    assert pay() == pay()
    assert len(standin.book.intents) == 1


def test_a_named_method_is_charged_at_once(pay, standin, shown):
    assert pay("pm_card_visa")["status"] == "succeeded"
    assert shown() == ("paid", ["succeeded"])
    assert standin.collected() == [10_000]


def test_a_changed_total_changes_the_intent_in_place(order, pay, standin, deliver, shown):
    first = pay()
    Order.objects.filter(pk=order.pk).update(amount_total=12_000, tip=2_000)
    second = pay()
    assert (second["id"], second["client_secret"]) == (first["id"], first["client_secret"])
    assert (second["amount"], the_intent(standin)["amount"]) == (12_000, 12_000)
    assert AuditLog.objects.filter(action="payment.amount_changed").count() == 1
    standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_visa", second["client_secret"])
    deliver(standin.events("payment_intent.succeeded"))
    assert shown() == ("paid", ["succeeded"])
    assert standin.collected() == [12_000]


def test_every_change_of_the_total_is_a_request_of_its_own(order, pay, standin):
    pay()
    for total in (12_000, 10_000, 12_000):
        Order.objects.filter(pk=order.pk).update(amount_total=total)
        assert pay()["amount"] == the_intent(standin)["amount"] == total
    keys = [key for _, _, key in standin.requests if key]
    assert len(set(keys)) == len(keys) == 4


def test_a_changed_total_is_authenticated_anew_under_the_same_intent(order, pay, standin):
    first = pay("pm_card_authenticationRequired")
    Order.objects.filter(pk=order.pk).update(amount_total=12_000)
    second = pay("pm_card_authenticationRequired")
    assert (second["id"], second["status"], second["amount"]) == (first["id"], "requires_action", 12_000)
    assert (the_intent(standin)["status"], the_intent(standin)["amount"]) == ("requires_action", 12_000)


def test_a_changed_amount_whose_answer_was_lost_is_paid_all_the_same(order, pay, standin, deliver, shown):
    first = pay()
    Order.objects.filter(pk=order.pk).update(amount_total=12_000)
    standin.fail("drop", times=3)
    pay(status=503)
    assert (Payment.objects.get().amount, the_intent(standin)["amount"]) == (10_000, 12_000)
    standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_visa", first["client_secret"])
    deliver(standin.events("payment_intent.succeeded"))
    assert shown() == ("paid", ["succeeded"])
    assert Payment.objects.get().amount == 12_000


def test_a_change_that_stripe_never_heard_of_is_asked_for_again(order, pay, standin):
    pay()
    Order.objects.filter(pk=order.pk).update(amount_total=12_000)
    standin.fail("drop before the work", times=3)
    pay(status=503)
    assert the_intent(standin)["amount"] == 10_000
    assert pay()["amount"] == the_intent(standin)["amount"] == 12_000


def test_the_old_total_paid_a_moment_too_early_is_held_for_a_person(order, pay, standin, deliver, shown):
    answer = pay()
    Order.objects.filter(pk=order.pk).update(amount_total=12_000)
    standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_visa", answer["client_secret"])
    with capture_logs() as lines:
        deliver(standin.events("payment_intent.succeeded"))
    assert [line["problem"] for line in lines if line["event"] == "payment_held"] == ["amount_mismatch"]
    assert shown()[0] == "pending"
    assert Payment.objects.get().failure_code == "amount_mismatch"
    assert pay()["id"] == answer["id"], "and nothing more is charged"
    assert standin.collected() == [10_000]


def test_a_card_declined_in_the_browser_is_followed_by_another_under_the_same_intent(pay, standin, deliver, shown):
    first = pay()
    intent = the_intent(standin)
    standin.confirm_in_browser(intent["id"], "pm_card_chargeDeclinedInsufficientFunds", first["client_secret"])
    deliver(standin.events())
    assert shown() == ("pending", ["failed"])
    again = pay()
    assert (again["id"], again["client_secret"]) == (first["id"], first["client_secret"])
    assert again["failure"] == {"code": "insufficient_funds", "message": "Your card has insufficient funds."}
    assert standin.confirm_in_browser(intent["id"], "pm_card_visa", again["client_secret"]) == "succeeded"
    deliver(standin.events("payment_intent.succeeded"))
    assert shown() == ("paid", ["succeeded"])
    assert standin.collected() == [10_000]


def test_after_a_decline_the_order_shows_the_next_card_at_its_bank(pay, standin, deliver, shown):
    answer = pay()
    intent = the_intent(standin)
    standin.confirm_in_browser(intent["id"], "pm_card_chargeDeclined", answer["client_secret"])
    deliver(standin.events())
    standin.confirm_in_browser(intent["id"], "pm_usBankAccount_success", answer["client_secret"])
    deliver(standin.events("payment_intent.processing"))
    assert shown() == ("pending", ["processing"])
    standin.bank_answers(intent["id"])
    deliver(standin.events("payment_intent.succeeded"))
    assert shown() == ("paid", ["succeeded"])


def test_a_declined_total_that_changed_is_changed_too(order, pay, standin, deliver):
    answer = pay()
    standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_chargeDeclined", answer["client_secret"])
    deliver(standin.events())
    Order.objects.filter(pk=order.pk).update(amount_total=12_000)
    assert (pay()["id"], the_intent(standin)["amount"]) == (answer["id"], 12_000)


def test_a_card_declined_at_once_is_followed_by_another_and_its_intent_is_ended(pay, standin, shown):
    declined = pay("pm_card_chargeDeclined")
    assert (declined["status"], declined["failure"]["code"]) == ("failed", "generic_decline")
    assert pay("pm_card_visa")["status"] == "succeeded"
    assert shown() == ("paid", ["cancelled", "succeeded"])
    assert [intent["status"] for intent in standin.book.intents.values()] == ["canceled", "succeeded"]
    assert standin.collected() == [10_000]


def test_the_same_card_may_be_tried_again(pay, standin):
    for _ in range(3):
        assert pay("pm_card_chargeDeclined")["status"] == "failed"
    assert [intent["status"] for intent in standin.book.intents.values()] == [
        "canceled", "canceled", "requires_payment_method",
    ]  # fmt: skip


@pytest.mark.parametrize(("succeeds", "ends"), [(True, ("paid", ["succeeded"])), (False, ("pending", ["failed"]))])
def test_a_card_that_asks_its_owner_first(pay, standin, deliver, shown, succeeds, ends):
    assert pay("pm_card_authenticationRequired")["status"] == "requires_action"
    assert shown() == ("pending", ["requires_action"])
    standin.authenticate(the_intent(standin)["id"], succeeds=succeeds)
    deliver(standin.events())
    assert shown() == ends


def test_a_method_that_takes_days_is_processing_until_its_bank_answers(pay, standin, deliver, shown):
    assert pay("pm_usBankAccount_success")["status"] == "processing"
    assert pay("pm_card_visa")["status"] == "processing", "and not replaced meanwhile"
    standin.bank_answers(the_intent(standin)["id"])
    deliver(standin.events())
    assert shown() == ("paid", ["succeeded"])
    assert standin.collected() == [10_000]


@pytest.mark.parametrize("declined_first", [False, True])
def test_the_intent_of_a_cancelled_order_is_cancelled(
    order, pay, standin, deliver, declined_first, django_capture_on_commit_callbacks
):
    answer = pay()
    if declined_first:
        standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_chargeDeclined", answer["client_secret"])
        deliver(standin.events())
    with django_capture_on_commit_callbacks(execute=True):
        cancellation.cancel(order, by=None, now=timezone.now())
    assert the_intent(standin)["status"] == "canceled"
    assert Payment.objects.get().status == "cancelled"


@pytest.mark.parametrize("declined_first", [False, True])
def test_the_intent_of_an_expired_order_is_cancelled_also_when_the_nudge_was_lost(
    order, pay, standin, deliver, declined_first
):
    answer = pay()
    if declined_first:
        standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_chargeDeclined", answer["client_secret"])
        deliver(standin.events())
    expiry.expire_overdue(timezone.now() + timedelta(hours=1))
    assert the_intent(standin)["status"] == "requires_payment_method"
    recovery.recover(timezone.now() + timedelta(hours=1))
    assert the_intent(standin)["status"] == "canceled"


def test_money_that_came_after_the_order_was_cancelled_goes_back(
    order, pay, standin, deliver, django_capture_on_commit_callbacks
):
    answer = pay()
    cancellation.cancel(order, by=None, now=timezone.now())
    standin.confirm_in_browser(the_intent(standin)["id"], "pm_card_visa", answer["client_secret"])
    deliver(standin.events("payment_intent.succeeded"))
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("cancelled", 10_000, 10_000)
    assert [made["amount"] for made in standin.book.refunds.values()] == [10_000]


def test_a_method_that_stripe_refuses_ends_the_attempt_and_names_the_reason(pay, shown):
    answer = pay("pm_of_nobody", status=422)
    assert "No such PaymentMethod" in answer["error"]["message"]
    assert shown() == ("pending", ["failed"])
    assert pay("pm_card_visa")["status"] == "succeeded"


def test_a_revoked_key_charges_nobody_and_blames_nobody(pay, standin, shown):
    standin.fail("401")
    pay("pm_card_visa", status=503)
    assert pay("pm_card_visa")["status"] == "succeeded"
    assert standin.collected() == [10_000]


def test_a_refund_goes_out_through_stripe(order, pay, standin, django_capture_on_commit_callbacks):
    pay("pm_card_visa")
    with django_capture_on_commit_callbacks(execute=True):
        refunds.request(Payment.objects.get(), 4_000, reason="Rain", by=None, now=timezone.now())
    order.refresh_from_db()
    assert (order.amount_refunded, Refund.objects.get().status) == (4_000, "succeeded")
    assert [made["amount"] for made in standin.book.refunds.values()] == [4_000]


def test_two_attempts_are_never_open_at_once(order, pay, standin, deliver, shown):
    """The payer pays by card from here while the tab with the first intent is still open."""
    waiting = pay()
    assert pay("pm_card_visa")["status"] == "succeeded"
    first = standin.book.intents[Payment.objects.get(pk=waiting["id"]).provider_id]
    assert first["status"] == "canceled"
    assert standin.collected() == [10_000]


def test_a_sweep_that_finds_an_open_intent_changes_nothing(pay, standin, shown):
    pay()
    recovery.recover(timezone.now() + LATER)
    assert shown() == ("pending", ["requires_action"])
