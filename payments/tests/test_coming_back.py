"""A refund that succeeded and came back: the money is the house's again, everywhere it was booked, once."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from payments import refunds, reversals, sandbox_recipient, transfers
from payments.errors import RefundExceedsPayment
from payments.gateways.base import RefundOutcome
from payments.models import RecipientDebt, Refund, SandboxRefund, Transfer, TransferReversal
from payments.tests.factories import PaymentFactory
from payments.tests.sharing import assert_books_hold, debt, due, order_of, received, recipient
from trufan.lib.errors import InvalidMove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]

Status = Refund.Status


@pytest.fixture
def stand(venue):
    return recipient(venue)


@pytest.fixture
def payment(venue, stand, pay):
    """Over 100 dollars, of which the taco stand gets 90 and the platform 10; its share was sent."""
    return pay(of=order_of(venue, [(stand, 10_000, 1_000)]))


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Call a rule and let what waits for the commit happen."""

    def call(rule, *given, **named):
        with django_capture_on_commit_callbacks(execute=True):
            return rule(*given, now=timezone.now(), **named)

    return call


@pytest.fixture
def give_back(committed):
    def run(payment, amount):
        refund = committed(refunds.request, payment, amount, reason="Rain", by=None)
        refund.refresh_from_db()
        assert refund.status == "succeeded"
        return refund

    return run


@pytest.fixture
def bounce(committed):
    """The bank sends the refund back."""

    def run(refund, status=Status.FAILED):
        if status == Status.FAILED:
            SandboxRefund.objects.filter(key=refund.idempotency_key).update(status="failed")
        outcome = RefundOutcome(refund.provider_id or "re_1", status, "The account is closed.")
        return committed(refunds.settle, refund.pk, outcome)

    return run


def sums(payment):
    payment.refresh_from_db()
    order = payment.payable()
    return payment.amount_refunded, order.amount_refunded


def test_the_sums_go_down_again_and_the_refund_says_so(payment, give_back, bounce):
    refund = give_back(payment, 4_000)
    assert sums(payment) == (4_000, 4_000)
    bounce(refund)
    refund.refresh_from_db()
    assert sums(payment) == (0, 0)
    assert (refund.status, refund.failure_message) == ("came_back", "The account is closed.")
    assert refunds.remainder(payment) == 10_000


def test_told_twice_it_is_booked_once(payment, give_back, bounce):
    refund = give_back(payment, 4_000)
    give_back(payment, 1_000)
    for _ in range(3):
        bounce(refund)
    assert sums(payment) == (1_000, 1_000)
    assert AuditLog.objects.filter(action="refund.came_back").count() == 1


@pytest.mark.parametrize("order_of_words", list(permutations([Status.SUCCEEDED, Status.FAILED, Status.PENDING])))
def test_words_in_any_order_leave_the_same_sums(payment, bounce, order_of_words):
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=timezone.now())
    for status in order_of_words:
        bounce(refund, status)
    refund.refresh_from_db()
    assert refund.status in ("came_back", "failed")
    assert sums(payment) == (0, 0)


def test_what_the_recipient_gave_is_sent_to_it_again(payment, stand, give_back, bounce):
    refund = give_back(payment, 4_000)
    assert (received(stand), due(stand)) == (5_400, 5_400)
    bounce(refund)
    assert (received(stand), debt(stand)) == (9_000, 0)
    own, restored = Transfer.objects.order_by("created_at")
    assert (own.amount_reversed, restored.refund, restored.amount, restored.status) == (3_600, refund, 3_600, "sent")
    assert_books_hold([payment])


def test_what_was_not_sent_yet_is_owed_in_full_again(venue, pay, give_back, bounce):
    late = recipient(venue, ready=False)
    payment = pay(of=order_of(venue, [(late, 10_000, 1_000)]))
    refund = give_back(payment, 10_000)
    assert Transfer.objects.get().status == "cancelled"
    bounce(refund)
    transfer = Transfer.objects.get()
    assert (transfer.status, transfer.sendable) == ("owed", 9_000)
    sandbox_recipient.play(late, "ready", timezone.now())
    transfers.send_due(timezone.now())
    assert received(late) == 9_000


def test_a_reversal_that_nobody_asked_for_yet_is_called_off(payment, stand, bounce):
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=timezone.now())
    refunds.execute(refund.pk, timezone.now())
    assert TransferReversal.objects.get().status == "pending"
    bounce(refund)
    assert TransferReversal.objects.get().status == "void"
    reversals.execute_due(timezone.now())
    assert Transfer.objects.count() == 1
    assert received(stand) == 9_000


def test_a_debt_that_the_refund_left_is_cleared(payment, stand, give_back, bounce):
    sandbox_recipient.pay_out(stand)
    refund = give_back(payment, 4_000)
    assert debt(stand) == 3_600
    bounce(refund)
    assert debt(stand) == 0
    assert Transfer.objects.count() == 1
    assert RecipientDebt.objects.get().amount_left == 0


def test_a_debt_that_was_paid_off_meanwhile_is_given_back(venue, stand, payment, pay, give_back, bounce):
    sandbox_recipient.pay_out(stand)
    refund = give_back(payment, 4_000)
    pay(of=order_of(venue, [(stand, 1_000, 0)]))
    assert debt(stand) == 2_600
    bounce(refund)
    # 90 dollars and 10: what the stand has at the sandbox or in its bank is all that is due to it.
    assert (debt(stand), received(stand), due(stand)) == (0, 10_000, 10_000)


def test_it_is_paid_again_by_another_refund_that_takes_the_shares_again(
    payment, stand, olga, give_back, bounce, committed
):
    refund = give_back(payment, 4_000)
    bounce(refund)
    again = committed(refunds.retry, refund, by=olga)
    again.refresh_from_db()
    refund.refresh_from_db()
    assert (again.replaces, again.status, again.amount, again.requested_by) == (refund, "succeeded", 4_000, olga)
    assert refund.status == "came_back"
    assert sums(payment) == (4_000, 4_000)
    assert received(stand) == 5_400
    assert_books_hold([payment])
    with pytest.raises(InvalidMove):
        committed(refunds.retry, refund, by=olga)


def test_it_may_come_back_as_often_as_it_is_sent(payment, stand, give_back, bounce, committed):
    refund = give_back(payment, 10_000)
    for _ in range(3):
        bounce(refund)
        assert (received(stand), sums(payment)) == (9_000, (0, 0))
        refund = committed(refunds.retry, refund, by=None)
        refund.refresh_from_db()
        assert (refund.status, received(stand), debt(stand)) == ("succeeded", 0, 0)
    assert_books_hold([payment])


def test_it_is_not_paid_again_beyond_what_is_left(payment, give_back, bounce, committed):
    refund = give_back(payment, 4_000)
    bounce(refund)
    give_back(payment, 7_000)
    with pytest.raises(RefundExceedsPayment):
        committed(refunds.retry, refund, by=None)
    assert Refund.objects.count() == 2


def test_a_second_payment_whose_return_came_back_touches_no_order(order, pay, committed, bounce):
    pay()
    second = PaymentFactory(order=order, status="succeeded", counted=False, provider_id="pi_2")
    refund = refunds.request(second, 10_000, reason="Twice", by=None, now=timezone.now())
    bounce(refund, Status.SUCCEEDED)
    bounce(refund)
    second.refresh_from_db()
    order.refresh_from_db()
    assert (second.amount_refunded, order.amount_refunded, order.status) == (0, 0, "paid")
