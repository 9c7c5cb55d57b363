"""Real threads on a real database: a dispute is recorded once, whoever hears it first and whatever else happens."""

from __future__ import annotations

import pytest
from django.utils import timezone

from notifications.models import Notification
from payments import charges, dispute_recovery, disputes, refunds, reversals, transfers
from payments.errors import PaymentDisputed, RefundExceedsPayment
from payments.gateways import sandbox_disputes
from payments.gateways.sandbox import SandboxGateway
from payments.models import Dispute, Payment, SandboxIntent, Transfer, TransferReversal
from payments.tests.sharing import assert_books_hold, debt, due, order_of, received, recipient
from payments.tests.test_races import at_once
from trufan.testing import StaffFactory, VenueFactory

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("lines_without_stock"),
]


@pytest.fixture
def venue():
    return VenueFactory()


@pytest.fixture
def by_hand(monkeypatch):
    """Nothing is sent but by the test."""
    monkeypatch.setattr("payments.tasks.send_transfers.apply_async", lambda **how: None)
    monkeypatch.setattr("payments.tasks.execute_reversals.apply_async", lambda **how: None)


def paid(venue, stand, amount):
    order = order_of(venue, [(stand, amount, 0)])
    return charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now())


def kept_of(payment, amount=0):
    return sandbox_disputes.open_dispute(SandboxIntent.objects.get(reference=payment.pk), timezone.now(), amount)


def hear(kept):
    return dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())


def test_a_dispute_that_many_hear_of_is_one(venue, by_hand):
    stand = recipient(venue)
    payment = paid(venue, stand, 3_000)
    transfers.send_due(timezone.now())
    StaffFactory(venue=venue)
    kept = kept_of(payment)
    at_once(6, lambda n: hear(kept))
    assert Dispute.objects.get().amount_held == 3_000
    assert TransferReversal.objects.get().amount == 3_000
    assert Notification.objects.filter(template="dispute_opened").count() == 1
    sandbox_disputes.decide(kept, "won", timezone.now())
    at_once(6, lambda n: hear(kept))
    payment.refresh_from_db()
    assert payment.amount_disputed == 0
    for _ in range(2):
        transfers.send_due(timezone.now())
        reversals.execute_due(timezone.now())
    assert (received(stand), due(stand)) == (3_000, 3_000)
    assert_books_hold()


def test_old_and_new_news_at_once_end_with_the_new(venue, by_hand):
    payment = paid(venue, recipient(venue), 3_000)
    kept = kept_of(payment)
    hear(kept)
    old = SandboxGateway().look_up_dispute(kept.provider_id)
    sandbox_disputes.decide(kept, "won", timezone.now())
    new = SandboxGateway().look_up_dispute(kept.provider_id)
    at_once(6, lambda n: disputes.record(payment, (old, new)[n % 2], timezone.now()))
    assert Dispute.objects.get().status == "won"
    assert Payment.objects.get().amount_disputed == 0


def test_a_share_is_sent_and_disputed_at_once(venue, by_hand):
    """It was sent and is reversed, or it waits: the recipient never keeps what is disputed."""
    for _ in range(5):
        stand = recipient(venue)
        payment = paid(venue, stand, 3_000)
        transfer, kept = Transfer.objects.get(payment=payment), kept_of(payment)
        at_once(2, lambda n, t=transfer, k=kept: transfers.send(t.pk, timezone.now()) if n else hear(k))
        reversals.execute_due(timezone.now())
        assert (received(stand), debt(stand)) == (0, 0)
        sandbox_disputes.decide(kept, "won", timezone.now())
        hear(kept)
        transfers.send_due(timezone.now())
        assert received(stand) == 3_000
    assert_books_hold()


def test_a_refund_and_a_dispute_at_once(venue, by_hand):
    for _ in range(5):
        payment = paid(venue, recipient(venue), 3_000)
        kept = kept_of(payment)

        def act(n, payment=payment, kept=kept):
            if n:
                return hear(kept)
            try:
                return refunds.request(payment, 3_000, reason="Rain", by=None, now=timezone.now())
            except (PaymentDisputed, RefundExceedsPayment) as refusal:
                return refusal

        at_once(2, act)
        # Whichever came first: the sandbox, like any provider, does not send disputed money back.
        refunds.execute_due(timezone.now())
        payment.refresh_from_db()
        assert (payment.amount_refunded, payment.amount_disputed) == (0, 3_000)
    assert_books_hold()
