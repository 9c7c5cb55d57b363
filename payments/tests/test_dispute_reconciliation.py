"""Disputes are compared too: what no webhook told is recorded, what differs in money waits for a person."""

from __future__ import annotations

import pytest
from django.utils import timezone

from payments import reconciliation
from payments.models import Dispute, Payment, ReconciliationFinding

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(pay, standin) -> Payment:
    payment: Payment = pay("pm_card_visa")
    assert payment.status == "succeeded"
    return payment


def findings() -> list[tuple[str, str, str]]:
    return [(row.kind, row.ours, row.theirs) for row in ReconciliationFinding.objects.open()]


def test_a_dispute_no_webhook_told_of_is_recorded_and_freezes_the_money(paid, standin, compare):
    told = standin.open_dispute(paid.provider_id, 4_000)
    said, status = compare()
    dispute = Dispute.objects.get()
    paid.refresh_from_db()
    assert (dispute.provider_id, dispute.status, paid.amount_disputed, status) == (told, "needs_response", 4_000, 0)
    assert f"mended: dispute unknown here {told}" in said
    assert "ours nothing, theirs $40.00 needs response, withdrawn" in said
    assert "0 mended, 0 for a person" in compare()[0]


@pytest.mark.parametrize(("verdict", "still_held"), [("won", 0), ("lost", 4_000)])
def test_a_verdict_that_was_not_heard_is_recorded(paid, standin, compare, verdict, still_held):
    told = standin.open_dispute(paid.provider_id, 4_000)
    compare()
    standin.close_dispute(told, verdict)
    said, status = compare()
    paid.refresh_from_db()
    assert (Dispute.objects.get().status, paid.amount_disputed, status) == (verdict, still_held, 0)
    assert f"mended: dispute status differs {told}" in said


def test_a_dry_run_says_what_it_would_mend_and_records_nothing(paid, standin, compare):
    standin.open_dispute(paid.provider_id, 4_000)
    said, _ = compare("--dry-run")
    assert "dispute unknown here" in said
    assert not Dispute.objects.exists()


def test_another_amount_than_the_one_held_is_a_persons(paid, standin, compare):
    told = standin.open_dispute(paid.provider_id, 4_000)
    compare()
    standin.book.disputes[told]["amount"] = 5_000
    assert compare()[1] == 1
    paid.refresh_from_db()
    assert paid.amount_disputed == 4_000
    assert [row[0] for row in findings()] == ["dispute_amount_differs"]


def test_a_dispute_the_provider_does_not_know_is_a_persons(paid, standin, compare):
    told = standin.open_dispute(paid.provider_id, 4_000)
    compare()
    del standin.book.disputes[told]
    assert compare()[1] == 1
    assert findings() == [("dispute_unknown_there", "$40.00 needs response, withdrawn", "nothing")]


def test_a_dispute_over_a_payment_of_nobodys_is_a_persons(paid, standin, compare):
    with standin.lock:
        foreign = standin.book.create({"amount": "700", "currency": "usd"})
        standin.book.collect(foreign)
    standin.open_dispute(foreign["id"], 700)
    assert compare()[1] == 1
    assert {row[0] for row in findings()} == {"charge_unknown_here", "dispute_unknown_here"}
    assert not Dispute.objects.exists()


def test_asking_about_one_payment_asks_about_its_disputes(paid, standin, olga, django_capture_on_commit_callbacks):
    standin.open_dispute(paid.provider_id, 4_000)
    with django_capture_on_commit_callbacks(execute=True):
        report = reconciliation.ask_again(paid, by=olga, now=timezone.now())
    assert [found.kind for found in report.mended] == ["dispute_unknown_here"]
    assert Dispute.objects.get().payment == paid
