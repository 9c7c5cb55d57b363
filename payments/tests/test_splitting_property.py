"""Any sequence of payments, partial refunds, failures and retries: everyone ends with exactly what is due."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments import charges, refunds, reversals, sandbox_recipient, transfers
from payments.errors import GatewayUnavailable
from payments.gateways.base import RefundOutcome
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, Refund, SandboxRefund, Transfer, TransferReversal
from payments.tests.sharing import assert_books_hold, booked, debt, due, order_of, received, recipient
from trufan.lib.money import advance
from trufan.testing import examples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]


class BadDays(SandboxGateway):
    """Does its work or not, and says so or not, by the dice."""

    dice = random.Random(0)

    def _maybe(self, work: Any) -> Any:
        day = self.dice.randrange(4)
        if day == 0:
            raise GatewayUnavailable
        answer = work()
        if day == 1:
            raise GatewayUnavailable
        return answer

    def transfer(self, transfer):
        return self._maybe(lambda: super(BadDays, self).transfer(transfer))

    def reverse(self, reversal):
        return self._maybe(lambda: super(BadDays, self).reverse(reversal))


class Clock:
    """A time that only the test moves; every step is past all leases and pauses."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def tick(self) -> Any:
        self.now += timedelta(hours=2)
        return self.now


def pay(venue, accounts, lines, tip, currency, clock):
    order = order_of(venue, [(accounts[who], total, min(fee, total)) for who, total, fee in lines], tip=tip,
                     currency=currency)  # fmt: skip
    order.expires_at = clock.now + timedelta(hours=1)
    order.save()
    return charges.start(order, payer=None, payment_method="pm_card_visa", now=clock.now)


def give_back(payment, part, clock):
    left = refunds.remainder(payment)
    # It is below nothing where a dispute came over what had been refunded.
    if left > 0:
        refund = refunds.request(payment, max(1, left * part // 100), reason="Rain", by=None, now=clock.now)
        refunds.execute(refund.pk, clock.now)


def bounce(payment, which, clock):
    """The bank sends a refund back, in the sandbox's books too."""
    gone = list(payment.refunds.filter(status=Refund.Status.SUCCEEDED).order_by("created_at"))
    if gone:
        refund = gone[which % len(gone)]
        SandboxRefund.objects.filter(key=refund.idempotency_key).update(status="failed")
        refunds.settle(refund.pk, RefundOutcome("", Refund.Status.FAILED, "Closed."), clock.now)


def sweep(clock):
    transfers.send_due(clock.tick())
    reversals.execute_due(clock.now)


line = st.tuples(st.integers(0, 2), st.integers(1, 20_000), st.integers(0, 2_000))
carts = st.tuples(st.lists(line, min_size=1, max_size=5), st.integers(0, 999))
steps = st.one_of(
    st.tuples(st.just("pay"), carts),
    st.tuples(st.just("refund"), st.tuples(st.integers(0, 9), st.sampled_from([0, 1, 3, 33, 50, 100]))),
    st.tuples(st.just("bounce"), st.tuples(st.integers(0, 9), st.integers(0, 9))),
    st.tuples(st.just("sweep"), st.none()),
    st.tuples(st.just("pay out"), st.integers(0, 2)),
    st.tuples(st.just("ready"), st.tuples(st.integers(0, 2), st.booleans())),
)


@given(
    plan=st.lists(steps, min_size=4, max_size=16),
    first=carts,
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
def test_everyone_ends_with_exactly_what_is_due(venue, use_gateway, plan, first, currency, seed):
    # One venue for all examples: what an earlier one left must not matter.
    clock, accounts = Clock(), [recipient(venue, f"Stand {n}", ready=n != 2) for n in range(3)]
    BadDays.dice = random.Random(seed)
    use_gateway(BadDays)
    paid = [pay(venue, accounts, *first, currency, clock)]
    for name, what in plan:
        if name == "pay":
            paid.append(pay(venue, accounts, *what, currency, clock))
        elif name == "refund":
            give_back(Payment.objects.get(pk=paid[what[0] % len(paid)].pk), what[1], clock)
        elif name == "bounce":
            bounce(Payment.objects.get(pk=paid[what[0] % len(paid)].pk), what[1], clock)
        elif name == "sweep":
            sweep(clock)
        elif name == "pay out":
            sandbox_recipient.pay_out(accounts[what])
        else:
            sandbox_recipient.play(accounts[what[0]], "ready" if what[1] else "restricted", clock.now)
        assert_books_hold(paid)
    for account in accounts:
        sandbox_recipient.play(account, "ready", clock.tick())
    use_gateway(SandboxGateway)
    for _ in range(3):
        sweep(clock)
    assert_books_hold(paid)
    assert not Transfer.objects.filter(account__in=accounts).exclude(status__in=["sent", "cancelled"]).exists()
    assert not TransferReversal.objects.filter(
        transfer__account__in=accounts, status__in=["pending", "failed"]
    ).exists()
    for account in accounts:
        assert received(account) == due(account) + debt(account)
        assert (booked(account), booked(account, "debts")) == (0, debt(account))
    # A share large enough pays everything off: then what they have is what is due, and nothing else.
    pay(venue, accounts, [(who, 10**7, 0) for who in range(3)], 0, currency, clock)
    sweep(clock)
    for account in accounts:
        assert (debt(account), received(account)) == (0, due(account))
        assert (booked(account), booked(account, "debts")) == (0, 0)
    assert_books_hold(paid)


@given(weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any), data=st.data())
@settings(max_examples=examples(30), deadline=None)
def test_parts_advance_to_the_cent_however_small_the_steps(weights, data):
    total, whole, given_so_far = 0, sum(weights), [0] * len(weights)
    while total < whole:
        total += data.draw(st.integers(1, max(1, (whole - total + 4) // 5)))
        parts = advance(total, weights, given_so_far)
        assert sum(parts) == total
        for part, had, weight in zip(parts, given_so_far, weights, strict=True):
            assert had <= part
            assert total * weight // whole <= part <= -(-total * weight // whole)
        given_so_far = parts
        if total > whole // 2 and data.draw(st.booleans()):
            total = whole
            given_so_far = advance(total, weights, given_so_far)
    assert given_so_far == weights


@pytest.mark.parametrize("total", [-1, 11])
def test_parts_advance_no_further_than_their_sum(total):
    with pytest.raises(ValueError, match="towards"):
        advance(total, [5, 5], [0, 0])


def test_parts_do_not_advance_from_what_was_no_answer():
    with pytest.raises(ValueError, match="smaller total"):
        advance(4, [5, 5], [5, 0])
