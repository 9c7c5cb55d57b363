"""Charging: one open attempt per order, safe to ask again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from orders.errors import NotPayable
from orders.models import Order
from payments import charges
from payments.errors import GatewayRefused, GatewayUnavailable, NothingDue, PaymentInProgress
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, SandboxIntent
from payments.tests.factories import OrderFactory
from venues import payouts

pytestmark = pytest.mark.django_db


class Absent(SandboxGateway):
    """Does not answer, and did nothing."""

    def charge(self, payment):
        raise GatewayUnavailable


def test_a_good_card_pays_the_order(order, pay, fay):
    payment = pay(payer=fay)
    order.refresh_from_db()
    assert (payment.status, payment.amount, payment.currency) == ("succeeded", 10_000, "USD")
    assert (payment.payer, payment.venue_id, payment.reference) == (fay, order.venue_id, order.number)
    assert payment.settled_at
    assert payment.counted
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", 10_000, 0)


def test_a_declined_card_leaves_the_order_to_be_paid_by_another(order, pay):
    declined = pay("pm_card_chargeDeclined")
    assert (declined.status, declined.failure_code) == ("failed", "card_declined")
    order.refresh_from_db()
    assert (order.status, order.amount_paid) == ("pending", 0)
    assert pay().status == "succeeded"
    assert Payment.objects.of(order).count() == 2


def test_a_method_the_provider_refuses_ends_the_attempt(order, pay):
    with pytest.raises(GatewayRefused):
        pay("pm_card_diners")
    assert Payment.objects.get().status == "failed"
    assert pay().status == "succeeded"


def test_a_paid_order_is_not_charged_again(order, pay):
    pay()
    with pytest.raises(NotPayable):
        pay()
    assert SandboxIntent.objects.count() == 1


def test_an_order_whose_hold_ran_out_is_not_charged(venue, pay):
    overdue = OrderFactory(venue=venue, expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotPayable):
        pay(of=overdue)
    assert not Payment.objects.exists()


def test_a_free_order_is_not_charged(venue, pay):
    with pytest.raises(NothingDue):
        pay(of=OrderFactory(venue=venue, subtotal=0, amount_total=0))


@pytest.mark.parametrize("method", ["pm_card_authenticationRequired", "pm_sandbox_late"])
def test_a_second_call_joins_the_open_attempt(pay, method):
    first, second = pay(method), pay(method)
    assert first.pk == second.pk
    assert second.is_open
    assert SandboxIntent.objects.count() == 1


def test_another_method_replaces_an_attempt_that_waits_for_its_payer(order, pay):
    waiting = pay("pm_card_authenticationRequired")
    payment = pay("pm_card_visa")
    waiting.refresh_from_db()
    assert (waiting.status, payment.status) == ("cancelled", "succeeded")
    assert SandboxIntent.objects.get(reference=waiting.pk).status == "cancelled"


def test_another_amount_changes_the_attempt_in_place(order, pay):
    waiting = pay("pm_card_authenticationRequired")
    Order.objects.filter(pk=order.pk).update(amount_total=12_000)
    payment = pay("pm_card_authenticationRequired")
    assert (payment.pk, payment.status, payment.amount) == (waiting.pk, "requires_action", 12_000)
    assert payment.client_secret == waiting.client_secret
    assert SandboxIntent.objects.get().amount == 12_000
    assert AuditLog.objects.get(action="payment.amount_changed").new_values == {"amount": 12_000}


def test_a_processing_payment_is_not_replaced(pay):
    late = pay("pm_sandbox_late")
    assert pay("pm_card_visa").pk == late.pk
    assert SandboxIntent.objects.count() == 1


def test_a_payment_that_succeeded_meanwhile_is_kept_when_another_method_comes(order, pay):
    waiting = pay("pm_card_authenticationRequired")
    SandboxIntent.objects.update(status="succeeded")
    payment = pay("pm_card_visa")
    assert (payment.pk, payment.status) == (waiting.pk, "succeeded")
    assert SandboxIntent.objects.count() == 1


def test_an_absent_gateway_leaves_the_attempt_to_be_made_again(order, pay, use_gateway):
    use_gateway(Absent)
    with pytest.raises(GatewayUnavailable) as refusal:
        pay()
    assert int(refusal.value.headers["Retry-After"]) > 0
    unanswered = Payment.objects.get()
    assert unanswered.status == "created"
    use_gateway(SandboxGateway)
    payment = pay()
    assert (payment.pk, payment.status) == (unanswered.pk, "succeeded")


def test_another_method_waits_while_a_call_may_be_under_way(pay, use_gateway, order):
    use_gateway(Absent)
    with pytest.raises(GatewayUnavailable):
        pay("pm_card_visa")
    use_gateway(SandboxGateway)
    with pytest.raises(PaymentInProgress):
        pay("pm_card_amex")
    Payment.objects.update(checked_at=timezone.now() - charges.IN_FLIGHT)
    payment = pay("pm_card_amex")
    assert payment.status == "succeeded"
    assert set(Payment.objects.of(order).values_list("payment_method", "status")) == {
        ("pm_card_visa", "cancelled"),
        ("pm_card_amex", "succeeded"),
    }


@pytest.mark.django_db(transaction=True)
def test_charging_inside_a_transaction_is_an_error(order):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now())
    assert not SandboxIntent.objects.exists()


def test_a_payment_costs_few_queries(order, fay, monkeypatch):
    """Ours: lock the order, look for an open payment, write one; settle: read, lock two rows, move, book, savepoint,
    audit; share: read the lines, write splits and transfers, a mark for the reports. The sandbox's: two on its own
    book. What the order does with its money is counted there.
    """
    payouts.account_of(order.venue)
    monkeypatch.setattr(Order, "on_paid", lambda *args: None)
    with CaptureQueriesContext(connection) as queries:
        payment = charges.start(order, payer=fay, payment_method="pm_card_visa", now=timezone.now())
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert payment.status == "succeeded"
    assert len([sql for sql in statements if "payments_sandbox" in sql]) == 2
    assert len([sql for sql in statements if "payments_sandbox" not in sql]) == 15, statements
