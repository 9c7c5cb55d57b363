"""Are the books sound, and do they say what the tables of payments, shares and refunds say? Reads, changes nothing.

Each `_Comparison` holds one column of the books against the rows that it tells of: both sides are summed and compared
in the database, by payment, source, recipient and currency, so that what only one side knows is found too. What comes
to Python is what differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Count, F, Q, Sum

from payments.models import JournalEntry, LedgerLine

_CHUNK = 500


@dataclass(frozen=True)
class Mismatch:
    """One thing that is wrong; amounts are signed as in the books, debit positive."""

    what: str
    payment_id: UUID | None
    source_id: UUID | None
    recipient_id: UUID | None
    currency: str
    booked: int | None
    expected: int | None

    def __str__(self) -> str:
        names = (("payment", self.payment_id), ("source", self.source_id), ("recipient", self.recipient_id))
        about = " ".join(f"{name} {value}" for name, value in names if value)
        sums = (
            f"booked {self.booked}, expected {self.expected}" if self.expected is not None else f"off by {self.booked}"
        )
        return f"{self.what}: {about} {self.currency} {sums}"


@dataclass(frozen=True)
class _Comparison:
    """The lines of `kinds` on `account` against `rows`.

    They are SQL that selects payment, source, recipient, currency, 0, amount.

    Without `by_source`, sums over all sources of a payment.
    """

    what: str
    kinds: Sequence[str]
    account: str
    rows: str
    by_source: bool = True


_COMPARISONS = [
    _Comparison(
        "charge", ["charge"], "gateway",
        "SELECT id, id, NULL, currency, 0, amount FROM payments_payment "
        "WHERE status = 'succeeded' AND provider <> 'till'",
    ),
    _Comparison(
        "taken at a till", ["charge"], "till",
        "SELECT id, id, NULL, currency, 0, amount FROM payments_payment "
        "WHERE status = 'succeeded' AND provider = 'till'",
    ),
    _Comparison(
        "recipient's share", ["share"], "owed",
        "SELECT payment_id, payment_id, account_id, currency, 0, -amount FROM payments_paymentsplit "
        "WHERE account_id IS NOT NULL",
    ),
    _Comparison(
        "platform's share", ["share"], "platform_fees",
        "SELECT payment_id, payment_id, NULL, currency, 0, -amount FROM payments_paymentsplit WHERE account_id IS NULL",
    ),
    _Comparison(
        "refund", ["refund"], "gateway",
        "SELECT r.payment_id, r.id, NULL, r.currency, 0, -r.amount FROM payments_refund r "
        "JOIN payments_payment p ON p.id = r.payment_id "
        "WHERE r.status IN ('succeeded', 'came_back') AND p.provider <> 'till'",
    ),
    _Comparison(
        "refund at a till", ["refund"], "till",
        "SELECT r.payment_id, r.id, NULL, r.currency, 0, -r.amount FROM payments_refund r "
        "JOIN payments_payment p ON p.id = r.payment_id WHERE r.status = 'succeeded' AND p.provider = 'till'",
    ),
    # A refund that came back either has a status of its own or says why with the one it had.
    _Comparison(
        "refund that came back", ["refund_return"], "gateway",
        "SELECT payment_id, id, NULL, currency, 0, amount FROM payments_refund "
        "WHERE status = 'came_back' OR (status = 'succeeded' AND failure_message <> '')",
    ),
    _Comparison(
        "refunded of a payment", ["refund", "refund_return"], "gateway",
        "SELECT id, NULL, NULL, currency, 0, -amount_refunded FROM payments_payment "
        "WHERE amount_refunded > 0 AND provider <> 'till' "
        "UNION ALL SELECT payment_id, NULL, NULL, currency, 0, amount FROM payments_refund "
        "WHERE status = 'succeeded' AND failure_message <> ''",
        by_source=False,
    ),
    _Comparison(
        "refunded of a payment at a till", ["refund"], "till",
        "SELECT id, NULL, NULL, currency, 0, -amount_refunded FROM payments_payment "
        "WHERE amount_refunded > 0 AND provider = 'till'",
        by_source=False,
    ),
    _Comparison(
        "due to a recipient",
        ["share", "refund", "refund_return", "dispute_hold", "dispute_release", "fee_return"], "owed",
        "SELECT payment_id, NULL, account_id, currency, 0, amount_reversed - amount FROM payments_transfer",
        by_source=False,
    ),
    _Comparison(
        "transfer", ["transfer"], "owed",
        "SELECT t.payment_id, t.id, t.account_id, t.currency, 0, t.amount_sent FROM payments_transfer t "
        "JOIN payments_payment p ON p.id = t.payment_id "
        "WHERE t.status = 'sent' AND (p.provider <> 'till' OR t.refund_id IS NOT NULL)",
    ),
    _Comparison(
        "kept from a till", ["till"], "owed",
        "SELECT t.payment_id, t.id, t.account_id, t.currency, 0, t.amount_sent FROM payments_transfer t "
        "JOIN payments_payment p ON p.id = t.payment_id WHERE p.provider = 'till' AND t.refund_id IS NULL",
    ),
    _Comparison(
        "fee returned", ["fee_return"], "till",
        "SELECT t.payment_id, t.id, NULL, t.currency, 0, t.amount FROM payments_transfer t "
        "JOIN payments_payment p ON p.id = t.payment_id WHERE p.provider = 'till' AND t.refund_id IS NOT NULL",
    ),
    _Comparison(
        "left in a till", ["charge", "refund", "till", "till_back", "fee_return"], "till",
        "SELECT id, NULL, NULL, currency, 0, 0 FROM payments_payment WHERE provider = 'till'",
        by_source=False,
    ),
    _Comparison(
        "reversal", ["reversal"], "owed",
        "SELECT t.payment_id, r.id, t.account_id, r.currency, 0, -r.amount FROM payments_transferreversal r "
        "JOIN payments_transfer t ON t.id = r.transfer_id JOIN payments_payment p ON p.id = t.payment_id "
        "WHERE r.status = 'succeeded' AND p.provider <> 'till'",
    ),
    _Comparison(
        "paid back out of a till", ["till_back"], "owed",
        "SELECT t.payment_id, r.id, t.account_id, r.currency, 0, -r.amount FROM payments_transferreversal r "
        "JOIN payments_transfer t ON t.id = r.transfer_id JOIN payments_payment p ON p.id = t.payment_id "
        "WHERE r.status = 'succeeded' AND p.provider = 'till'",
    ),
    _Comparison(
        "debt", ["debt"], "debts",
        "SELECT t.payment_id, d.id, d.account_id, d.currency, 0, d.amount FROM payments_recipientdebt d "
        "JOIN payments_transfer t ON t.id = d.transfer_id",
    ),
    _Comparison(
        "paid off of a debt", ["debt_repayment"], "debts",
        "SELECT t.payment_id, r.id, d.account_id, d.currency, 0, -r.amount FROM payments_debtrepayment r "
        "JOIN payments_recipientdebt d ON d.id = r.debt_id JOIN payments_transfer t ON t.id = r.transfer_id",
    ),
    _Comparison(
        "forgiven of a debt", ["debt_forgiven"], "debts",
        "SELECT t.payment_id, d.id, d.account_id, d.currency, 0, -d.amount_forgiven FROM payments_recipientdebt d "
        "JOIN payments_transfer t ON t.id = d.transfer_id",
    ),
    _Comparison(
        "held for a dispute", ["dispute_hold", "dispute_release"], "disputes",
        "SELECT d.payment_id, d.id, NULL, p.currency, 0, -d.amount_held FROM payments_dispute d "
        "JOIN payments_payment p ON p.id = d.payment_id",
    ),
    _Comparison(
        "withdrawn for a dispute", ["dispute_withdrawal"], "gateway",
        "SELECT payment_id, id, NULL, currency, 0, -amount FROM payments_dispute WHERE funds_withdrawn_at IS NOT NULL",
    ),
    _Comparison(
        "reinstated after a dispute", ["dispute_return"], "gateway",
        "SELECT payment_id, id, NULL, currency, 0, amount FROM payments_dispute WHERE funds_reinstated_at IS NOT NULL",
    ),
    _Comparison(
        "fee for a dispute", ["dispute_fee"], "gateway",
        "SELECT payment_id, id, NULL, CASE WHEN fee_currency = '' THEN currency ELSE fee_currency END, "
        "0, fee_returned - fee FROM payments_dispute WHERE fee > 0",
    ),
]  # fmt: skip


def mismatches(*, venue_id: UUID | None = None, since: datetime | None = None) -> Iterator[Mismatch]:
    """All that is wrong, of every payment or those of one venue, or made since; by chunks, however much it is."""
    yield from _unsound(venue_id, since)
    for comparison in _COMPARISONS:
        yield from _differences(comparison, venue_id, since)


def totals(*, venue_id: UUID | None = None, since: datetime | None = None) -> list[tuple[str, str, int, int]]:
    """The trial balance: account, currency, debits, credits, both positive; in each currency their sums are equal."""
    debits, credits = Sum("amount", filter=Q(amount__gt=0), default=0), Sum("amount", filter=Q(amount__lt=0), default=0)
    rows = LedgerLine.objects.filter(_about(venue_id, since, "entry__")).order_by("currency", "account")
    sums = rows.values_list("account", "currency").annotate(debit=debits, credit=credits)
    return [(account, currency, debit, -credit) for account, currency, debit, credit in sums]


def _about(venue_id: UUID | None, since: datetime | None, path: str = "") -> Q:
    about = Q()
    if venue_id:
        about &= Q(**{f"{path}venue_id": venue_id})
    if since:
        about &= Q(**{f"{path}payment__created_at__gte": since})
    return about


def _unsound(venue_id: UUID | None, since: datetime | None) -> Iterator[Mismatch]:
    """Entries that are none: without lines, with lines that don't sum to zero, or of another currency or time."""
    lines: Any = Count("lines")
    strange = Count("lines", filter=~Q(lines__currency=F("currency")) | ~Q(lines__occurred_at=F("occurred_at")))
    rows = JournalEntry.objects.filter(_about(venue_id, since)).order_by("id")
    rows = rows.annotate(count=lines, strange=strange, sum=Sum("lines__amount", default=0))
    for entry in rows.filter(Q(count__lt=2) | Q(strange__gt=0) | ~Q(sum=0)).iterator(_CHUNK):
        what = f"entry {entry.pk} ({entry.reference}) does not sum to zero"
        if not entry.sum:
            what = f"entry {entry.pk} ({entry.reference}) has lines of another currency or time"
        if entry.count < 2:
            what = f"entry {entry.pk} ({entry.reference}) has {entry.count or 'no'} lines"
        yield Mismatch(what, entry.payment_id, entry.source_id, None, entry.currency, entry.sum, None)


def _differences(comparison: _Comparison, venue_id: UUID | None, since: datetime | None) -> Iterator[Mismatch]:
    sql, parameters = _statement(comparison, venue_id, since)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(_CHUNK):
            for payment, source, recipient, currency, booked, expected in rows:
                yield Mismatch(
                    comparison.what,
                    _uuid(payment),
                    _uuid(source),
                    _uuid(recipient),
                    currency,
                    int(booked),
                    int(expected),
                )


def _statement(comparison: _Comparison, venue_id: UUID | None, since: datetime | None) -> tuple[str, list[Any]]:
    """Both sides in one list, each with its sum in a column of its own, and the groups in which they differ."""
    source = "e.source_id" if comparison.by_source else "NULL"
    kinds = ", ".join(["%s"] * len(comparison.kinds))
    parameters: list[Any] = [*comparison.kinds, comparison.account]
    where = []
    for column, value, field in (
        ("p.venue_id = %s", venue_id, models.UUIDField()),
        ("p.created_at >= %s", since, models.DateTimeField()),
    ):
        if value is not None:
            where.append(column)
            parameters.append(field.get_db_prep_value(value, connection))
    payments = f"JOIN payments_payment p ON p.id = both_sides.payment WHERE {' AND '.join(where)}" if where else ""
    # Nothing but names of ours is put into the statement; values go by parameters.
    sql = f"""
        WITH both_sides(payment, source, recipient, currency, booked, expected) AS (
            SELECT e.payment_id, {source}, l.recipient_id, l.currency, l.amount, 0
            FROM payments_ledgerline l JOIN payments_journalentry e ON e.id = l.entry_id
            WHERE e.kind IN ({kinds}) AND l.account = %s
            UNION ALL
            {comparison.rows}
        )
        SELECT payment, source, recipient, both_sides.currency, SUM(booked), SUM(expected)
        FROM both_sides {payments}
        GROUP BY payment, source, recipient, both_sides.currency
        HAVING SUM(booked) <> SUM(expected)
        ORDER BY payment, source, recipient
    """  # noqa: S608  # nosec B608
    return sql, parameters


def _uuid(value: Any) -> UUID | None:
    return value if value is None or isinstance(value, UUID) else UUID(str(value))
