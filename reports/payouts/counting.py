"""A day of payouts: sums of the ledger's lines by recipient, account and kind of movement, in one statement.

Corrections have the kind of what they correct, so the sums have them too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Min, Sum

from payments.models import JournalEntry, LedgerLine
from reports.payouts.models import PayoutDay
from reports.rollups.base import VenueDay

Kind, Account = JournalEntry.Kind, LedgerLine.Account
#: Where money is that nobody in particular is owed.
_HOUSE = (Account.PLATFORM_FEES, Account.UNALLOCATED)
_CASH = (Account.GATEWAY, Account.TILL)


class Part(NamedTuple):
    """Which lines make up a measure: debits count `sign` times."""

    measure: str
    accounts: tuple[str, ...]
    kinds: tuple[str, ...]
    sign: int


PARTS = (
    Part("charged", _CASH, (Kind.CHARGE,), 1),
    Part("shared", (Account.OWED, Account.PLATFORM_FEES), (Kind.SHARE,), -1),
    Part("borne", (Account.OWED, *_HOUSE), (Kind.REFUND, Kind.REFUND_RETURN), 1),
    Part("disputed", (Account.OWED, *_HOUSE), (Kind.DISPUTE_HOLD, Kind.DISPUTE_RELEASE), 1),
    Part("transferred", (Account.OWED,), (Kind.TRANSFER,), 1),
    Part("kept_at_till", (Account.OWED,), (Kind.TILL,), 1),
    Part("reversed", (Account.OWED,), (Kind.REVERSAL, Kind.TILL_BACK), -1),
    Part("fee_returned", (Account.OWED,), (Kind.FEE_RETURN,), -1),
    Part("debt", (Account.DEBTS,), tuple(Kind), 1),
    Part("dispute_fees", (Account.DISPUTE_FEES,), tuple(Kind), 1),
    Part("balance", (Account.OWED, Account.DEBTS), tuple(Kind), -1),
)


def first_at(venue_id: UUID) -> datetime | None:
    """When anything was booked for the venue first."""
    return JournalEntry.objects.filter(venue_id=venue_id).aggregate(at=Min("occurred_at"))["at"]


def compute(day: VenueDay) -> list[PayoutDay]:
    """The rows of one day."""
    lines = (
        LedgerLine.objects.filter(day.on("entry__occurred_at"), entry__venue_id=day.venue_id)
        .order_by()
        .values_list("currency", "recipient_id", "account", "entry__kind")
        .annotate(sum=Sum("amount"))
    )
    sums: dict[tuple[str, UUID | None], Counter[str]] = defaultdict(Counter)
    for currency, recipient_id, account, kind, amount in lines:
        for part in PARTS:
            if account in part.accounts and kind in part.kinds:
                # What a sum of big integers is to PostgreSQL is a decimal.
                sums[currency, recipient_id][part.measure] += part.sign * int(amount)
    return [
        PayoutDay(
            venue_id=day.venue_id, day=day.day, currency=currency, recipient_id=recipient_id,
            **{part.measure: figures[part.measure] for part in PARTS},
        )
        for (currency, recipient_id), figures in sums.items()
        if any(figures.values())
    ]  # fmt: skip
