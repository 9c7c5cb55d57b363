"""A payment is divided among those it belongs to, sent to them, and taken back as the buyer gets money back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from payments import onboarding, refunds, sandbox_recipient, splitting, transfers
from payments.models import DebtRepayment, PaymentSplit, RecipientDebt, Transfer, TransferReversal
from payments.payable import Share
from payments.tests.sharing import assert_books_hold, debt, due, order_of, received, recipient
from venues import payouts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]


@pytest.fixture
def stand(venue):
    return recipient(venue)


@pytest.fixture
def hall(venue):
    """The venue's own account, ready."""
    account = payouts.account_of(venue)
    onboarding.start(account, by=None)
    account.refresh_from_db()
    return sandbox_recipient.play(account, "ready", timezone.now())


@pytest.fixture
def give_back(django_capture_on_commit_callbacks):
    def run(payment, amount):
        with django_capture_on_commit_callbacks(execute=True):
            return refunds.request(payment, amount, reason="Rain", by=None, now=timezone.now())

    return run


def test_a_payment_is_divided_in_the_transaction_that_settles_it(venue, stand, hall, pay):
    order = order_of(venue, [(None, 5_000, 250), (stand, 3_000, 100)], tip=400)
    payment = pay(of=order)
    splits = list(PaymentSplit.objects.filter(payment=payment).values_list("account", "amount", "reason"))
    assert splits == [
        (None, 250, "fee"), (hall.pk, 4_750, "sale"), (hall.pk, 248, "tip"),
        (None, 100, "fee"), (stand.pk, 2_900, "sale"), (stand.pk, 152, "tip"),
    ]  # fmt: skip
    assert set(Transfer.objects.values_list("account", "amount", "status")) == {
        (hall.pk, 4_998, "sent"),
        (stand.pk, 3_052, "sent"),
    }
    assert (received(hall), received(stand)) == (4_998, 3_052)
    assert AuditLog.objects.filter(action="transfer.sent", venue_id=venue.pk).count() == 2
    assert_books_hold()


def test_a_payment_that_could_not_be_fulfilled_is_not_divided(venue, stand, pay, monkeypatch):
    from orders import completion

    order = order_of(venue, [(stand, 3_000, 100)])

    def gone(*args):
        raise completion.CannotFulfil("gone")

    monkeypatch.setattr(completion, "settle", gone)
    payment = pay(of=order)
    payment.refresh_from_db()
    assert payment.amount_refunded == 3_000
    assert not PaymentSplit.objects.exists()
    assert not Transfer.objects.exists()


def test_shares_that_do_not_add_up_settle_nothing(venue, stand, pay, monkeypatch):
    order = order_of(venue, [(stand, 3_000, 100)])
    monkeypatch.setattr(type(order), "shares", lambda self: [Share(stand.pk, 2_999, "sale")])
    with pytest.raises(ValueError, match="do not add up"):
        pay(of=order)
    order.refresh_from_db()
    assert (order.status, order.amount_paid) == ("pending", 0)


def test_a_payment_of_a_part_is_divided_in_proportion():
    shares = [Share(None, 1, "fee"), Share(None, 50, "sale"), Share(None, 49, "tip")]
    assert [part.amount for part in splitting.parts(10, shares)] == [5, 5]


def test_a_recipient_not_ready_keeps_its_share_and_gets_it_later(venue, pay, django_capture_on_commit_callbacks):
    late = recipient(venue, ready=False)
    pay(of=order_of(venue, [(late, 3_000, 100)]))
    assert transfers.send_due(timezone.now()) == 0
    assert Transfer.objects.get().status == "owed"
    with django_capture_on_commit_callbacks(execute=True):
        sandbox_recipient.play(late, "ready", timezone.now())
    assert Transfer.objects.get().status == "sent"
    assert received(late) == 2_900


def test_the_sweep_learns_that_a_recipient_became_ready(venue, pay):
    late = recipient(venue, ready=False)
    pay(of=order_of(venue, [(late, 3_000, 0)]))
    from payments.models import SandboxAccount

    SandboxAccount.objects.update(status="ready")
    assert onboarding.refresh_due(timezone.now()) == 1
    assert transfers.send_due(timezone.now()) == 1
    assert received(late) == 3_000


def test_a_venue_that_set_nothing_up_is_owed_what_it_sells(venue, order, pay):
    pay()
    venue.refresh_from_db()
    assert venue.connected_account.status == "pending"
    assert Transfer.objects.get(account=venue.connected_account).amount == 10_000


def test_a_refund_before_sending_lessens_what_is_owed(venue, pay, give_back):
    late = recipient(venue, ready=False)
    payment = pay(of=order_of(venue, [(late, 3_000, 600)]))
    give_back(payment, 1_000)
    owed = Transfer.objects.get()
    assert (owed.sendable, owed.amount_reversed, owed.status) == (1_600, 800, "owed")
    sandbox_recipient.play(late, "ready", timezone.now())
    transfers.send_due(timezone.now())
    assert received(late) == 1_600
    assert not TransferReversal.objects.exists()


def test_a_full_refund_before_sending_leaves_nothing_to_send(venue, pay, give_back):
    late = recipient(venue, ready=False)
    give_back(pay(of=order_of(venue, [(late, 3_000, 600)])), 3_000)
    assert Transfer.objects.get().status == "cancelled"


def test_refunds_take_back_in_proportion_to_the_cent(venue, stand, hall, pay, give_back):
    payment = pay(of=order_of(venue, [(None, 100, 7), (stand, 33, 0)]))
    for part in (1, 1, 1, 50, 29, 1, 50):
        give_back(payment, part)
        assert_books_hold()
    assert (received(hall), received(stand)) == (0, 0)
    assert debt(hall) == debt(stand) == 0


def test_a_recipient_without_balance_owes_it_and_later_shares_pay_it_off(venue, stand, pay, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 0)]))
    assert sandbox_recipient.pay_out(stand) == 3_000
    give_back(payment, 2_000)
    assert TransferReversal.objects.get().status == "indebted"
    assert debt(stand) == 2_000
    pay(of=order_of(venue, [(stand, 500, 0)]))
    small = Transfer.objects.get(amount=500)
    assert (small.status, small.amount_sent, small.amount_withheld) == ("sent", 0, 500)
    pay(of=order_of(venue, [(stand, 4_000, 0)]))
    assert Transfer.objects.get(amount=4_000).amount_sent == 2_500
    assert debt(stand) == 0
    assert received(stand) == due(stand) == 5_500
    assert sum(DebtRepayment.objects.values_list("amount", flat=True)) == RecipientDebt.objects.get().amount
    assert AuditLog.objects.filter(action="debt.repaid").count() == 2


def test_a_share_that_paid_a_debt_and_goes_back_is_owed_again(venue, stand, pay, give_back):
    first = pay(of=order_of(venue, [(stand, 3_000, 0)]))
    sandbox_recipient.pay_out(stand)
    give_back(first, 3_000)
    second = pay(of=order_of(venue, [(stand, 1_000, 0)]))
    give_back(second, 1_000)
    assert debt(stand) == 3_000
    assert received(stand) == due(stand) + debt(stand) == 3_000


def test_a_refund_costs_the_same_for_any_number_of_recipients(venue, pay, django_assert_max_num_queries):
    stands = [recipient(venue, f"Stand {n}") for n in range(8)]
    payment = pay(of=order_of(venue, [(stand, 1_000, 10) for stand in stands]))
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=timezone.now())
    from payments.gateways.base import RefundOutcome
    from payments.models import Refund

    with django_assert_max_num_queries(34):
        refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.SUCCEEDED), timezone.now())
    assert TransferReversal.objects.count() == 8


def test_nothing_is_due_twice_to_sweeps_that_come_again(venue, stand, pay):
    pay(of=order_of(venue, [(stand, 3_000, 0)]))
    later = timezone.now() + timedelta(hours=1)
    assert transfers.send_due(later) == 0
    assert received(stand) == 3_000
