"""A day of refunds and disputes: what was booked of them, and the disputes that began."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, Min, Q, Sum, Value, When

from orders.models import OrderRefund
from payments.models import Dispute, JournalEntry, LedgerLine, Refund
from reports.returns.models import ReturnDay
from reports.rollups.base import VenueDay
from reports.sales.moves import MOVED, given_back_free

What, By = ReturnDay.What, ReturnDay.By
Kind, Account = JournalEntry.Kind, LedgerLine.Account
_SUMS = ("count", "amount", "claimed", "fees")
#: What a dispute holds is less on one of these, and what the provider took as a fee more on the other.
_DISPUTED = Q(account=Account.DISPUTES, entry__kind__in=[Kind.DISPUTE_HOLD, Kind.DISPUTE_RELEASE])
_FEES = Q(account=Account.DISPUTE_FEES)


class At(NamedTuple):
    """The dimensions of a row."""

    currency: str
    what: str
    reason: str
    state: str
    asked_by: str


Sums = dict[At, Counter[str]]


def first_at(venue_id: UUID) -> datetime | None:
    """When anything was booked first, went back for nothing, or a dispute began, by its provider's clock."""
    booked = JournalEntry.objects.filter(venue_id=venue_id).aggregate(at=Min("occurred_at"))["at"]
    began = Dispute.objects.filter(payment__venue_id=venue_id).aggregate(at=Min("opened_at"))["at"]
    free = OrderRefund.objects.filter(order__venue_id=venue_id, amount=0).aggregate(at=Min("created_at"))["at"]
    return min(filter(None, (booked, began, free)), default=None)


def compute(day: VenueDay) -> list[ReturnDay]:
    """The rows of one day."""
    sums: Sums = defaultdict(Counter)
    _refunds(sums, day)
    _free(sums, day)
    _disputes(sums, day)
    return [
        ReturnDay(venue_id=day.venue_id, day=day.day, **at._asdict(), **{key: figures[key] for key in _SUMS})
        for at, figures in sorted(sums.items())
        if any(figures.values())
    ]


def _refunds(sums: Sums, day: VenueDay) -> None:
    booked = JournalEntry.objects.filter(
        MOVED, day.on("occurred_at"), venue_id=day.venue_id, kind__in=[Kind.REFUND, Kind.REFUND_RETURN]
    )
    entries = list(booked.values_list("kind", "source_id"))
    refunds = Refund.objects.prefetch_related("order_refunds").in_bulk({source_id for _, source_id in entries})
    for kind, source_id in entries:
        refund = refunds[source_id]
        what, sign = (What.REFUND, 1) if kind == Kind.REFUND else (What.RETURNED, -1)
        reason, by = _why(refund)
        sums[At(refund.currency, what, reason, "", by)].update(count=1, amount=sign * refund.amount)


def _free(sums: Sums, day: VenueDay) -> None:
    """Tickets and orders that had cost nothing: no money went and nothing was booked, but they came back."""
    rows = given_back_free(day).annotate(
        by=Case(
            When(by_buyer=True, then=Value(By.BUYER)),
            When(requested_by=None, then=Value(By.HOUSE)),
            default=Value(By.STAFF),
            output_field=CharField(),
        )
    )
    for currency, kind, by, number in rows.values_list("order__currency", "kind", "by").annotate(Count("pk")):
        sums[At(currency, What.FREE, kind, "", by)]["count"] += number


def _why(refund: Refund) -> tuple[str, str]:
    """What was refunded and who asked. What people write as a reason stays with the refund: it may name somebody."""
    asked = next(iter(refund.order_refunds.all()), None)
    if asked and asked.by_buyer:
        return asked.kind, By.BUYER
    return asked.kind if asked else "", By.STAFF if refund.requested_by_id else By.HOUSE


def _disputes(sums: Sums, day: VenueDay) -> None:
    began = Dispute.objects.filter(day.on("opened_at"), payment__venue_id=day.venue_id)
    for dispute in began:
        sums[_at(dispute, dispute.currency)].update(count=1, claimed=dispute.amount)
    lines = LedgerLine.objects.filter(
        _DISPUTED | _FEES, day.on("entry__occurred_at"), entry__venue_id=day.venue_id
    ).order_by()
    moved = list(lines.values_list("entry__source_id", "currency", "account").annotate(sum=Sum("amount")))
    disputes = Dispute.objects.in_bulk({pk for pk, _, _, _ in moved})
    for pk, currency, account, amount in moved:
        is_fee = account == Account.DISPUTE_FEES
        sums[_at(disputes[pk], currency)].update(**({"fees": int(amount)} if is_fee else {"amount": -int(amount)}))


def _at(dispute: Dispute, currency: str) -> At:
    return At(currency, What.DISPUTE, dispute.reason, str(dispute.stage), By.BANK)


def moments_of(dispute: Dispute) -> set[datetime]:
    """Every moment whose day tells of the dispute."""
    booked = JournalEntry.objects.filter(payment_id=dispute.payment_id, source_id=dispute.pk)
    return {dispute.opened_at, *booked.values_list("occurred_at", flat=True)}
