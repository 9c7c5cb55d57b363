"""Our books against the provider's: what a lost webhook left is mended, what differs in money waits for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditLog
from payments import reconciliation, refunds
from payments.errors import GatewayUnavailable, ReconciliationUnderWay
from payments.models import (
    ConnectedAccount,
    Payment,
    ReconciliationFinding,
    ReconciliationRun,
    Refund,
    SandboxTransfer,
    Transfer,
)
from payments.tests.factories import OrderFactory, PaymentFactory
from payments.tests.sharing import order_of, recipient

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid_unheard(order, pay, standin):
    """The payer paid in the browser, and the webhook was lost."""
    payment = pay("")
    standin.confirm_in_browser(payment.provider_id, "pm_card_visa", payment.client_secret)
    return payment


@pytest.fixture
def by_hand(standin):
    """A refund that somebody made in the provider's dashboard."""

    def make(payment: Payment, amount: int) -> dict[str, Any]:
        with standin.lock:
            made: dict[str, Any] = standin.book.refund({"payment_intent": payment.provider_id, "amount": str(amount)})
        return made

    return make


def open_findings() -> list[tuple[str, str, str]]:
    rows = ReconciliationFinding.objects.open().order_by("kind")
    return [(row.kind, row.ours, row.theirs) for row in rows]


# --- What a lost webhook left behind ---


def test_a_charge_whose_webhook_was_lost_is_settled(order, paid_unheard, compare):
    said, status = compare()
    order.refresh_from_db()
    assert (order.status, status) == ("paid", 0)
    assert f"mended: charge status differs {paid_unheard.provider_id} (order {order.number})" in said
    assert "ours $100.00 requires_action, theirs $100.00 succeeded" in said
    run = ReconciliationRun.objects.get()
    assert (run.checked, run.mended, run.found, run.error) == (1, 1, 0, "")
    assert run.finished_at is not None


def test_an_answer_that_was_lost_before_it_was_recorded_is_found_by_our_own_id(order, paid_unheard, compare):
    Payment.objects.update(provider_id=None, client_secret="", status="created", checked_at=timezone.now())
    compare()
    paid_unheard.refresh_from_db()
    order.refresh_from_db()
    assert (paid_unheard.status, order.status) == ("succeeded", "paid")
    assert paid_unheard.provider_id


def test_a_refund_whose_webhook_was_lost_is_settled(order, pay, standin, compare):
    payment = pay("pm_card_pendingRefund")
    refund = _ask(payment, 4_000)
    standin.end_refund(refund.provider_id, "succeeded")
    said, status = compare()
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, order.amount_refunded, status) == ("succeeded", 4_000, 0)
    assert "mended: refund status differs" in said


def test_a_refund_that_came_back_unheard_is_booked_back(order, pay, standin, compare):
    refund = _ask(pay("pm_card_visa"), 4_000)
    standin.end_refund(refund.provider_id, "failed")
    # Long after any run that looks back a week has passed it by.
    old = timezone.now() - timedelta(days=20)
    for row in (*standin.book.refunds.values(), *standin.book.intents.values()):
        row["created"] = int(old.timestamp())
    _, status = compare(since="1d")
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, order.amount_refunded, status) == ("came_back", 0, 0)
    assert compare()[1] == 0
    assert not ReconciliationFinding.objects.exists()


def test_a_second_run_finds_nothing_to_do(paid_unheard, compare):
    compare()
    said, status = compare()
    assert "1 compared, 0 mended, 0 for a person" in said
    assert status == 0


def test_a_former_request_that_was_refused_says_nothing_of_the_present_one(pay, standin, compare):
    """A late word of the first round must not fail the second, whose money is on its way."""
    refund = _ask(pay("pm_card_pendingRefund"), 4_000)
    first = refund.provider_id
    standin.end_refund(first, "failed")
    refunds.refresh(refund, timezone.now())
    refund.refresh_from_db()
    refunds.retry(refund, by=None, now=timezone.now())
    assert compare()[1] == 0
    refund.refresh_from_db()
    assert (refund.status, refund.round, refund.provider_id) == ("pending", 2, None)
    refunds.execute(refund.pk, timezone.now())
    refund.refresh_from_db()
    assert refund.provider_id not in (None, first)


# --- What only a person can decide ---


def test_an_amount_that_differs_is_held_and_raised_once(order, paid_unheard, standin, compare):
    standin.book.intents[paid_unheard.provider_id].update(amount=9_000, amount_received=9_000)
    for _ in range(3):
        said, status = compare()
        assert status == 1
        assert "decide: charge amount differs" in said
    order.refresh_from_db()
    paid_unheard.refresh_from_db()
    assert (order.status, paid_unheard.failure_code) == ("pending", "amount_mismatch")
    assert open_findings() == [("charge_amount_differs", "$100.00 requires_action", "$90.00 succeeded")]
    finding = ReconciliationFinding.objects.get()
    assert (finding.venue_id, finding.payment) == (order.venue_id, paid_unheard)
    assert AuditLog.objects.filter(action="reconciliation.found").count() == 1


def test_a_settled_payment_of_another_amount_is_raised_and_left_as_it_is(order, pay, standin, compare):
    payment = pay("pm_card_visa")
    standin.book.intents[payment.provider_id]["amount"] = 12_000
    assert compare()[1] == 1
    payment.refresh_from_db()
    assert (payment.amount, payment.status) == (10_000, "succeeded")
    assert open_findings() == [("charge_amount_differs", "$100.00 succeeded", "$120.00 succeeded")]


def test_money_that_belongs_to_no_payment_is_raised(standin, compare):
    with standin.lock:
        foreign = standin.book.create({"amount": "700", "currency": "usd"})
        standin.book.create({"amount": "800", "currency": "usd"})
        standin.book.collect(foreign)
    said, status = compare()
    assert status == 1
    assert f"decide: charge unknown here {foreign['id']}: ours nothing, theirs $7.00 succeeded" in said
    assert open_findings() == [("charge_unknown_here", "nothing", "$7.00 succeeded")]


def test_a_payment_the_provider_does_not_know_is_raised(order, pay, standin, compare):
    payment = pay("pm_card_visa")
    PaymentFactory(order=OrderFactory(), provider="stripe", provider_id="pi_open", status="requires_action",
                   created_at=timezone.now() - timedelta(days=30))  # fmt: skip
    del standin.book.intents[payment.provider_id]
    assert compare()[1] == 1
    assert [(kind, theirs) for kind, _, theirs in open_findings()] == [("charge_unknown_there", "nothing")] * 2


def test_a_refund_made_by_hand_is_raised_and_booked_by_a_person(order, pay, by_hand, compare, olga):
    payment = pay("pm_card_visa")
    made = by_hand(payment, 2_500)
    assert compare()[1] == 1
    finding = ReconciliationFinding.objects.get()
    assert (finding.kind, finding.reference, finding.theirs) == ("refund_unknown_here", made["id"], "$25.00 succeeded")
    order.refresh_from_db()
    assert order.amount_refunded == 0
    booked = reconciliation.adopt_refund(finding, by=olga, now=timezone.now())
    order.refresh_from_db()
    finding.refresh_from_db()
    assert (booked.status, booked.requested_by, order.amount_refunded) == ("succeeded", olga, 2_500)
    assert [(each.kind, each.status) for each in order.refunds.all()] == [("house", "succeeded")]
    assert finding.resolved_by == olga
    assert compare() == ("stripe: 2 compared, 0 mended, 0 for a person\n", 0)


def test_a_refund_by_hand_that_failed_concerns_nobody(pay, standin, by_hand, compare):
    made = by_hand(pay("pm_card_visa"), 2_500)
    standin.end_refund(made["id"], "failed")
    assert compare()[1] == 0


def test_a_refund_of_another_amount_or_that_the_provider_lost_is_raised(pay, standin, compare):
    payment = pay("pm_card_visa")
    first, second = _ask(payment, 1_000), _ask(payment, 2_000)
    standin.book.refunds[first.provider_id]["amount"] = 1_100
    del standin.book.refunds[second.provider_id]
    assert compare()[1] == 1
    assert open_findings() == [
        ("refund_amount_differs", "$10.00 (succeeded)", "$11.00 succeeded"),
        ("refund_unknown_there", "$20.00 (succeeded)", "nothing"),
    ]


def test_what_no_longer_differs_closes_its_finding(pay, standin, compare):
    payment = pay("pm_card_visa")
    standin.book.intents[payment.provider_id]["amount"] = 12_000
    compare()
    standin.book.intents[payment.provider_id]["amount"] = 10_000
    assert compare()[1] == 0
    finding = ReconciliationFinding.objects.get()
    assert (finding.resolved_by, finding.resolved_at is not None) == (None, True)


def test_what_a_person_closed_too_early_is_raised_anew(pay, standin, compare, olga):
    payment = pay("pm_card_visa")
    standin.book.intents[payment.provider_id]["amount"] = 12_000
    compare()
    reconciliation.resolve(ReconciliationFinding.objects.get(), by=olga, note="Fine", now=timezone.now())
    with pytest.raises(reconciliation.AlreadyResolved):
        reconciliation.resolve(ReconciliationFinding.objects.get(), by=olga, note="Fine", now=timezone.now())
    compare()
    assert ReconciliationFinding.objects.count() == 2
    assert len(open_findings()) == 1


# --- Transfers, in the sandbox's books ---


@pytest.fixture
def shared(venue, pay, lines_without_stock):
    """A payment whose only line is a taco stand's."""
    stand = recipient(venue)
    return pay(of=order_of(venue, [(stand, 5_000, 500)]))


def test_a_transfer_whose_answer_was_lost_is_recorded(shared, compare):
    Transfer.objects.update(status="sending", provider_id=None)
    said, status = compare(provider="sandbox")
    transfer = Transfer.objects.get()
    assert (transfer.status, status) == ("sent", 0)
    assert transfer.provider_id
    assert "mended: transfer status differs" in said


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda: SandboxTransfer.objects.update(amount=4_400), "transfer_amount_differs"),
        (lambda: SandboxTransfer.objects.all().delete(), "transfer_unknown_there"),
        (lambda: Transfer.objects.update(provider_id="tr_other"), "transfer_unknown_here"),
        (lambda: Transfer.objects.update(status="failed"), "transfer_status_differs"),
        (lambda: SandboxTransfer.objects.get().reversals.create(key="by-hand", amount=10), "transfer_amount_differs"),
    ],
)
def test_a_transfer_that_differs_is_raised(shared, compare, spoil, kind):
    assert compare(provider="sandbox")[1] == 0
    spoil()
    assert compare(provider="sandbox")[1] == 1
    assert kind in [found for found, _, _ in open_findings()]


@pytest.fixture
def at_stripe(standin):
    """Ten cents that Stripe has sent to somebody, of which three came back."""
    made = {
        "id": "tr_1", "object": "transfer", "amount": 10, "amount_reversed": 3, "currency": "usd",
        "created": int(timezone.now().timestamp()), "destination": "acct_1", "metadata": {},
    }  # fmt: skip
    standin.connect.transfers["tr_1"] = made
    return made


def test_stripes_transfers_are_read_too(order, pay, at_stripe, compare):
    assert "decide: transfer unknown here tr_1: ours nothing, theirs $0.10 sent, $0.03 given back" in compare()[0]
    payment = pay("pm_card_visa")
    account = ConnectedAccount.objects.create(
        venue_id=payment.venue_id, name="Tacos", provider="stripe", provider_id="acct_1", country="US",
        default_currency="USD", status="ready",
    )  # fmt: skip
    transfer = Transfer.objects.create(
        payment=payment, account=account, amount=10, amount_sent=10, currency="USD", status="sending",
        next_attempt_at=timezone.now(),
    )  # fmt: skip
    at_stripe.update(metadata={"transfer": str(transfer.pk)}, amount_reversed=0)
    assert compare()[1] == 0
    transfer.refresh_from_db()
    assert (transfer.status, transfer.provider_id) == ("sent", "tr_1")


def test_a_reversal_that_both_know_is_no_difference(shared, compare, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        _ask(shared, 2_000)
    assert compare(provider="sandbox") == ("sandbox: 3 compared, 0 mended, 0 for a person\n", 0)


# --- Runs ---


def test_a_dry_run_says_the_same_and_writes_nothing(order, paid_unheard, standin, compare):
    other = standin.book.create({"amount": "700", "currency": "usd"})
    standin.book.collect(other)
    before = list(Payment.objects.values())
    said, status = compare("--dry-run")
    assert "2 compared, 1 to be mended, 1 for a person" in said
    assert status == 1
    assert list(Payment.objects.values()) == before
    assert not ReconciliationRun.objects.exists()
    assert not ReconciliationFinding.objects.exists()


def test_one_run_at_a_time_with_one_provider(standin):
    now = timezone.now()
    ReconciliationRun.objects.create(provider="stripe", since=now, created_at=now)
    with pytest.raises(ReconciliationUnderWay):
        reconciliation.reconcile("stripe", now, now)
    run, _ = reconciliation.reconcile("stripe", now, now + reconciliation.LONGEST)
    assert run is not None
    assert ReconciliationRun.objects.exclude(pk=run.pk).get().error == "It came to no end."


def test_a_provider_that_is_away_ends_the_run_with_its_reason(paid_unheard, standin, compare):
    standin.fail("401", 9)
    with pytest.raises(CommandError, match="does not answer"):
        compare()
    run = ReconciliationRun.objects.get()
    assert run.error.startswith("GatewayUnavailable")
    assert run.finished_at is not None
    with pytest.raises(GatewayUnavailable):
        reconciliation.reconcile("stripe", run.since, timezone.now())


def test_one_that_cannot_be_mended_keeps_nobody_from_the_rest(venue, pay, standin, compare, monkeypatch):
    unheard = [pay("", of=OrderFactory(venue=venue)) for _ in range(2)]
    for payment in unheard:
        standin.confirm_in_browser(payment.provider_id, "pm_card_visa", payment.client_secret)
    settle = reconciliation.Charges._compare.__globals__["recovery"].refresh

    def breaks(payment_id: Any, now: Any) -> Any:
        if payment_id == unheard[0].pk:
            raise RuntimeError("no sense in it")
        return settle(payment_id, now)

    monkeypatch.setattr("payments.reconcilers.recovery.refresh", breaks)
    assert compare()[1] == 1
    assert [Payment.objects.get(pk=each.pk).status for each in unheard] == ["requires_action", "succeeded"]
    assert [kind for kind, _, _ in open_findings()] == ["charge_status_differs"]


def test_many_charges_are_read_in_pages_and_found_by_a_query_a_page(venue, standin, django_assert_max_num_queries):
    with standin.lock:
        made = [standin.book.create({"amount": "700", "currency": "usd"}) for _ in range(250)]
    for intent in made:
        PaymentFactory(order=OrderFactory(venue=venue), provider="stripe", provider_id=intent["id"], amount=700,
                       status="requires_action")  # fmt: skip
    now = timezone.now()
    with django_assert_max_num_queries(25):
        _, report = reconciliation.reconcile("stripe", now - timedelta(days=1), now)
    assert (report.checked, report.left) == (250, [])
    assert len([path for _, path, _ in standin.requests if path == "/v1/payment_intents"]) == 3


def test_the_schedule_runs_once_a_day_and_only_where_something_was_charged(order, paid_unheard, settings):
    now = timezone.now()
    assert reconciliation.nudge_due(now) == 1
    order.refresh_from_db()
    assert order.status == "paid"
    assert reconciliation.nudge_due(now + timedelta(hours=23)) == 0
    assert not reconciliation.reconcile_if_due("stripe", now + timedelta(hours=23))
    assert reconciliation.reconcile_if_due("stripe", now + timedelta(hours=25))
    assert ReconciliationRun.objects.filter(provider="stripe").count() == 2
    settings.RECONCILE_EVERY_HOURS = 0
    assert reconciliation.nudge_due(now + timedelta(days=9)) == 0


def test_a_scheduled_run_that_failed_is_tried_again_an_hour_later(paid_unheard, standin):
    now = timezone.now()
    standin.fail("401", 9)
    with pytest.raises(GatewayUnavailable):
        reconciliation.reconcile_if_due("stripe", now)
    standin.faults.clear()
    assert not reconciliation.reconcile_if_due("stripe", now + timedelta(minutes=50))
    assert reconciliation.reconcile_if_due("stripe", now + timedelta(minutes=70))


def test_one_payment_is_asked_about_again(order, paid_unheard, by_hand, olga):
    report = reconciliation.ask_again(paid_unheard, by=olga, now=timezone.now())
    order.refresh_from_db()
    assert (order.status, len(report.mended), report.left) == ("paid", 1, [])
    by_hand(paid_unheard, 100)
    report = reconciliation.ask_again(Payment.objects.get(), by=olga, now=timezone.now())
    assert [each.kind for each in report.left] == ["refund_unknown_here"]
    assert AuditLog.objects.filter(action="payment.reconciled", actor=olga).count() == 2


@pytest.mark.parametrize("since", ["yesterday", "7y", "2999-01-01", ""])
def test_a_time_that_is_none_is_refused(standin, since):
    with pytest.raises(CommandError):
        call_command("reconcile_payments", "--since", since)


def test_a_provider_that_is_not_set_up_is_refused(db):
    with pytest.raises(CommandError, match="not set up"):
        call_command("reconcile_payments", "--since", "1d", "--provider", "stripe")


def _ask(payment: Payment, amount: int) -> Refund:
    refund = refunds.request(payment, amount, reason="Rain", by=None, now=timezone.now())
    refunds.execute(refund.pk, timezone.now())
    refund.refresh_from_db()
    return refund
