"""What goes wrong between us and a provider. After each: nothing charged twice, nothing lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import cancellation, expiry
from orders.checkout import Contact, place_order
from orders.models import Order
from orders.sellable import CartLine
from payments import charges, recovery, refunds, sandbox_payer, webhooks
from payments.errors import GatewayUnavailable
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, Refund, SandboxIntent, SandboxRefund, WebhookEvent
from payments.tests.factories import PaymentFactory
from ticketing.models import TicketType

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=6)


class DropsAfterTheWork(SandboxGateway):
    """The provider charges and refunds; the line breaks before it can say so."""

    def charge(self, payment):
        super().charge(payment)
        raise GatewayUnavailable

    def refund(self, refund):
        super().refund(refund)
        raise GatewayUnavailable


class Killed(BaseException):
    """The process ends here; nothing catches it."""


class DiesAfterTheCall(SandboxGateway):
    def charge(self, payment):
        super().charge(payment)
        raise Killed

    def refund(self, refund):
        super().refund(refund)
        raise Killed


class Absent(SandboxGateway):
    """Answers nothing and does nothing."""

    def _no_answer(self, row):
        raise GatewayUnavailable

    charge = look_up = cancel = refund = look_up_refund = _no_answer


class WebhookOvertakes(SandboxGateway):
    """Its webhook is here, and acted on, before the call that caused it returns."""

    def charge(self, payment):
        outcome = super().charge(payment)
        now = timezone.now()
        intent = SandboxIntent.objects.get(reference=payment.pk)
        raw, headers = sandbox_payer.webhook_for(intent, intent.status, now)
        webhooks.process(webhooks.receive("sandbox", raw, headers, now).pk, now)
        assert Payment.objects.get(pk=payment.pk).status == "succeeded"
        return outcome


def assert_paid_once(order):
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", 10_000, 0)
    assert Payment.objects.get().status == "succeeded"
    assert SandboxIntent.objects.count() == 1
    assert not Refund.objects.exists()


def test_the_line_drops_after_the_charge_and_the_payer_tries_again(order, pay, use_gateway):
    use_gateway(DropsAfterTheWork)
    with pytest.raises(GatewayUnavailable):
        pay()
    use_gateway(SandboxGateway)
    assert pay().status == "succeeded"
    assert_paid_once(order)


def test_the_line_drops_after_the_charge_and_the_webhook_tells(order, pay, use_gateway):
    use_gateway(DropsAfterTheWork)
    with pytest.raises(GatewayUnavailable):
        pay()
    now = timezone.now()
    sandbox_payer.deliver_due(now)
    webhooks.process_due(now)
    assert_paid_once(order)


@pytest.mark.parametrize("broken", [DropsAfterTheWork, DiesAfterTheCall])
def test_nobody_tries_again_and_the_sweep_finds_the_money(order, pay, use_gateway, broken):
    use_gateway(broken)
    with pytest.raises((GatewayUnavailable, Killed)):
        pay()
    use_gateway(SandboxGateway)
    assert recovery.recover(timezone.now()) == 0, "a call that may be under way is left alone"
    assert recovery.recover(timezone.now() + charges.IN_FLIGHT) == 1
    assert recovery.recover(timezone.now() + charges.IN_FLIGHT) == 0
    assert_paid_once(order)


def test_the_webhook_comes_before_the_call_returned(order, pay, use_gateway):
    use_gateway(WebhookOvertakes)
    assert pay().status == "succeeded"
    assert_paid_once(order)
    assert WebhookEvent.objects.get().payment == Payment.objects.get()


def test_a_charge_that_never_left_is_cancelled_once_its_order_takes_no_money(order, pay, use_gateway):
    use_gateway(Absent)
    with pytest.raises(GatewayUnavailable):
        pay()
    use_gateway(SandboxGateway)
    soon = timezone.now() + charges.IN_FLIGHT
    recovery.recover(soon)
    assert Payment.objects.get().status == "created", "the order still wants its money"
    Order.objects.update(expires_at=soon)
    recovery.recover(soon + charges.IN_FLIGHT)
    assert Payment.objects.get().status == "cancelled"


def test_a_gateway_that_stays_away_is_reported_and_asked_again(order, pay, use_gateway):
    pay("pm_sandbox_late")
    use_gateway(Absent)
    with pytest.raises(ExceptionGroup):
        recovery.recover(timezone.now() + LATER)
    use_gateway(SandboxGateway)
    assert recovery.recover(timezone.now() + 2 * LATER) == 1


def test_cancelling_an_order_cancels_the_payment_that_waits(order, pay, django_capture_on_commit_callbacks):
    payment = pay("pm_card_authenticationRequired")
    with django_capture_on_commit_callbacks(execute=True):
        cancellation.cancel(order, by=None, now=timezone.now())
    payment.refresh_from_db()
    assert payment.status == "cancelled"
    assert SandboxIntent.objects.get().status == "cancelled"


def test_a_lost_nudge_to_cancel_is_made_up_for_by_the_sweep(order, pay):
    pay("pm_card_authenticationRequired")
    Order.objects.update(status="cancelled")
    recovery.recover(timezone.now() + LATER)
    assert SandboxIntent.objects.get().status == "cancelled"
    assert Payment.objects.get().status == "cancelled"


def test_money_that_came_while_the_order_was_cancelled_goes_back(order, pay, django_capture_on_commit_callbacks):
    pay("pm_card_authenticationRequired")
    SandboxIntent.objects.update(status="succeeded")
    with django_capture_on_commit_callbacks(execute=True):
        cancellation.cancel(order, by=None, now=timezone.now())
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("cancelled", 10_000, 10_000)
    assert Payment.objects.get().amount_refunded == 10_000


def test_money_of_an_attempt_given_up_ends_the_attempt_that_replaced_it(
    order, pay, use_gateway, django_capture_on_commit_callbacks
):
    given_up = pay("pm_card_authenticationRequired")
    replacement = pay("")
    given_up.refresh_from_db()
    assert (given_up.status, replacement.status) == ("cancelled", "requires_action")
    SandboxIntent.objects.filter(reference=given_up.pk).update(status="succeeded")
    with django_capture_on_commit_callbacks(execute=True):
        recovery.refresh(given_up.pk, timezone.now())
    order.refresh_from_db()
    replacement.refresh_from_db()
    assert (order.status, order.amount_paid, replacement.status) == ("paid", 10_000, "cancelled")


@pytest.mark.parametrize("fault", [DropsAfterTheWork, DiesAfterTheCall])
def test_a_refund_whose_answer_was_lost_is_made_once(order, pay, use_gateway, fault):
    payment, now = pay(), timezone.now()
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=now)
    use_gateway(fault)
    if fault is DiesAfterTheCall:
        with pytest.raises(Killed):
            refunds.execute(refund.pk, now)
    else:
        refunds.execute(refund.pk, now)
    refund.refresh_from_db()
    assert refund.status == "pending"
    use_gateway(SandboxGateway)
    assert refunds.execute_due(now) == 0, "whoever claimed it keeps it for a while"
    assert refunds.execute_due(now + LATER) == 1
    assert refunds.execute_due(now + LATER) == 0
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.amount_refunded, order.amount_refunded, order.status) == (4_000, 4_000, "paid")
    assert SandboxRefund.objects.count() == 1


def test_a_refund_waits_longer_each_time_the_gateway_is_away(pay, use_gateway):
    payment, now = pay(), timezone.now()
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=now)
    use_gateway(Absent)
    waits = []
    for _ in range(4):
        refund.refresh_from_db()
        at = refund.next_attempt_at
        refunds.execute_due(at)
        refund.refresh_from_db()
        waits.append(refund.next_attempt_at - at)
    assert waits == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert refund.status == "pending"


def two_tickets(ticket_type):
    return [CartLine("ticket", ticket_type.pk, quantity=2, in_cart=2)]


@pytest.fixture
def late_order(ticket_type, fay):
    """Fay's order for two tickets whose hold ran out while her bank took its time."""
    TicketType.objects.filter(pk=ticket_type.pk).update(quantity=2)
    now = timezone.now()
    order = place_order(two_tickets(ticket_type), user=fay, contact=Contact(), now=now)
    charges.start(order, payer=fay, payment_method="pm_sandbox_late", now=now)
    expiry.expire_overdue(now + timedelta(hours=1))
    order.refresh_from_db()
    assert order.status == "expired"
    return order


def money_arrives(capture):
    """The bank answers, the sandbox tells, and whatever follows is done."""
    later = timezone.now() + timedelta(hours=1)
    for _ in range(2):
        with capture(execute=True):
            sandbox_payer.deliver_due(later)
            webhooks.process_due(later)
            refunds.execute_due(later)


def test_a_payment_that_outlived_the_hold_takes_the_stock_again(
    late_order, ticket_type, django_capture_on_commit_callbacks
):
    money_arrives(django_capture_on_commit_callbacks)
    late_order.refresh_from_db()
    ticket_type.refresh_from_db()
    assert (late_order.status, late_order.amount_refunded) == ("paid", 0)
    assert (ticket_type.held, ticket_type.sold) == (0, 2)


def test_a_payment_that_outlived_the_hold_goes_back_when_the_stock_is_gone(
    late_order, ticket_type, fay, django_capture_on_commit_callbacks
):
    place_order(two_tickets(ticket_type), user=fay, contact=Contact(), now=timezone.now())
    money_arrives(django_capture_on_commit_callbacks)
    late_order.refresh_from_db()
    ticket_type.refresh_from_db()
    assert late_order.status == "expired"
    assert late_order.amount_paid == late_order.amount_refunded == late_order.amount_total
    assert (ticket_type.held, ticket_type.sold) == (2, 0)
    assert SandboxRefund.objects.get().amount == late_order.amount_total


def test_sweeps_run_twice_are_harmless(order, pay, django_capture_on_commit_callbacks):
    pay()
    PaymentFactory(order=order, provider_id=None, checked_at=timezone.now() - LATER)
    for _ in range(2):
        money_arrives(django_capture_on_commit_callbacks)
        recovery.recover(timezone.now())
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", 10_000, 0)
    assert WebhookEvent.objects.count() == 1
