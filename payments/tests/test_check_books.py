"""`manage.py check_books` finds whatever the books and the rows don't agree on, and names it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from payments import disputes, ledger, refunds, sandbox_recipient, till
from payments.book_checks import mismatches, totals
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.models import (
    DebtRepayment,
    Dispute,
    JournalEntry,
    LedgerLine,
    Payment,
    PaymentSplit,
    RecipientDebt,
    Refund,
    SandboxIntent,
    Transfer,
    TransferReversal,
)
from payments.tests.factories import PaymentFactory
from payments.tests.sharing import order_of, recipient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lines_without_stock")]


@pytest.fixture
def history(venue, pay, django_capture_on_commit_callbacks):
    """Everything that can move money has happened: two payments, a refund that came back, debts, disputes, and cash."""
    stand, now = recipient(venue), timezone.now()

    def give_back(payment, amount):
        with django_capture_on_commit_callbacks(execute=True):
            return refunds.request(payment, amount, reason="Rain", by=None, now=timezone.now())

    first = pay(of=order_of(venue, [(stand, 3_000, 100), (None, 1_000, 0)]))
    give_back(first, 1_000)
    sandbox_recipient.pay_out(stand)
    back = give_back(first, 500)
    pay(of=order_of(venue, [(stand, 200, 20)]))
    refunds.settle(back.pk, RefundOutcome("", "failed", "account closed"), now)
    for status in ("won", "lost"):
        payment = pay(of=order_of(venue, [(stand, 5_000, 0)]))
        kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(reference=payment.pk), now, 5_000)
        disputes.record(payment, sandbox_disputes.outcome(kept), now)
        sandbox_disputes.decide(kept, status, now)
        disputes.record(payment, sandbox_disputes.outcome(sandbox_disputes.dispute_of(kept.provider_id)), now)
    till_sale = till.take(order_of(venue, [(None, 2_000, 100)]), method="cash", now=now)
    give_back(till_sale, 2_000)
    # PostgreSQL asks whether entries balance at the commit: these do, before a test takes lines away from them.
    connection.check_constraints()
    return first


def check(*arguments):
    """What the command prints, and whether it was content."""
    out = StringIO()
    try:
        call_command("check_books", *arguments, stdout=out, stderr=StringIO())
    except CommandError as refusal:
        return out.getvalue(), str(refusal)
    return out.getvalue(), ""


def test_sound_books_are_said_to_be_sound_with_their_totals(history):
    said, refusal = check()
    assert refusal == ""
    assert "The books are sound." in said
    assert "gateway" in said
    assert "USD" in said
    for _account, _currency, debit, credit in totals():
        assert min(debit, credit) >= 0
    assert sum(debit - credit for _, _, debit, credit in totals()) == 0


def test_the_history_is_of_everything(history):
    kinds = set(JournalEntry.objects.values_list("kind", flat=True))
    assert kinds == set(JournalEntry.Kind)


def tampered(model, **changes):
    """Change the first row that moved something behind everybody's back, with plain SQL."""
    rows = model.objects.filter(status="sent") if model is Transfer else model.objects.all()
    row = rows.order_by("pk").first()
    column, value = next(iter(changes.items()))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {column} = {value} WHERE id = %s",  # noqa: S608
            [model._meta.pk.get_db_prep_value(row.pk, connection)],
        )
    return row


@pytest.mark.parametrize(
    "model, change, what",
    [
        (Payment, {"amount": "amount + 1"}, "charge"),
        (PaymentSplit, {"amount": "amount + 1"}, "share"),
        (Refund, {"amount": "amount + 1"}, "refund"),
        (Payment, {"amount_refunded": "amount_refunded - 1"}, "refunded of a payment"),
        (Transfer, {"amount_sent": "amount_sent + 1"}, "transfer"),
        (Transfer, {"amount_reversed": "amount_reversed + 1"}, "due to a recipient"),
        (TransferReversal, {"amount": "amount + 1"}, "reversal"),
        (RecipientDebt, {"amount": "amount + 1"}, "debt"),
        (DebtRepayment, {"amount": "amount + 1"}, "paid off of a debt"),
        (Dispute, {"amount": "amount + 1"}, "withdrawn for a dispute"),
        (Dispute, {"amount_held": "amount_held + 1"}, "held for a dispute"),
        (Dispute, {"fee": "fee + 1"}, "fee for a dispute"),
        (Payment, {"status": "'failed'"}, "charge"),
        (Payment, {"currency": "'JPY'"}, "charge"),
    ],
)
def test_a_row_that_says_otherwise_is_found_by_name(history, model, change, what):
    row = tampered(model, **change)
    said, refusal = check()
    assert refusal.startswith("The books differ in ")
    found = [line for line in said.splitlines() if what in line]
    assert any(str(row.pk) in line or str(getattr(row, "payment_id", "–")) in line for line in found), said


@pytest.mark.parametrize("kind", list(JournalEntry.Kind))
def test_a_movement_without_its_entry_is_found(history, kind):
    entry = JournalEntry.objects.filter(kind=kind).first()
    key = JournalEntry._meta.pk.get_db_prep_value(entry.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_ledgerline WHERE entry_id = %s", [key])
        cursor.execute("DELETE FROM payments_journalentry WHERE id = %s", [key])
    assert any(mismatch.payment_id == entry.payment_id for mismatch in mismatches())


def test_an_entry_without_its_movement_is_found(history):
    ledger.transferred(
        Transfer(payment=history, account=Transfer.objects.first().account, amount_sent=5), timezone.now()
    )
    [mismatch] = mismatches()
    assert (mismatch.what, mismatch.payment_id, mismatch.booked, mismatch.expected) == ("transfer", history.pk, 5, 0)


def test_payments_without_entries_are_found(history, venue):
    bare = PaymentFactory(status="succeeded", amount=700, venue_id=venue.pk)
    [mismatch] = mismatches()
    assert str(mismatch) == f"charge: payment {bare.pk} source {bare.pk} USD booked 0, expected 700"


@pytest.mark.parametrize(
    "column, value, words",
    [("amount", "amount + 1", "does not sum to zero"), ("currency", "'JPY'", "of another currency or time")],
)
def test_a_line_that_was_changed_is_found(history, column, value, words):
    line = LedgerLine.objects.filter(entry__kind="charge").first()
    key = LedgerLine._meta.pk.get_db_prep_value(line.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE payments_ledgerline SET {column} = {value} WHERE id = %s", [key])  # noqa: S608
    said, refusal = check()
    assert refusal
    assert any(str(line.entry_id) in found and words in found for found in said.splitlines())


def test_an_entry_without_lines_is_found(history):
    entry = JournalEntry.objects.filter(kind="charge").first()
    key = JournalEntry._meta.pk.get_db_prep_value(entry.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_ledgerline WHERE entry_id = %s", [key])
    assert f"entry {entry.pk} ({entry.reference}) has no lines" in check()[0]


def test_it_looks_at_one_venue_or_at_what_is_recent(history, venue, other_venue):
    tampered(Payment, amount="amount + 1")
    assert check("--venue", str(other_venue.pk))[1] == ""
    assert check("--venue", str(venue.pk))[1]
    assert check("--since", (timezone.now() + timedelta(days=1)).date().isoformat())[1] == ""
    assert check("--since", (timezone.now() - timedelta(days=2)).isoformat())[1]


@pytest.mark.parametrize("words", ["yesterday", "2026-13-01"])
def test_a_time_that_is_none_is_refused(words):
    with pytest.raises(CommandError, match="since"):
        call_command("check_books", "--since", words)


def test_it_takes_as_many_queries_for_a_long_history(history, venue, pay, django_assert_max_num_queries):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        assert list(mismatches()) == []
    for _ in range(3):
        pay(of=order_of(venue, [(recipient(venue), 3_000, 100)]))
    with django_assert_max_num_queries(len(few)):
        assert list(mismatches()) == []
