"""The sandbox behaves as a provider should: by the names of its payment methods, and by its keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from payments import gateways
from payments.errors import GatewayRefused, NeverHeard
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, Refund, SandboxIntent, SandboxRefund
from payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db


def charged(method: str = "pm_card_visa", **fields) -> Payment:
    payment = PaymentFactory(payment_method=method, **fields)
    payment.provider_id = SandboxGateway().charge(payment).provider_id
    payment.save()
    return payment


def refund_of(payment: Payment, amount: int) -> Refund:
    return Refund.objects.create(
        payment=payment, amount=amount, currency="USD", reason="Test", next_attempt_at=timezone.now()
    )


@pytest.mark.parametrize(
    ("method", "status", "failure_code"),
    [
        ("pm_card_visa", "succeeded", ""),
        ("pm_card_mastercard", "succeeded", ""),
        ("pm_card_amex", "succeeded", ""),
        ("pm_card_chargeDeclined", "failed", "card_declined"),
        ("pm_card_chargeDeclinedInsufficientFunds", "failed", "insufficient_funds"),
        ("pm_card_authenticationRequired", "requires_action", ""),
        ("pm_sandbox_late", "processing", ""),
        ("pm_sandbox_late_failure", "processing", ""),
        ("", "requires_action", ""),
    ],
)
def test_a_payment_method_does_what_its_name_says(method, status, failure_code):
    payment = PaymentFactory(payment_method=method)
    outcome = SandboxGateway().charge(payment)
    assert (outcome.status, outcome.failure_code) == (status, failure_code)
    assert (outcome.amount, outcome.currency) == (10_000, "USD")
    assert bool(outcome.failure_message) == bool(failure_code)


def test_an_unknown_payment_method_is_refused_by_its_field():
    with pytest.raises(GatewayRefused) as refusal:
        SandboxGateway().charge(PaymentFactory(payment_method="pm_card_diners"))
    assert refusal.value.details[0].field == "payment_method"
    assert not SandboxIntent.objects.exists()


def test_the_same_key_gives_the_same_charge():
    payment = PaymentFactory()
    first, second = SandboxGateway().charge(payment), SandboxGateway().charge(payment)
    assert first == second
    assert SandboxIntent.objects.count() == 1


def test_the_same_key_with_another_amount_is_refused():
    payment = charged()
    payment.amount = 9_999
    with pytest.raises(GatewayRefused):
        SandboxGateway().charge(payment)


@pytest.mark.parametrize(("method", "after"), [("", 12_000), ("pm_card_visa", 10_000), ("pm_sandbox_late", 10_000)])
def test_only_a_charge_that_waits_for_its_payer_takes_another_amount(method, after):
    payment = charged(method)
    before = SandboxGateway().look_up(payment)
    outcome = SandboxGateway().update(payment, 12_000)
    assert outcome.amount == SandboxGateway().look_up(payment).amount == after
    assert (outcome.provider_id, outcome.client_secret) == (before.provider_id, before.client_secret)


@pytest.mark.parametrize(("method", "later"), [("pm_sandbox_late", "succeeded"), ("pm_sandbox_late_failure", "failed")])
def test_a_late_charge_ends_when_its_time_has_come(settings, method, later):
    payment = charged(method)
    assert SandboxGateway().look_up(payment).status == "processing"
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SANDBOX_LATE_SECONDS + 1)):
        assert SandboxGateway().look_up(payment).status == later


def test_a_charge_is_found_by_its_key_when_its_id_was_never_recorded():
    payment = charged()
    known, payment.provider_id = payment.provider_id, None
    assert SandboxGateway().look_up(payment).provider_id == known


def test_a_charge_that_was_never_made_is_unknown():
    with pytest.raises(NeverHeard):
        SandboxGateway().look_up(PaymentFactory())
    with pytest.raises(NeverHeard):
        SandboxGateway().look_up(PaymentFactory(provider_id="pi_of_another_house"))


@pytest.mark.parametrize(
    ("method", "after"),
    [
        ("pm_card_authenticationRequired", "cancelled"),
        ("pm_card_visa", "succeeded"),
        ("pm_sandbox_late", "processing"),
    ],
)
def test_only_a_charge_that_waits_for_its_payer_can_be_cancelled(method, after):
    payment = charged(method)
    assert SandboxGateway().cancel(payment).status == after
    assert SandboxGateway().look_up(payment).status == after


def test_a_refund_under_the_same_key_is_booked_once():
    refund = refund_of(charged(), 4_000)
    first, second = SandboxGateway().refund(refund), SandboxGateway().refund(refund)
    assert first == second
    assert SandboxRefund.objects.count() == 1
    assert SandboxGateway().look_up_refund(refund) == first


def test_more_than_was_charged_never_goes_back():
    payment = charged()
    SandboxGateway().refund(refund_of(payment, 6_000))
    with pytest.raises(GatewayRefused):
        SandboxGateway().refund(refund_of(payment, 4_001))
    assert SandboxGateway().refund(refund_of(payment, 4_000)).status == "succeeded"


def test_nothing_goes_back_from_a_charge_that_failed():
    with pytest.raises(GatewayRefused):
        SandboxGateway().refund(refund_of(charged("pm_card_chargeDeclined"), 1))


def test_production_refuses_the_sandbox(settings):
    settings.DJANGO_ENV = "production"
    with pytest.raises(ImproperlyConfigured):
        gateways.current()
    assert not gateways.is_served("sandbox")


def test_a_gateway_nobody_wrote_is_named_in_the_complaint(settings):
    settings.PAYMENT_GATEWAY = "abacus"
    with pytest.raises(ImproperlyConfigured, match="abacus"):
        gateways.current()
