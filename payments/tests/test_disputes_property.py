"""Any sequence of payments, refunds, disputes and failures: everyone ends with exactly what is due."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from payments import dispute_recovery, disputes, sandbox_recipient
from payments.errors import PaymentDisputed
from payments.gateways import sandbox_disputes
from payments.gateways.sandbox import SandboxGateway
from payments.models import Dispute, Payment, SandboxIntent, Transfer, TransferReversal
from payments.tests.sharing import assert_books_hold, booked, debt, due, received, recipient
from payments.tests.test_splitting_property import BadDays, Clock, carts, give_back, pay, sweep
from trufan.testing import examples

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]

which = st.integers(0, 9)
steps = st.one_of(
    st.tuples(st.just("pay"), carts),
    st.tuples(st.just("refund"), st.tuples(which, st.sampled_from([0, 1, 3, 33, 50, 100]))),
    st.tuples(st.just("dispute"), st.tuples(which, st.sampled_from([1, 33, 50, 100]))),
    st.tuples(st.just("decide"), st.tuples(which, st.sampled_from(["won", "won", "lost"]))),
    st.tuples(st.just("sweep"), st.none()),
    st.tuples(st.just("pay out"), st.integers(0, 2)),
    st.tuples(st.just("ready"), st.tuples(st.integers(0, 2), st.booleans())),
)


def open_dispute(payment, percent, clock):
    intent = SandboxIntent.objects.get(reference=payment.pk)
    kept = sandbox_disputes.open_dispute(intent, clock.now, max(1, payment.amount * percent // 100))
    disputes.record(payment, sandbox_disputes.outcome(kept), clock.now)


def decide(number, status, clock):
    rows = list(Dispute.objects.open().order_by("pk"))
    if rows:
        dispute = rows[number % len(rows)]
        sandbox_disputes.decide(sandbox_disputes.dispute_of(dispute.provider_id), status, clock.now)
        dispute_recovery.refresh("sandbox", dispute.provider_id, clock.now)


#: Refunded, then disputed and lost: more is gone than was paid.
TWICE_GONE = [("refund", (0, 100)), ("sweep", None), ("dispute", (0, 1)), ("decide", (0, "lost")), ("refund", (0, 0))]


@given(
    plan=st.lists(steps, min_size=4, max_size=16),
    first=carts,
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    seed=st.integers(0, 2**16),
    end=st.sampled_from(["won", "lost"]),
)
@example(plan=TWICE_GONE, first=([(0, 1_838, 276)], 47), currency="USD", seed=49, end="won")
@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
def test_everyone_ends_with_exactly_what_is_due(venue, use_gateway, plan, first, currency, seed, end):
    clock, accounts = Clock(), [recipient(venue, f"Stand {n}", ready=n != 2) for n in range(3)]
    BadDays.dice = random.Random(seed)
    use_gateway(BadDays)
    paid = [pay(venue, accounts, *first, currency, clock)]
    for name, what in plan:
        if name == "pay":
            paid.append(pay(venue, accounts, *what, currency, clock))
        elif name == "refund":
            payment = Payment.objects.get(pk=paid[what[0] % len(paid)].pk)
            try:
                give_back(payment, what[1], clock)
            except PaymentDisputed:
                assert payment.disputes.open().exists()
        elif name == "dispute":
            open_dispute(Payment.objects.get(pk=paid[what[0] % len(paid)].pk), what[1], clock)
        elif name == "decide":
            decide(*what, clock)
        elif name == "sweep":
            sweep(clock)
        elif name == "pay out":
            sandbox_recipient.pay_out(accounts[what])
        else:
            sandbox_recipient.play(accounts[what[0]], "ready" if what[1] else "restricted", clock.now)
        assert_books_hold(paid)
    while Dispute.objects.open().exists():
        clock.tick()
        decide(0, end, clock)
        assert_books_hold(paid)
    for account in accounts:
        sandbox_recipient.play(account, "ready", clock.tick())
    use_gateway(SandboxGateway)
    for _ in range(3):
        sweep(clock)
    assert_books_hold(paid)
    mine = Transfer.objects.filter(account__in=accounts)
    assert not mine.exclude(status__in=["sent", "cancelled"]).exists()
    assert not TransferReversal.objects.filter(transfer__in=mine, status__in=["pending", "failed"]).exists()
    for account in accounts:
        assert received(account) == due(account) + debt(account)
        assert (booked(account), booked(account, "debts")) == (0, debt(account))
    pay(venue, accounts, [(who, 10**7, 0) for who in range(3)], 0, currency, clock)
    sweep(clock)
    for account in accounts:
        assert (debt(account), received(account)) == (0, due(account))
        assert (booked(account), booked(account, "debts")) == (0, 0)
    assert_books_hold(paid)
