"""What goes wrong between us and Stripe. After each: nothing charged twice, nothing lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from orders import expiry
from orders.checkout import Contact, place_order
from orders.models import Order
from orders.sellable import CartLine
from payments import charges, recovery, refunds
from payments.errors import GatewayUnavailable, RefundExceedsPayment
from payments.gateways.stripe import StripeGateway
from payments.models import Payment, Refund, WebhookEvent
from payments.tests.factories import OrderFactory
from ticketing.models import TicketType

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=6)
#: Each with how often it has to happen until Stripe's client, which tries three times, gives up.
FAULTS = {"drop": 3, "drop before the work": 3, "hang": 3, "500": 1, "500 after the work": 1, "429": 1}


class Killed(BaseException):
    """The process ends here; nothing catches it."""


class DiesAfterTheCall(StripeGateway):
    def charge(self, payment):
        super().charge(payment)
        raise Killed

    def refund(self, refund):
        super().refund(refund)
        raise Killed


@pytest.fixture
def fault(request, standin, settings):
    """Stripe's next answer goes wrong in this way."""
    settings.STRIPE_TIMEOUT_SECONDS = 0.3
    standin.hang_seconds = 0.6
    return lambda: standin.fail(request.param, FAULTS[request.param])


every_fault = pytest.mark.parametrize("fault", FAULTS, indirect=True)


def assert_paid_once(order, standin):
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", 10_000, 0)
    assert [payment.status for payment in Payment.objects.all()] == ["succeeded"]
    assert standin.collected() == [10_000]
    assert not standin.book.refunds


def pay_until_it_works(pay, tries=3):
    """As a buyer does who is told to try again."""
    for _ in range(tries - 1):
        try:
            return pay()
        except GatewayUnavailable:
            continue
    return pay()


@every_fault
def test_the_payer_tries_again(order, pay, standin, fault):
    fault()
    with pytest.raises(GatewayUnavailable):
        pay()
    assert Payment.objects.get().status == "created"
    assert pay_until_it_works(pay).status == "succeeded"
    assert_paid_once(order, standin)


@pytest.mark.parametrize("fault", ["drop", "hang", "500 after the work"], indirect=True)
def test_nobody_tries_again_and_the_webhook_tells(order, pay, standin, deliver, fault):
    fault()
    with pytest.raises(GatewayUnavailable):
        pay()
    deliver(standin.events())
    assert_paid_once(order, standin)


@pytest.mark.parametrize("fault", ["drop", "hang", "500 after the work"], indirect=True)
def test_nobody_tries_again_and_the_sweep_finds_the_money(order, pay, standin, fault):
    fault()
    with pytest.raises(GatewayUnavailable):
        pay()
    assert recovery.recover(timezone.now()) == 0, "a call that may be under way is left alone"
    assert recovery.recover(timezone.now() + charges.IN_FLIGHT) == 1
    assert_paid_once(order, standin)


def test_the_process_dies_between_the_call_and_recording_its_answer(order, pay, standin, use_stripe):
    use_stripe(DiesAfterTheCall)
    with pytest.raises(Killed):
        pay()
    use_stripe(StripeGateway)
    assert pay().status == "succeeded"
    assert_paid_once(order, standin)


def test_the_process_dies_and_the_sweep_finds_the_money(order, pay, standin, use_stripe):
    use_stripe(DiesAfterTheCall)
    with pytest.raises(Killed):
        pay()
    use_stripe(StripeGateway)
    assert recovery.recover(timezone.now() + charges.IN_FLIGHT) == 1
    assert_paid_once(order, standin)


def test_the_webhook_comes_before_the_call_returned(order, pay, standin, deliver, use_stripe):
    class WebhookOvertakes(StripeGateway):
        def charge(self, payment):
            outcome = super().charge(payment)
            deliver(standin.events())
            assert Payment.objects.get(pk=payment.pk).status == "succeeded"
            return outcome

    use_stripe(WebhookOvertakes)
    assert pay().status == "succeeded"
    assert_paid_once(order, standin)
    assert not WebhookEvent.objects.filter(processed_at=None).exists()


@pytest.mark.parametrize("fault", ["429", "drop before the work", "500"], indirect=True)
def test_a_charge_that_was_never_made_ends_with_its_order(order, pay, standin, fault):
    fault()
    with pytest.raises(GatewayUnavailable):
        pay()
    Order.objects.update(expires_at=timezone.now())
    recovery.recover(timezone.now() + charges.IN_FLIGHT)
    assert Payment.objects.get().status == "cancelled"
    assert standin.collected() == []


@pytest.mark.parametrize("fault", ["drop", "hang", "500", "429"], indirect=True)
def test_a_cancellation_that_failed_is_made_up_for(order, pay, standin, fault):
    payment = pay("")
    Order.objects.update(expires_at=timezone.now())
    fault()
    with pytest.raises(ExceptionGroup):
        recovery.recover(timezone.now() + LATER)
    recovery.recover(timezone.now() + 2 * LATER)
    payment.refresh_from_db()
    assert payment.status == "cancelled"
    assert standin.book.intents[payment.provider_id]["status"] == "canceled"


@every_fault
def test_a_refund_whose_answer_was_lost_is_made_once(order, pay, standin, fault):
    now = timezone.now()
    refund = refunds.request(pay(), 4_000, reason="Rain", by=None, now=now)
    fault()
    refunds.execute(refund.pk, now)
    assert Refund.objects.get().status == "pending"
    for attempt in range(1, 4):
        refunds.execute_due(now + attempt * LATER)
    order.refresh_from_db()
    assert (Refund.objects.get().status, order.amount_refunded) == ("succeeded", 4_000)
    assert [made["amount"] for made in standin.book.refunds.values()] == [4_000]


@pytest.mark.parametrize("told_by", ["webhook", "sweep"])
def test_the_process_dies_while_it_refunds(order, pay, standin, deliver, use_stripe, told_by):
    now = timezone.now()
    refund = refunds.request(pay(), 4_000, reason="Rain", by=None, now=now)
    use_stripe(DiesAfterTheCall)
    with pytest.raises(Killed):
        refunds.execute(refund.pk, now)
    use_stripe(StripeGateway)
    if told_by == "webhook":
        deliver(standin.events("refund.created"))
    else:
        refunds.execute_due(now + LATER)
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, order.amount_refunded) == ("succeeded", 4_000)
    assert list(standin.book.refunds) == [refund.provider_id]


def test_the_same_refund_asked_twice_returns_the_money_once(order, pay, standin, django_capture_on_commit_callbacks):
    payment = pay()
    with django_capture_on_commit_callbacks(execute=True):
        refunds.request(payment, 10_000, reason="Rain", by=None, now=timezone.now())
        with pytest.raises(RefundExceedsPayment):
            refunds.request(payment, 10_000, reason="Rain", by=None, now=timezone.now())
    assert [made["amount"] for made in standin.book.refunds.values()] == [10_000]


def at_once(count, run):
    """The answers, or the failures, of `count` threads that all run it at the same moment."""
    barrier = Barrier(count)

    def one():
        try:
            barrier.wait()
            return run()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(one) for _ in range(count)]
    return [future.exception() or future.result() for future in futures]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_refund_asked_by_many_at_once_returns_the_money_once(standin):
    payment = charges.start(OrderFactory(), payer=None, payment_method="pm_card_visa", now=timezone.now())
    answers = at_once(4, lambda: refunds.request(payment, 10_000, reason="Rain", by=None, now=timezone.now()))
    assert sum(isinstance(answer, Refund) for answer in answers) == 1
    assert sum(isinstance(answer, RefundExceedsPayment) for answer in answers) == 3
    assert [made["amount"] for made in standin.book.refunds.values()] == [10_000]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["pm_card_visa", ""])
def test_paid_by_many_at_once_there_is_one_intent(standin, method):
    order = OrderFactory()
    answers = at_once(6, lambda: charges.start(order, payer=None, payment_method=method, now=timezone.now()))
    assert Payment.objects.get() in answers
    assert len(standin.book.intents) == 1
    assert standin.collected() == ([10_000] if method else [])


@pytest.fixture
def late_order(ticket_type, fay, standin):
    """Fay's order for two tickets whose hold ran out while her bank took its time."""
    TicketType.objects.filter(pk=ticket_type.pk).update(quantity=2)
    now = timezone.now()
    order = place_order(
        [CartLine("ticket", ticket_type.pk, quantity=2, in_cart=2)], user=fay, contact=Contact(), now=now
    )
    charges.start(order, payer=fay, payment_method="pm_usBankAccount_success", now=now)
    expiry.expire_overdue(now + timedelta(hours=1))
    standin.bank_answers(next(iter(standin.book.intents)))
    return order


def test_a_payment_that_outlived_the_hold_takes_the_stock_again(late_order, ticket_type, standin, deliver):
    deliver(standin.events("payment_intent.succeeded"))
    late_order.refresh_from_db()
    ticket_type.refresh_from_db()
    assert (late_order.status, ticket_type.held, ticket_type.sold) == ("paid", 0, 2)
    assert not standin.book.refunds


def test_a_payment_that_outlived_the_hold_goes_back_when_the_stock_is_gone(
    late_order, ticket_type, fay, standin, deliver
):
    cart = [CartLine("ticket", ticket_type.pk, quantity=2, in_cart=2)]
    place_order(cart, user=fay, contact=Contact(), now=timezone.now())
    deliver(standin.events("payment_intent.succeeded"))
    late_order.refresh_from_db()
    assert (late_order.status, late_order.amount_paid) == ("expired", late_order.amount_total)
    assert late_order.amount_refunded == late_order.amount_total
    assert [made["amount"] for made in standin.book.refunds.values()] == standin.collected()
