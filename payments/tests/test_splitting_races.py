"""Real threads on a real database: shares are sent once, taken back once, and debts paid off once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from payments import charges, refunds, reversals, sandbox_recipient, splitting, transfers
from payments.models import RecipientDebt, SandboxReversal, SandboxTransfer, Transfer, TransferReversal
from payments.tests.sharing import assert_books_hold, debt, due, order_of, received, recipient
from payments.tests.test_races import at_once
from trufan.testing import VenueFactory
from venues import payouts
from venues.models import Venue

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


def test_one_transfer_is_sent_by_one_of_many_workers(venue, by_hand):
    stand = recipient(venue)
    paid(venue, stand, 3_000)
    transfer = Transfer.objects.get()
    assert sorted(at_once(6, lambda n: transfers.send(transfer.pk, timezone.now()))) == [False] * 5 + [True]
    assert received(stand) == 3_000


def test_a_debt_is_paid_off_once_by_transfers_sent_at_once(venue, by_hand):
    stand = recipient(venue)
    payment = paid(venue, stand, 3_000)
    transfers.send_due(timezone.now())
    sandbox_recipient.pay_out(stand)
    refunds.execute(refunds.request(payment, 3_000, reason="Rain", by=None, now=timezone.now()).pk, timezone.now())
    reversals.execute_due(timezone.now())
    assert debt(stand) == 3_000
    for _ in range(5):
        paid(venue, stand, 1_000)
    keys = list(Transfer.objects.filter(status="owed").values_list("pk", flat=True))
    assert at_once(5, lambda n: transfers.send(keys[n], timezone.now())) == [True] * 5
    assert RecipientDebt.objects.get().amount_repaid == 3_000
    assert debt(stand) == 0
    assert received(stand) == due(stand) == 5_000


def test_refunds_and_sending_at_once_leave_exactly_what_is_due(venue, by_hand):
    stand = recipient(venue)
    payment = paid(venue, stand, 3_000)
    transfer = Transfer.objects.get()

    def run(n):
        now = timezone.now()
        if n % 2:
            return transfers.send(transfer.pk, now)
        return refunds.execute(refunds.request(payment, 500, reason="Rain", by=None, now=now).pk, now)

    at_once(6, run)
    for _ in range(2):
        transfers.send_due(timezone.now())
        reversals.execute_due(timezone.now())
    payment.refresh_from_db()
    assert payment.amount_refunded == 1_500
    assert received(stand) == due(stand) == 1_500
    assert_books_hold()


def test_one_reversal_is_asked_by_one_of_many_workers(venue, by_hand):
    stand = recipient(venue)
    payment = paid(venue, stand, 3_000)
    transfers.send_due(timezone.now())
    refunds.request(payment, 1_000, reason="Rain", by=None, now=timezone.now())
    refunds.execute_due(timezone.now())
    reversal = TransferReversal.objects.get()
    assert sorted(at_once(6, lambda n: reversals.execute(reversal.pk, timezone.now()))) == [False] * 5 + [True]
    assert SandboxReversal.objects.count() == SandboxTransfer.objects.count() == 1
    assert received(stand) == 2_000


def test_the_first_sales_of_a_venue_at_once_make_one_account(venue):
    orders = [order_of(venue, [(None, 1_000, 0)]) for _ in range(6)]
    at_once(6, lambda n: charges.start(orders[n], payer=None, payment_method="pm_card_visa", now=timezone.now()))
    account = Venue.objects.get(pk=venue.pk).connected_account
    assert {transfer.account_id for transfer in Transfer.objects.all()} == {account.pk}
    assert Transfer.objects.count() == 6
    assert type(account).objects.count() == 1


def test_sweeps_at_once_share_the_work(venue, by_hand):
    stand = recipient(venue)
    for _ in range(4):
        paid(venue, stand, 1_000)
    assert sum(at_once(4, lambda n: transfers.send_due(timezone.now()))) == 4
    assert received(stand) == 4_000


def test_one_payment_settled_from_many_sides_is_divided_once(venue, by_hand):
    stand = recipient(venue)
    order = order_of(venue, [(stand, 1_000, 0)])
    at_once(6, lambda n: charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now()))
    assert Transfer.objects.count() == 1
    assert_books_hold()
    assert splitting.owed_to(order.shares()) == {stand.pk: 1_000}
    assert payouts.recipient_of(venue)
