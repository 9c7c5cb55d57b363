"""The Stripe gateway through Stripe's own client: what it sends, and how it reads every answer."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from payments import gateways
from payments.errors import GatewayRefused, GatewayUnavailable, KeySpent, NeverHeard
from payments.gateways.stripe import StripeGateway
from payments.gateways.stripe_amounts import from_stripe, to_stripe
from payments.models import Payment, Refund
from payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db


def payment_by(method: str = "pm_card_visa", **fields) -> Payment:
    return PaymentFactory(payment_method=method, provider="stripe", **fields)


def charged(method: str = "pm_card_visa", **fields) -> Payment:
    payment = payment_by(method, **fields)
    payment.provider_id = StripeGateway().charge(payment).provider_id
    payment.save()
    return payment


def refund_of(payment: Payment, amount: int) -> Refund:
    return Refund.objects.create(
        payment=payment, amount=amount, currency=payment.currency, reason="Test", next_attempt_at=timezone.now()
    )


def changed(payment: Payment) -> Payment:
    payment.changes += 1
    payment.save()
    return payment


def test_an_intent_names_what_it_is_for(standin):
    payment = charged("")
    intent = standin.book.intents[payment.provider_id]
    assert (intent["amount"], intent["currency"], intent["status"]) == (10_000, "usd", "requires_payment_method")
    assert intent["metadata"] == {"order": payment.reference, "payment": str(payment.pk)}
    assert intent["transfer_group"] == f"order-{payment.payable_id}"
    assert standin.requests == [("POST", "/v1/payment_intents", f"payment-{payment.pk}")]


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("pm_card_visa", "succeeded", ""),
        ("", "requires_action", ""),
        ("pm_card_authenticationRequired", "requires_action", ""),
        ("pm_usBankAccount_success", "processing", ""),
        ("pm_card_chargeDeclined", "failed", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "failed", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "failed", "expired_card"),
    ],
)
def test_a_payment_method_ends_where_stripe_says(standin, method, status, code):
    payment = payment_by(method)
    outcome = StripeGateway().charge(payment)
    assert (outcome.status, outcome.failure_code) == (status, code)
    assert (outcome.amount, outcome.currency) == (10_000, "USD")
    assert outcome.client_secret == standin.book.intents[outcome.provider_id]["client_secret"]
    assert bool(outcome.failure_message) == outcome.can_retry == bool(code)
    payment.provider_id = outcome.provider_id
    assert StripeGateway().look_up(payment) == outcome, "asked again it says the same"


def test_an_unknown_payment_method_is_refused_in_stripes_words(standin):
    with pytest.raises(GatewayRefused, match="No such PaymentMethod"):
        StripeGateway().charge(payment_by("pm_card_of_nobody"))


def test_the_same_key_gives_the_same_charge(standin):
    payment = payment_by()
    assert StripeGateway().charge(payment) == StripeGateway().charge(payment)
    assert standin.collected() == [10_000]


def test_a_key_that_was_used_for_something_else_leads_to_the_intent_that_is_there(standin):
    payment = payment_by()
    first = StripeGateway().charge(payment)
    payment.reference = "ANOTHER"
    assert StripeGateway().charge(payment) == first
    assert standin.collected() == [10_000]


def test_a_charge_is_found_among_many_when_its_id_was_never_recorded(standin):
    payment = payment_by("")
    known = StripeGateway().charge(payment)
    for _ in range(101):
        StripeGateway().charge(PaymentFactory.build(payment_method="", pk=uuid4(), provider="stripe", amount=100))
    assert StripeGateway().look_up(payment) == known


def test_a_charge_that_was_never_made_is_unknown(standin):
    with pytest.raises(NeverHeard):
        StripeGateway().look_up(payment_by())
    with pytest.raises(NeverHeard):
        StripeGateway().look_up(payment_by(provider_id="pi_of_another_house"))


@pytest.mark.parametrize(
    ("method", "after"),
    [
        ("", "cancelled"),
        ("pm_card_authenticationRequired", "cancelled"),
        ("pm_card_chargeDeclined", "cancelled"),
        ("pm_card_visa", "succeeded"),
        ("pm_usBankAccount_success", "processing"),
    ],
)
def test_only_a_charge_that_waits_for_its_payer_can_be_cancelled(standin, method, after):
    payment = changed(charged(method))
    assert StripeGateway().cancel(payment).status == after
    assert StripeGateway().look_up(payment).status == after


@pytest.mark.parametrize("method", ["", "pm_card_authenticationRequired"])
def test_another_amount_keeps_the_intent_and_its_secret(standin, method):
    payment = changed(charged(method))
    before = StripeGateway().look_up(payment)
    after = StripeGateway().update(payment, 12_000)
    assert (after.provider_id, after.client_secret) == (before.provider_id, before.client_secret)
    assert (after.status, after.amount) == ("requires_action", 12_000)
    assert standin.book.intents[payment.provider_id]["status"] == (
        "requires_action" if method else "requires_payment_method"
    ), "what was confirmed from here is confirmed again"


def test_a_charge_that_went_through_says_so_instead_of_changing(standin):
    payment = changed(charged())
    outcome = StripeGateway().update(payment, 12_000)
    assert (outcome.status, outcome.amount) == ("succeeded", 10_000)


def test_a_refund_under_the_same_key_is_made_once(standin):
    refund = refund_of(charged(), 4_000)
    first = StripeGateway().refund(refund)
    assert first == StripeGateway().refund(refund)
    assert first.status == "succeeded"
    (made,) = standin.book.refunds.values()
    assert (made["amount"], made["metadata"]["refund"]) == (4_000, str(refund.pk))


def test_a_refund_is_found_by_our_id_when_stripes_was_never_recorded(standin):
    refund = refund_of(charged(), 4_000)
    with pytest.raises(NeverHeard):
        StripeGateway().look_up_refund(refund)
    assert StripeGateway().refund(refund) == StripeGateway().look_up_refund(refund)


def test_more_than_was_charged_never_goes_back(standin):
    payment = charged()
    StripeGateway().refund(refund_of(payment, 6_000))
    with pytest.raises(GatewayRefused, match="greater than unrefunded amount"):
        StripeGateway().refund(refund_of(payment, 4_001))


def test_a_refund_may_take_its_time_and_may_fail(standin):
    refund = refund_of(charged("pm_card_pendingRefund"), 4_000)
    refund.provider_id = StripeGateway().refund(refund).provider_id
    assert StripeGateway().look_up_refund(refund).status == "pending"
    standin.end_refund(refund.provider_id, "failed")
    outcome = StripeGateway().look_up_refund(refund)
    assert outcome.status == "failed"
    assert "expired or canceled card" in outcome.failure_message


@pytest.mark.parametrize("fault", ["429", "401", "drop before the work", "500"])
def test_a_stripe_that_does_not_answer_is_unavailable_whatever_is_asked(standin, fault):
    waiting, gateway = changed(charged("")), StripeGateway()
    asks = [(gateway.charge, payment_by()), (gateway.look_up, waiting), (gateway.cancel, waiting)]
    for ask, payment in asks:
        # The client itself tries three times where that may help.
        standin.fail(fault, times=3)
        with pytest.raises(GatewayUnavailable):
            ask(payment)
        standin.faults.clear()


def test_a_timeout_is_unavailable(standin, settings):
    settings.STRIPE_TIMEOUT_SECONDS = 0.2
    standin.hang_seconds = 0.5
    standin.fail("hang", times=3)
    with pytest.raises(GatewayUnavailable):
        StripeGateway().charge(payment_by())


def test_the_client_itself_repeats_a_call_that_was_cut_off(standin):
    standin.fail("drop", times=2)
    assert StripeGateway().charge(payment_by()).status == "succeeded"
    assert standin.collected() == [10_000]


def test_a_key_that_replays_an_error_is_given_up_only_when_nothing_was_made_under_it(standin):
    nothing_made, made = payment_by(), payment_by()
    standin.fail("500")
    with pytest.raises(GatewayUnavailable):
        StripeGateway().charge(nothing_made)
    with pytest.raises(KeySpent):
        StripeGateway().charge(nothing_made)
    standin.fail("500 after the work")
    with pytest.raises(GatewayUnavailable):
        StripeGateway().charge(made)
    assert StripeGateway().charge(made).status == "succeeded"
    assert standin.collected() == [10_000]


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [("USD", 1_050, 1_050), ("JPY", 500, 500), ("KWD", 5_120, 5_120), ("ISK", 5, 500), ("UGX", 5, 500)],
)
def test_an_amount_is_written_as_stripe_writes_it(standin, currency, ours, theirs):
    payment = charged("pm_card_visa", currency=currency, amount=ours)
    assert standin.book.intents[payment.provider_id]["amount"] == theirs
    assert StripeGateway().look_up(payment).amount == ours


@pytest.mark.parametrize(("currency", "amount"), [("KWD", 5_124), ("MGA", 150)])
def test_an_amount_that_stripe_has_no_number_for_is_refused_before_it_is_sent(standin, currency, amount):
    with pytest.raises(GatewayRefused) as refusal:
        StripeGateway().charge(payment_by(currency=currency, amount=amount))
    assert refusal.value.details[0].code == "indivisible_amount"
    assert standin.requests == []


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KWD", "ISK", "UGX", "MGA", "HUF", "TWD"])
def test_amounts_come_back_as_they_went(currency):
    assert from_stripe(to_stripe(12_000, currency), currency) == 12_000


def test_there_is_no_stripe_without_its_key(settings):
    settings.PAYMENT_GATEWAY, settings.STRIPE_SECRET_KEY = "stripe", ""
    with pytest.raises(ImproperlyConfigured, match="STRIPE_SECRET_KEY"):
        gateways.current()
    assert not gateways.is_served("stripe")
