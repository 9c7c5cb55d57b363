"""Payments that are held because the provider has another amount: a person accepts what came or sends it back."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.models import Order
from payments import holding, recovery
from payments.errors import GatewayUnavailable, MoreThanDue, NotHeld
from payments.models import Payment, PaymentSplit, Refund
from payments.tests.factories import OrderFactory
from trufan.tests.console_client import buttons_on, press

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(venue, fay):
    return OrderFactory(venue=venue, user=fay)


@pytest.fixture
def held(order, pay, standin):
    """A payment over 100 dollars for which the provider collected another sum."""

    def make(came: int, currency: str = "usd") -> Payment:
        payment = pay("")
        standin.book.intents[payment.provider_id].update(amount=came, currency=currency)
        standin.confirm_in_browser(payment.provider_id, "pm_card_visa", payment.client_secret)
        found = recovery.refresh(payment.pk, timezone.now())
        assert found is not None
        assert found.is_held
        return found

    return make


def shown(api, user, order):
    return api.as_(user).get(f"/api/v1/orders/{order.pk}").json()


def test_the_order_shows_that_it_is_held(api, fay, order, held):
    held(9_000)
    said = shown(api, fay, order)
    assert said["status"] == "pending"
    assert (said["payments"][0]["held"], said["payments"][0]["failure"]["code"]) == (True, "amount_mismatch")


def test_less_may_be_accepted_and_the_house_forgoes_the_rest(api, fay, order, held, olga):
    payment = held(9_000)
    holding.accept(payment, by=olga, now=timezone.now())
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_total) == ("paid", 9_000, 10_000)
    assert (payment.status, payment.amount, payment.counted, payment.is_held) == ("succeeded", 9_000, True, False)
    assert sum(PaymentSplit.objects.values_list("amount", flat=True)) == 9_000
    entry = AuditLog.objects.get(action="payment.accepted")
    assert (entry.actor, entry.new_values["amount"], entry.new_values["due"]) == (olga, 9_000, 10_000)
    assert shown(api, fay, order)["payments"][0]["held"] is False


@pytest.mark.parametrize(("came", "currency"), [(12_000, "usd"), (10_000, "eur")])
def test_more_or_other_money_is_not_accepted(order, held, olga, came, currency):
    payment = held(came, currency)
    with pytest.raises(MoreThanDue):
        holding.accept(payment, by=olga, now=timezone.now())
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.is_held, payment.amount, payment.currency) == ("pending", True, 10_000, "USD")


@pytest.mark.parametrize(("came", "currency"), [(9_000, "usd"), (12_000, "usd"), (10_000, "eur")])
def test_all_of_it_is_sent_back_and_the_order_can_be_paid_anew(
    order, pay, held, standin, olga, came, currency, django_capture_on_commit_callbacks
):
    payment = held(came, currency)
    with django_capture_on_commit_callbacks(execute=True):
        holding.send_back(payment, by=olga, reason="Wrong sum", now=timezone.now())
    payment.refresh_from_db()
    order.refresh_from_db()
    assert [made["amount"] for made in standin.book.refunds.values()] == [came]
    assert (payment.status, payment.counted, payment.amount_refunded) == ("succeeded", False, came)
    assert payment.currency == currency.upper()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("pending", 0, 0)
    assert [(each.kind, each.status, each.amount) for each in order.refunds.all()] == [("house", "succeeded", came)]
    assert AuditLog.objects.get(action="payment.sent_back").actor == olga
    assert pay("pm_card_visa").status == "succeeded"
    assert Order.objects.get().status == "paid"


def test_what_was_not_collected_is_cancelled(order, pay, standin, olga):
    payment = pay("pm_usBankAccount_success")
    standin.book.intents[payment.provider_id].update(amount=9_000, status="requires_action")
    recovery.refresh(payment.pk, timezone.now())
    payment.refresh_from_db()
    assert payment.is_held
    with pytest.raises(NotHeld):
        holding.accept(payment, by=olga, now=timezone.now())
    ended = holding.send_back(payment, by=olga, reason="Wrong sum", now=timezone.now())
    assert (ended.status, ended.is_held) == ("cancelled", False)
    assert not Refund.objects.exists()


def test_it_is_decided_once(held, olga):
    payment = held(9_000)
    stale = Payment.objects.get(pk=payment.pk)
    holding.accept(payment, by=olga, now=timezone.now())
    for decide in (
        lambda: holding.accept(stale, by=olga, now=timezone.now()),
        lambda: holding.send_back(stale, by=olga, reason="Twice", now=timezone.now()),
        lambda: holding.accept(Payment.objects.get(), by=olga, now=timezone.now()),
    ):
        with pytest.raises(NotHeld):
            decide()
    assert not Refund.objects.exists()


def test_without_the_provider_nothing_is_decided(held, standin, olga):
    payment = held(9_000)
    standin.fail("500", 9)
    with pytest.raises(GatewayUnavailable):
        holding.accept(payment, by=olga, now=timezone.now())
    assert Payment.objects.get().is_held


def test_the_console_offers_both_to_who_may_refund(held, order, olga, gus):
    payment = held(9_000)
    assert buttons_on(olga, payment) == {"ask-again", "accept", "send-back"}
    assert "paid with what came" in press(olga, payment, "accept")
    order.refresh_from_db()
    assert order.status == "paid"
    assert buttons_on(olga, payment) == {"ask-again"}


def test_the_console_sends_back(held, olga):
    payment = held(12_000)
    assert "More" in press(olga, payment, "accept") or "more than is due" in press(olga, payment, "accept")
    assert "on its way back" in press(olga, payment, "send-back", reason="Too much")
    assert Refund.objects.get().amount == 12_000
