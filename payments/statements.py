"""What a recipient is owed at the beginning and the end of a period, and what happened in between, out of the books.

A balance is what the platform owes the recipient less what the recipient owes it, in minor units: a share that was not
sent yet is positive, a debt or a reversal that is still under way negative. What only moves between the two, as when a
debt arises or is paid off, is no movement of the balance. A period that is over never changes, since what is booked is
booked when it is booked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from payments.models import ConnectedAccount, JournalEntry, LedgerLine
from trufan.lib.errors import Invalid, Missing
from trufan.lib.money import to_decimal
from trufan.lib.time_filter import YEARS

Kind = JournalEntry.Kind
Account = LedgerLine.Account
#: These move a sum between what is owed to a recipient and what it owes.
WITHIN = (Kind.DEBT, Kind.DEBT_REPAYMENT, Kind.DEBT_FORGIVEN)
_CHUNK = 500
HEADERS = ["recipient", "currency", "when", "what", "order", "entry", "amount", "balance"]


@dataclass(frozen=True)
class Period:
    """Whole days by the clocks of `zone`, both included. Raises `Invalid` where the last is before the first."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        for name, day in (("to", self.last), ("from", self.first)):
            if day.year not in YEARS:
                raise Invalid.field(name, f"Give a year from {YEARS[0]} to {YEARS[-1]}.")
        if self.last < self.first:
            raise Invalid.field("to", "A period ends after it has begun.")

    @classmethod
    def of(cls, first: date | None, last: date | None, zone: ZoneInfo, now: datetime) -> Period:
        """The days given; else up to today, and from the first of the last day's month."""
        last = last or max(now.astimezone(zone).date(), first or date.min)
        return cls(first or last.replace(day=1), last, zone)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)


@dataclass(frozen=True)
class Movement:
    """The sum of all of one kind in a period; positive in the recipient's favour."""

    kind: str
    count: int
    amount: int


@dataclass(frozen=True)
class Recipient:
    id: UUID
    name: str


@dataclass(frozen=True)
class Statement:
    """One recipient's period in one currency. `debt` is what the recipient owes at its end; `closing` has it in it."""

    recipient: Recipient
    currency: str
    period: Period
    opening: int
    closing: int
    debt: int
    movements: list[Movement] = field(default_factory=list)


def recipient_at(venue_id: UUID, recipient_id: UUID) -> ConnectedAccount:
    """The recipient, who belongs to the venue. Raises `Missing`."""
    account = ConnectedAccount.objects.filter(pk=recipient_id, venue_id=venue_id).first()
    if account is None:
        raise Missing
    return account


def balances(venue_id: UUID, period: Period, recipient_id: UUID | None = None) -> QuerySet:
    """A row for each recipient of the venue and currency that anything was booked for by the end of the period."""
    lines = _lines(venue_id, recipient_id).filter(occurred_at__lt=period.end)
    before, debt = Q(occurred_at__lt=period.start), Q(account=Account.DEBTS)
    return (
        lines.order_by("recipient__name", "recipient_id", "currency")
        .values("recipient_id", "recipient__name", "currency")
        .annotate(
            opening=-Sum("amount", filter=before, default=0),
            closing=-Sum("amount"),
            debt=Sum("amount", filter=debt, default=0),
        )
    )


def statements(rows: Sequence[dict[str, Any]], period: Period) -> list[Statement]:
    """The rows of `balances` with their movements by kind, in one more query."""
    found = {
        (row["recipient_id"], row["currency"]): Statement(
            Recipient(row["recipient_id"], row["recipient__name"]), row["currency"], period, int(row["opening"]),
            int(row["closing"]), int(row["debt"]),
        )
        for row in rows
    }  # fmt: skip
    kinds = _moving(LedgerLine.objects.filter(recipient_id__in={recipient for recipient, _ in found}), period)
    sums = kinds.order_by("entry__kind").values_list("recipient_id", "currency", "entry__kind")
    sums = sums.annotate(moved=-Sum("amount"), number=Count("entry_id", distinct=True))
    for recipient_id, currency, kind, amount, count in sums:
        if statement := found.get((recipient_id, currency)):
            statement.movements.append(Movement(kind, count, int(amount)))
    return list(found.values())


def movements(venue_id: UUID, period: Period, recipient_id: UUID | None = None) -> QuerySet:
    """The lines of the period, in the order they were booked; `-amount` is in the recipient's favour."""
    lines = _moving(_lines(venue_id, recipient_id), period).select_related("entry__payment", "recipient")
    return lines.order_by("occurred_at", "pk")


def table(venue_id: UUID, period: Period, recipient_id: UUID | None = None) -> Iterator[list[Any]]:
    """The statements as rows of a spreadsheet: each recipient's opening, its movements with the balance after, closing.

    Amounts are decimals of the currency. Two queries, however long the period.
    """
    yield HEADERS
    by_recipient = movements(venue_id, period, recipient_id).order_by(
        "recipient__name", "recipient_id", "currency", "occurred_at", "pk"
    )
    lines = iter(by_recipient.iterator(_CHUNK))
    line = next(lines, None)
    for statement in statements(list(balances(venue_id, period, recipient_id)), period):
        name, currency, balance = statement.recipient.name, statement.currency, statement.opening
        yield [name, currency, period.start.isoformat(), "opening balance", "", "", "", to_decimal(balance, currency)]
        while line and (line.recipient_id, line.currency) == (statement.recipient.id, currency):
            balance -= line.amount
            yield _row(line, balance, period.zone)
            line = next(lines, None)
        closing = to_decimal(statement.closing, currency)
        yield [name, currency, period.end.isoformat(), "closing balance", "", "", "", closing]


def filename(period: Period) -> str:
    return f"statement-{period.first}-{period.last}.csv"


def _row(line: LedgerLine, balance: int, zone: ZoneInfo) -> list[Any]:
    entry, currency = line.entry, line.currency
    return [
        line.recipient.name if line.recipient else "",
        currency,
        line.occurred_at.astimezone(zone).isoformat(),
        entry.get_kind_display(),
        entry.payment.reference if entry.payment else "",
        str(entry.pk),
        to_decimal(-line.amount, currency),
        to_decimal(balance, currency),
    ]


def _lines(venue_id: UUID, recipient_id: UUID | None) -> QuerySet:
    lines = LedgerLine.objects.filter(recipient__venue_id=venue_id)
    return lines.filter(recipient_id=recipient_id) if recipient_id else lines


def _moving(lines: QuerySet, period: Period) -> QuerySet:
    within = lines.filter(occurred_at__gte=period.start, occurred_at__lt=period.end)
    return within.exclude(entry__kind__in=WITHIN)
