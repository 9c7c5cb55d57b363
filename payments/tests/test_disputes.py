"""A payer goes to the bank: the money is held, comes back or is lost, and everyone's part of it follows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from audit.models import AuditLog
from notifications import templating
from notifications.models import Notification
from payments import (
    dispute_answers,
    dispute_recovery,
    disputes,
    onboarding,
    refunds,
    reversals,
    sandbox_payer,
    sandbox_recipient,
)
from payments import transfers as sending
from payments.errors import NoAnswerAwaited, NotSettledYet, PaymentDisputed, RefundExceedsPayment
from payments.gateways import sandbox_disputes
from payments.gateways.base import DisputeOutcome, RefundOutcome
from payments.gateways.sandbox import SandboxGateway
from payments.models import Dispute, Payment, Refund, SandboxIntent, Transfer, TransferReversal
from payments.tests.factories import PaymentFactory
from payments.tests.sharing import assert_books_hold, debt, due, order_of, received, recipient
from trufan.lib.errors import Missing
from trufan.testing import StaffFactory
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
def bank(django_capture_on_commit_callbacks):
    """The payer's bank, as the sandbox plays it; everything that waits for a commit happens."""

    class Bank:
        def opens(self, payment: Payment, amount: int = 0, status: str = "") -> Dispute:
            intent = SandboxIntent.objects.get(reference=payment.pk)
            kept = sandbox_disputes.open_dispute(intent, timezone.now(), amount, status)
            return self.hears(kept.provider_id)

        def decides(self, dispute: Dispute, status: str) -> Dispute:
            with django_capture_on_commit_callbacks(execute=True):
                sandbox_payer.decide_dispute(dispute, status, timezone.now())
            dispute.refresh_from_db()
            return dispute

        def hears(self, provider_id: str) -> Dispute:
            with django_capture_on_commit_callbacks(execute=True):
                found = dispute_recovery.refresh("sandbox", provider_id, timezone.now())
            assert found
            return found

    return Bank()


@pytest.fixture
def give_back(django_capture_on_commit_callbacks):
    def run(payment: Payment, amount: int) -> Refund:
        with django_capture_on_commit_callbacks(execute=True):
            return refunds.request(payment, amount, reason="Rain", by=None, now=timezone.now())

    return run


def money_of(payment: Payment) -> tuple[int, int, int]:
    payment.refresh_from_db()
    order = payment.payable()
    assert order.amount_disputed == payment.amount_disputed
    return payment.amount, payment.amount_refunded, payment.amount_disputed


def test_an_open_dispute_takes_every_part_back_and_a_won_one_sends_it_again(venue, stand, hall, pay, bank):
    payment = pay(of=order_of(venue, [(None, 5_000, 250), (stand, 3_000, 100)], tip=333))
    before = {account: (due(account), received(account)) for account in (stand, hall)}

    dispute = bank.opens(payment)
    assert money_of(payment) == (8_333, 0, 8_333)
    assert [(due(account), received(account)) for account in (stand, hall)] == [(0, 0), (0, 0)]
    assert set(TransferReversal.objects.values_list("dispute", "refund", "status")) == {(dispute.pk, None, "succeeded")}
    assert_books_hold()

    bank.decides(dispute, "won")
    assert money_of(payment) == (8_333, 0, 0)
    assert {account: (due(account), received(account)) for account in (stand, hall)} == before
    assert Transfer.objects.filter(dispute=dispute, status="sent").count() == 2
    assert_books_hold()


def test_a_lost_dispute_keeps_what_it_took(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.decides(bank.opens(payment), "lost")
    assert money_of(payment) == (3_000, 0, 3_000)
    assert (due(stand), received(stand)) == (0, 0)
    assert (dispute.stage, dispute.amount_held, dispute.closed_at is not None) == ("lost", 3_000, True)
    assert_books_hold()


def test_a_dispute_over_a_part_takes_that_part(venue, stand, hall, pay, bank, give_back):
    payment = pay(of=order_of(venue, [(None, 5_001, 250), (stand, 3_002, 100)], tip=333))
    dispute = bank.opens(payment, 1_001)
    assert money_of(payment) == (8_336, 0, 1_001)
    assert_books_hold()
    bank.decides(dispute, "lost")
    with pytest.raises(RefundExceedsPayment):
        refunds.request(payment, 7_336, reason="Rain", by=None, now=timezone.now())
    give_back(payment, 7_335)
    assert money_of(payment) == (8_336, 7_335, 1_001)
    assert [(due(account), received(account)) for account in (stand, hall)] == [(0, 0), (0, 0)]
    assert_books_hold()


def test_a_dispute_after_a_refund_leaves_everyone_as_after_the_refund(venue, stand, hall, pay, bank, give_back):
    payment = pay(of=order_of(venue, [(None, 5_001, 250), (stand, 3_002, 101)], tip=333))
    give_back(payment, 777)
    before = {account: (due(account), received(account)) for account in (stand, hall)}
    dispute = bank.opens(payment)
    # The bank claims all of it, though some went back before: no recipient gives more than its share.
    assert money_of(payment) == (8_336, 777, 8_336)
    assert [due(account) for account in (stand, hall)] == [0, 0]
    assert_books_hold()
    bank.decides(dispute, "won")
    assert {account: (due(account), received(account)) for account in (stand, hall)} == before
    assert money_of(payment) == (8_336, 777, 0)
    give_back(payment, 8_336 - 777)
    assert [(due(account), received(account)) for account in (stand, hall)] == [(0, 0), (0, 0)]
    assert_books_hold()


def test_what_comes_back_by_a_won_dispute_can_be_refunded_too(venue, stand, hall, pay, bank, give_back):
    payment = pay(of=order_of(venue, [(None, 5_001, 250), (stand, 3_002, 101)]))
    bank.decides(bank.opens(payment, 2_000), "won")
    for amount in (1, 1_999, 3_000):
        give_back(payment, amount)
        assert_books_hold()
    bank.decides(bank.opens(payment, 3_003), "lost")
    assert [(due(account), received(account)) for account in (stand, hall)] == [(0, 0), (0, 0)]
    assert_books_hold()


def test_what_was_not_sent_yet_waits_for_the_bank(venue, stand, hall, pay, bank):
    sandbox_recipient.play(stand, "restricted", timezone.now())
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment, 1_500)
    sandbox_recipient.play(stand, "ready", timezone.now())
    sending.send_due(timezone.now() + timedelta(hours=1))
    transfer = Transfer.objects.get(account=stand)
    assert sending.send(transfer.pk, timezone.now() + timedelta(hours=1)) is False
    assert (transfer.status, transfer.sendable, received(stand)) == ("owed", 1_450, 0)
    bank.decides(dispute, "won")
    assert (Transfer.objects.get(account=stand).status, received(stand)) == ("sent", 2_900)
    assert_books_hold()


def test_what_is_left_of_it_is_sent_once_a_part_is_lost(venue, stand, pay, bank):
    sandbox_recipient.play(stand, "restricted", timezone.now())
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment, 1_500)
    sandbox_recipient.play(stand, "ready", timezone.now())
    bank.decides(dispute, "lost")
    assert received(stand) == due(stand) == 1_450


def test_nothing_is_sent_of_what_is_lost_in_full(venue, stand, pay, bank):
    sandbox_recipient.play(stand, "restricted", timezone.now())
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment)
    assert Transfer.objects.get().status == "owed"
    sandbox_recipient.play(stand, "ready", timezone.now())
    bank.decides(dispute, "lost")
    assert (Transfer.objects.get().status, received(stand)) == ("cancelled", 0)


def test_what_a_recipient_has_spent_is_its_debt_until_the_dispute_is_won(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    sandbox_recipient.pay_out(stand)
    dispute = bank.opens(payment)
    assert (due(stand), debt(stand), received(stand)) == (0, 2_900, 2_900)
    # A part of the debt is paid off by another sale, and comes back with the rest.
    pay(of=order_of(venue, [(stand, 1_000, 0)]))
    assert (debt(stand), received(stand)) == (1_900, 2_900)
    bank.decides(dispute, "won")
    assert (due(stand), debt(stand), received(stand)) == (3_900, 0, 3_900)
    assert AuditLog.objects.filter(action="debt.forgiven").count() == 1
    own = Transfer.objects.get(payment=payment, dispute=None)
    # As if only what the other sale paid off had ever been asked back.
    assert (own.amount_reversed, own.amount_indebted) == (1_000, 1_000)
    assert_books_hold()


def test_a_reversal_that_never_moved_anything_is_void_when_the_dispute_is_won(venue, stand, pay, bank, monkeypatch):
    monkeypatch.setattr("payments.tasks.execute_reversals.apply_async", lambda **how: None)
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment)
    bank.decides(dispute, "won")
    assert TransferReversal.objects.get().status == "void"
    assert reversals.execute_due(timezone.now() + timedelta(hours=1)) == 0
    assert (due(stand), received(stand)) == (2_900, 2_900)
    assert Transfer.objects.count() == 1
    assert_books_hold()


def test_a_dispute_that_is_lost_after_it_was_won_is_taken_again(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.decides(bank.opens(payment), "won")
    bank.decides(dispute, "lost")
    assert money_of(payment) == (3_000, 0, 3_000)
    assert (due(stand), received(stand)) == (0, 0)
    bank.decides(dispute, "won")
    assert (due(stand), received(stand)) == (2_900, 2_900)
    assert_books_hold()


def test_two_disputes_hold_no_more_than_was_paid(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    first, second = bank.opens(payment, 2_000), bank.opens(payment, 2_000)
    assert money_of(payment) == (3_000, 0, 3_000)
    assert (first.amount_held, second.amount_held) == (2_000, 1_000)
    bank.decides(first, "won")
    assert money_of(payment) == (3_000, 0, 1_000)
    assert_books_hold()
    sent = received(stand)
    # The other one is open: nothing is sent before it is decided.
    assert sent == 0
    bank.decides(second, "lost")
    assert received(stand) == due(stand)
    assert_books_hold()


def test_a_refund_that_crossed_the_dispute_is_counted_beside_it(venue, stand, hall, pay, bank, monkeypatch):
    payment = pay(of=order_of(venue, [(None, 4_999, 250), (stand, 3_002, 100)]))
    refund = refunds.request(payment, 2_001, reason="Rain", by=None, now=timezone.now())
    dispute = bank.opens(payment)
    # The provider had sent the refund before the bank spoke up.
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.SUCCEEDED), timezone.now())
    assert money_of(payment) == (8_001, 2_001, 8_001)
    assert refunds.remainder(payment) == -2_001
    assert_books_hold()
    bank.decides(dispute, "won")
    assert money_of(payment) == (8_001, 2_001, 0)
    for account in (stand, hall):
        assert received(account) == due(account) + debt(account)
    assert_books_hold()


def test_a_disputed_payment_is_not_refunded_while_the_bank_decides(venue, stand, pay, bank, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment, 1_000)
    with pytest.raises(PaymentDisputed):
        refunds.request(payment, 1, reason="Rain", by=None, now=timezone.now())
    bank.decides(dispute, "won")
    give_back(payment, 3_000)
    assert money_of(payment) == (3_000, 3_000, 0)


def test_a_refund_that_the_provider_refuses_makes_us_look_for_disputes(venue, stand, pay, monkeypatch):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    refund = refunds.request(payment, 100, reason="Rain", by=None, now=timezone.now())
    sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now())
    refunds.execute(refund.pk, timezone.now())
    refund.refresh_from_db()
    assert (refund.status, Dispute.objects.get().stage) == ("failed", "open")
    with pytest.raises(PaymentDisputed):
        refunds.retry(refund, by=None, now=timezone.now())


def test_an_inquiry_holds_nothing_until_it_becomes_a_chargeback(venue, stand, pay, bank, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment, status="warning_needs_response")
    assert money_of(payment) == (3_000, 0, 0)
    assert (dispute.stage, dispute.funds_withdrawn_at, received(stand)) == ("warning", None, 2_900)
    give_back(payment, 300)
    bank.decides(dispute, "needs_response")
    assert money_of(payment) == (3_000, 300, 3_000)
    assert received(stand) == 0


def test_an_inquiry_that_is_closed_leaves_nothing_behind(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.decides(bank.opens(payment, status="warning_needs_response"), "warning_closed")
    assert (dispute.stage, money_of(payment), received(stand)) == ("closed", (3_000, 0, 0), 2_900)


def test_the_same_news_again_change_nothing(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment, 1_000)
    rows = AuditLog.objects.count(), Notification.objects.count(), TransferReversal.objects.count()
    for _ in range(3):
        bank.hears(dispute.provider_id)
    assert (AuditLog.objects.count(), Notification.objects.count(), TransferReversal.objects.count()) == rows
    assert money_of(payment) == (3_000, 0, 1_000)


def test_old_news_after_new_ones_change_nothing(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment)
    old = SandboxGateway().look_up_dispute(dispute.provider_id)
    bank.decides(dispute, "won")
    disputes.record(payment, old, timezone.now())
    dispute.refresh_from_db()
    assert (dispute.status, money_of(payment)) == ("won", (3_000, 0, 0))


def test_a_dispute_that_is_first_heard_of_when_it_is_over(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    intent = SandboxIntent.objects.get()
    kept = sandbox_disputes.open_dispute(intent, timezone.now())
    sandbox_disputes.decide(kept, "lost", timezone.now())
    assert bank.hears(kept.provider_id).stage == "lost"
    assert (money_of(payment), received(stand)) == ((3_000, 0, 3_000), 0)


def test_money_taken_and_returned_is_noted_once_each(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment)
    assert (dispute.fee, dispute.fee_returned, dispute.fee_currency) == (1_500, 0, "USD")
    bank.decides(dispute, "won")
    bank.hears(dispute.provider_id)
    assert (dispute.fee, dispute.fee_returned) == (1_500, 1_500)
    assert dispute.funds_withdrawn_at <= dispute.funds_reinstated_at
    for action in ("dispute.funds_withdrawn", "dispute.funds_reinstated", "dispute.open", "dispute.won"):
        assert AuditLog.objects.filter(action=action, entity_id=str(dispute.pk)).count() == 1, action


def test_a_dispute_in_another_currency_holds_all_there_is(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now())
    told = replace(SandboxGateway().look_up_dispute(kept.provider_id), amount=17, currency="EUR")
    disputes.record(payment, told, timezone.now())
    assert money_of(payment) == (3_000, 0, 3_000)


def test_a_dispute_over_what_is_not_settled_here_has_to_wait(order):
    payment = PaymentFactory(order=order)
    told = DisputeOutcome("du_1", "pi_1", Dispute.Status.NEEDS_RESPONSE, 100, "USD", timezone.now())
    with pytest.raises(NotSettledYet):
        disputes.record(payment, told, timezone.now())
    assert not Dispute.objects.exists()


def test_staff_who_may_refund_or_decide_over_payouts_are_told_with_the_due_date(venue, stand, pay, bank, olga, gus):
    cashier = StaffFactory(venue=venue, role="box_office").user
    cook = StaffFactory(venue=venue, role="kitchen", extra_permissions=["manage_payouts"]).user
    StaffFactory(venue=venue, is_active=False)
    StaffFactory()
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment)
    told = Notification.objects.filter(template="dispute_opened")
    assert sorted(row.recipient for row in told) == sorted([olga.email, cashier.email, cook.email])
    words = templating.render("dispute_opened", "email", told[0].context)
    assert f"Order {payment.reference} is disputed: $30.00" in words.subject
    for needed in ("fraudulent", f"{dispute.evidence_due_by:%b %Y}", f"/admin/payments/dispute/{dispute.pk}/change/"):
        assert needed in words.text
        assert needed in words.html
    bank.decides(dispute, "won")
    closed = Notification.objects.filter(template="dispute_closed")
    assert {row.recipient for row in closed} == {olga.email, cashier.email, cook.email}
    assert "Won" in templating.render("dispute_closed", "email", closed[0].context).subject


def test_where_nobody_is_concerned_the_platform_is_told(venue, stand, pay, bank, ada, gus):
    bank.opens(pay(of=order_of(venue, [(stand, 3_000, 100)])))
    assert [row.recipient for row in Notification.objects.filter(template="dispute_opened")] == [ada.email]


def test_the_test_card_disputes_what_it_pays(venue, stand, pay, django_capture_on_commit_callbacks):
    payment = pay("pm_card_createDispute", of=order_of(venue, [(stand, 3_000, 100)]))
    assert payment.status == "succeeded"
    with django_capture_on_commit_callbacks(execute=True):
        sandbox_payer.deliver_due(timezone.now())
    dispute = Dispute.objects.get()
    assert (dispute.payment, dispute.status, dispute.amount_held) == (payment, "needs_response", 3_000)
    assert sandbox_payer.deliver_due(timezone.now()) == 0


def test_a_sweep_asks_about_undecided_disputes(venue, stand, pay, bank):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    dispute = bank.opens(payment)
    sandbox_disputes.decide(sandbox_disputes.dispute_of(dispute.provider_id), "won", timezone.now())
    assert dispute_recovery.refresh_due(timezone.now()) == 0
    assert dispute_recovery.refresh_due(timezone.now() + timedelta(hours=7)) == 1
    dispute.refresh_from_db()
    assert dispute.status == "won"
    assert dispute_recovery.refresh_due(timezone.now() + timedelta(hours=14)) == 0


def test_a_sweep_finds_disputes_that_no_webhook_told_of(venue, stand, pay):
    pay("pm_card_createDispute", of=order_of(venue, [(stand, 3_000, 100)]))
    assert dispute_recovery.look_for_new(timezone.now()) == 1
    assert Dispute.objects.get().stage == "open"
    assert dispute_recovery.look_for_new(timezone.now()) == 0


def test_only_the_sandboxs_own_disputes_are_played(venue, stand, pay, bank):
    dispute = bank.opens(pay(of=order_of(venue, [(stand, 3_000, 100)])))
    dispute.provider = "stripe"
    with pytest.raises(Missing):
        sandbox_payer.decide_dispute(dispute, "won", timezone.now())


def test_an_answer_is_given_once(venue, stand, pay, bank, olga):
    dispute = bank.opens(pay(of=order_of(venue, [(stand, 3_000, 100)])))
    dispute_answers.submit(dispute, text=" They came and danced. ", by=olga, now=timezone.now())
    dispute.refresh_from_db()
    assert (dispute.status, dispute.evidence, dispute.answers) == ("under_review", "They came and danced.", 1)
    assert dispute.answered_at
    assert AuditLog.objects.get(action="dispute.answered").actor == olga
    for again in (
        lambda: dispute_answers.submit(dispute, text="And sang.", by=olga, now=timezone.now()),
        lambda: dispute_answers.accept(dispute, by=olga, now=timezone.now()),
    ):
        with pytest.raises(NoAnswerAwaited):
            again()


def test_the_guide_lists_every_move_of_a_dispute():
    guide = (Path(settings.BASE_DIR) / "docs" / "payments.md").read_text()
    table = guide.split("| status | may become |")[1].split("\n\n")[0]
    listed = {row[0]: set(row[1:]) for row in (re.findall(r"`(\w+)`", line) for line in table.splitlines()) if row}
    allowed = {str(status): {str(to) for to in moves} for status, moves in Dispute.MOVES.items()}
    # What never moves again has no row.
    assert listed == {status: moves for status, moves in allowed.items() if moves}
    assert set(allowed) == set(Dispute.Status.values)
