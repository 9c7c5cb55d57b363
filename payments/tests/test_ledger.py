"""Every movement of money is an entry that sums to zero, written once and never changed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from audit.models import AppendOnly, AuditLog
from payments import ledger, ledger_protection, onboarding, refunds, sandbox_recipient, settlement
from payments.errors import AlreadyCorrected, Unbalanced
from payments.gateways.base import ChargeOutcome, RefundOutcome
from payments.ledger import Line, Posting
from payments.models import (
    DebtRepayment,
    JournalEntry,
    LedgerLine,
    Payment,
    RecipientDebt,
    Refund,
    Transfer,
    TransferReversal,
)
from payments.tests.factories import PaymentFactory
from payments.tests.sharing import assert_books_hold, booked, order_of, recipient
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


def lines_of(kind):
    """What the entries of a kind say: (account, recipient's name, amount), in their order."""
    rows = LedgerLine.objects.filter(entry__kind=kind).order_by("entry", "position")
    return list(rows.values_list("account", "recipient__name", "amount"))


def balances():
    """Account → its balance over all entries, without those that are zero."""
    rows = LedgerLine.objects.order_by("account").values_list("account").annotate(sum=Sum("amount"))
    return {account: total for account, total in rows if total}


def test_a_payment_is_a_charge_and_its_shares(venue, stand, hall, pay):
    payment = pay(of=order_of(venue, [(None, 5_000, 250), (stand, 3_000, 100)], tip=400))
    assert lines_of("charge") == [("gateway", None, 8_400), ("unallocated", None, -8_400)]
    assert lines_of("share") == [
        ("unallocated", None, 8_400),
        ("owed", hall.name, -4_998),
        ("owed", stand.name, -3_052),
        ("platform_fees", None, -350),
    ]
    assert sorted(lines_of("transfer")) == sorted(
        [("owed", hall.name, 4_998), ("gateway", None, -4_998), ("owed", stand.name, 3_052), ("gateway", None, -3_052)]
    )
    assert balances() == {"gateway": 350, "platform_fees": -350}
    entry = JournalEntry.objects.get(kind="share")
    assert (entry.payment, entry.source_id, entry.venue_id) == (payment, payment.pk, venue.pk)
    assert_books_hold()


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_a_series_of_partial_refunds_ends_at_nothing(venue, stand, hall, pay, give_back, currency):
    payment = pay(of=order_of(venue, [(None, 100, 7), (stand, 33, 0)], currency=currency))
    for part in (1, 1, 1, 50, 29, 1, 50):
        give_back(payment, part)
        assert LedgerLine.objects.aggregate(sum=Sum("amount"))["sum"] == 0
        assert_books_hold()
    assert set(LedgerLine.objects.values_list("currency", flat=True)) == {currency}
    assert sum(amount for account, _, amount in lines_of("refund") if account == "gateway") == -133
    assert balances() == {}


def test_a_refund_is_borne_by_each_in_proportion_and_reversed(venue, stand, pay, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 600)]))
    give_back(payment, 1_000)
    assert lines_of("refund") == [("gateway", None, -1_000), ("owed", stand.name, 800), ("platform_fees", None, 200)]
    assert lines_of("reversal") == [("gateway", None, 800), ("owed", stand.name, -800)]
    assert booked(stand) == 0


def test_what_was_not_sent_is_owed_less(venue, pay, give_back):
    late = recipient(venue, ready=False)
    payment = pay(of=order_of(venue, [(late, 3_000, 600)]))
    assert booked(late) == 2_400
    give_back(payment, 1_000)
    assert booked(late) == Transfer.objects.get().sendable == 1_600
    assert lines_of("reversal") == lines_of("transfer") == []


def test_a_debt_arises_and_is_paid_off(venue, stand, pay, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 0)]))
    sandbox_recipient.pay_out(stand)
    give_back(payment, 2_000)
    assert lines_of("debt") == [("debts", stand.name, 2_000), ("owed", stand.name, -2_000)]
    assert (booked(stand), booked(stand, "debts")) == (0, 2_000)
    pay(of=order_of(venue, [(stand, 500, 0)]))
    assert lines_of("debt_repayment") == [("debts", stand.name, -500), ("owed", stand.name, 500)]
    assert (booked(stand), booked(stand, "debts")) == (0, 1_500)
    assert lines_of("transfer") == [("owed", stand.name, 3_000), ("gateway", None, -3_000)]
    assert JournalEntry.objects.get(kind="debt").source_id == RecipientDebt.objects.get().pk
    assert JournalEntry.objects.get(kind="debt_repayment").source_id == DebtRepayment.objects.get().pk
    assert_books_hold()


def test_money_that_could_not_be_kept_is_never_divided(venue, stand, pay, monkeypatch):
    from orders import completion

    def gone(*args):
        raise completion.CannotFulfil("gone")

    monkeypatch.setattr(completion, "settle", gone)
    pay(of=order_of(venue, [(stand, 3_000, 100)]))
    assert lines_of("charge") == [("gateway", None, 3_000), ("unallocated", None, -3_000)]
    assert lines_of("share") == []
    assert lines_of("refund") == [("gateway", None, -3_000), ("unallocated", None, 3_000)]
    assert balances() == {}
    assert_books_hold()


def test_a_second_payment_is_booked_and_goes_back(order, pay, django_capture_on_commit_callbacks):
    twice = PaymentFactory(order=order, status="cancelled")
    pay()
    with django_capture_on_commit_callbacks(execute=True):
        outcome = ChargeOutcome("pi_2", "succeeded", twice.amount, twice.currency)
        settlement.settle(twice.pk, outcome, timezone.now())
    twice.refresh_from_db()
    assert (twice.status, twice.counted) == ("succeeded", False)
    kinds = list(twice.journal_entries.values_list("kind", flat=True))
    assert "charge" in kinds
    assert "share" not in kinds


def test_a_refund_that_came_back_is_its_recipients_again(venue, stand, pay, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 0)]))
    refund = give_back(payment, 1_000)
    refund.refresh_from_db()
    refunds.settle(refund.pk, RefundOutcome(refund.provider_id, "failed", "account closed"), timezone.now())
    refunds.settle(refund.pk, RefundOutcome(refund.provider_id, "failed", "account closed"), timezone.now())
    assert lines_of("refund_return") == [("gateway", None, 1_000), ("owed", "Taco stand", -1_000)]
    assert_books_hold()


def test_a_refund_that_came_back_may_be_its_recipients_again(venue, stand, pay, give_back):
    payment = pay(of=order_of(venue, [(stand, 3_000, 600)]))
    refund = give_back(payment, 1_000)
    ledger.refund_came_back(refund, {stand.pk: 800}, timezone.now())
    assert lines_of("refund_return") == [
        ("gateway", None, 1_000),
        ("owed", stand.name, -800),
        ("platform_fees", None, -200),
    ]


def test_posting_twice_writes_once(venue, stand, pay):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    before = list(LedgerLine.objects.order_by("pk").values())
    payment.refresh_from_db()
    for _ in range(2):
        ledger.shared(payment, {stand.pk: 2_900}, timezone.now())
        ledger.transferred(Transfer.objects.get(), timezone.now())
    assert list(LedgerLine.objects.order_by("pk").values()) == before


def test_another_posting_under_the_same_reference_changes_nothing(venue, stand, pay):
    payment = pay(of=order_of(venue, [(stand, 3_000, 0)]))
    ledger.post(Posting("charge", payment, payment, [Line("gateway", 5), Line("unallocated", -5)]), now=timezone.now())
    assert lines_of("charge") == [("gateway", None, 3_000), ("unallocated", None, -3_000)]


def test_lines_that_do_not_sum_to_zero_are_refused(order, pay):
    payment = pay()
    count = LedgerLine.objects.count()
    with pytest.raises(Unbalanced):
        ledger.post(Posting("refund", payment, payment, [Line("gateway", 5), Line("owed", -4)]), now=timezone.now())
    assert LedgerLine.objects.count() == count


def test_what_moved_nothing_is_no_entry(order, pay):
    payment = pay()
    count = JournalEntry.objects.count()
    ledger.post(Posting("refund", payment, payment, [Line("gateway", 0), Line("unallocated", 0)]), now=timezone.now())
    assert JournalEntry.objects.count() == count


def test_keys_follow_from_references_and_sort_by_time(order, pay):
    payment = pay()
    entry = JournalEntry.objects.get(kind="charge")
    assert entry.pk == ledger._key(f"charge:{payment.pk}", payment.pk)
    assert entry.pk != ledger._key(f"share:{payment.pk}", payment.pk)
    assert (entry.pk.version, entry.pk.int >> 80) == (8, payment.pk.int >> 80)


def test_booking_a_payment_costs_two_statements_and_a_mark_for_the_reports(
    venue, stand, pay, django_assert_num_queries
):
    payment = pay(of=order_of(venue, [(stand, 3_000, 100)]))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_ledgerline")
        cursor.execute("DELETE FROM payments_journalentry")
    with django_assert_num_queries(3):
        ledger.shared(payment, {stand.pk: 2_900}, timezone.now())


# -- Correcting --


def test_a_correction_undoes_an_entry_and_books_the_right_one(venue, stand, pay, ada):
    pay(of=order_of(venue, [(stand, 3_000, 100)]))
    wrong = JournalEntry.objects.get(kind="share")
    amounts = [line.amount for line in wrong.lines.order_by("position")]
    counter = ledger.correct(
        wrong, [*amounts[:1], -2_800, -200], reason="The fee was 2 dollars", by=ada, now=timezone.now()
    )
    assert (counter.counter_of, counter.kind, counter.made_by, counter.payment) == (wrong, "share", ada, wrong.payment)
    assert sorted(line.amount for line in counter.lines.all()) == sorted(-amount for amount in amounts)
    instead = JournalEntry.objects.get(reference=f"instead:{wrong.reference}")
    assert [line.amount for line in instead.lines.order_by("position")] == [3_000, -2_800, -200]
    assert LedgerLine.objects.filter(entry__kind="share", account="owed").aggregate(sum=Sum("amount"))["sum"] == -2_800
    assert AuditLog.objects.get(action="ledger.corrected").actor == ada
    for again in (wrong, counter):
        with pytest.raises(AlreadyCorrected):
            ledger.correct(again, amounts, reason="No", by=ada, now=timezone.now())
    ledger.correct(instead, amounts, reason="It was right", by=ada, now=timezone.now())
    assert_books_hold()


def test_an_entry_may_only_be_undone(order, pay, ada):
    pay()
    wrong = JournalEntry.objects.get(kind="charge")
    ledger.correct(wrong, [0, 0], reason="It never was", by=ada, now=timezone.now())
    assert LedgerLine.objects.filter(entry__kind="charge").aggregate(sum=Sum("amount"))["sum"] == 0
    assert not JournalEntry.objects.filter(reference__startswith="instead:").exists()


def test_a_correction_balances_too(order, pay, ada):
    pay()
    with pytest.raises(Unbalanced):
        ledger.correct(JournalEntry.objects.get(kind="charge"), [1, 0], reason="No", by=ada, now=timezone.now())
    assert not JournalEntry.objects.filter(counter_of__isnull=False).exists()


# -- What the tables refuse --


@pytest.fixture
def protected(order, pay):
    """A booked payment behind the triggers, which go again with the test's transaction."""
    pay()
    connection.check_constraints()
    ledger_protection.install(connection)


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payments_journalentry SET kind = 'share'",
        "DELETE FROM payments_journalentry",
        "UPDATE payments_ledgerline SET amount = 1",
        "DELETE FROM payments_ledgerline",
    ],
)
def test_plain_sql_neither_changes_nor_deletes(protected, sql):
    before = list(LedgerLine.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        run(sql)
    assert list(LedgerLine.objects.order_by("pk").values()) == before


@pytest.mark.postgres
def test_truncate_is_refused_too(protected):
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        run("TRUNCATE payments_journalentry CASCADE")


def test_behind_the_triggers_movements_are_still_booked(protected, venue, pay, give_back):
    payment = Payment.objects.get()
    give_back(payment, 100)
    assert JournalEntry.objects.filter(kind="refund").count() == Refund.objects.count() == 1
    assert ledger_protection.missing(connection) == []


def test_a_guard_that_is_gone_is_missed(protected):
    ledger_protection.remove(connection)
    assert ledger_protection.missing(connection)
    ledger_protection.uninstall(connection)
    ledger_protection.install(connection)
    assert ledger_protection.missing(connection) == []


def test_rows_refuse_to_be_changed(order, pay):
    pay()
    entry, line = JournalEntry.objects.first(), LedgerLine.objects.first()
    for act in (entry.save, entry.delete, line.save, line.delete, LedgerLine.objects.all().delete):
        with pytest.raises(AppendOnly):
            act()
    with pytest.raises(AppendOnly):
        LedgerLine.objects.update(amount=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"account": "owed", "amount": 1},  # nobody's
        {"account": "gateway", "amount": 0},
    ],
)
def test_a_line_says_whose_and_how_much(order, pay, fields):
    pay()
    entry = JournalEntry.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerLine.objects.create(
            entry=entry, position=9, currency=entry.currency, occurred_at=entry.occurred_at, **fields
        )


@pytest.mark.postgres
@pytest.mark.parametrize("currency, amounts", [("USD", [5]), ("JPY", [5, -5])])
def test_an_entry_that_does_not_balance_is_not_committed(order, pay, currency, amounts):
    pay()
    entry = JournalEntry.objects.filter(currency="USD").first()
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="does not balance"), transaction.atomic():
        for n, amount in enumerate(amounts):
            LedgerLine.objects.create(
                entry=entry, position=20 + n, account="gateway", amount=amount, currency=currency,
                occurred_at=entry.occurred_at,
            )  # fmt: skip
        connection.check_constraints()


@pytest.mark.postgres
def test_an_entry_without_lines_is_not_committed(order, pay):
    payment = pay()
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="does not balance"), transaction.atomic():
        JournalEntry.objects.create(
            id=payment.pk, occurred_at=timezone.now(), kind="charge", reference="bare", venue_id=payment.venue_id,
            payment=payment, source_type="payment", source_id=payment.pk, currency="USD",
        )  # fmt: skip
        connection.check_constraints()


def test_reversals_name_their_row(venue, stand, pay, give_back):
    give_back(pay(of=order_of(venue, [(stand, 3_000, 0)])), 1_000)
    assert JournalEntry.objects.get(kind="reversal").source_id == TransferReversal.objects.get().pk
