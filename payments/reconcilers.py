"""Comparing one kind of record with the provider's: what differs, which rule mends it, and what is left to a person.

A list may be older than what a webhook told meanwhile. So a difference is only a reason to ask: it is mended by the
rule that a webhook would have run, then compared once more with a record that was fetched afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

from django.db.models import Q, Sum

from payments import recovery, refunds, transfers
from payments.errors import NeverHeard
from payments.gateways.books import ChargeRecord, ProviderBooks, RefundRecord, TransferRecord
from payments.models import TILL, Payment, Refund, Transfer, TransferReversal
from trufan.lib.money import show

Row = TypeVar("Row")
_PAGE = 100
NOTHING = "nothing"
#: What we call "came back" is to the provider a refund that failed.
_RETURNED = (Refund.Status.CAME_BACK, Refund.Status.FAILED)


@dataclass(frozen=True)
class Comparison:
    """With whom, and since when."""

    provider: str
    books: ProviderBooks
    since: datetime
    now: datetime


@dataclass(frozen=True)
class Difference:
    """Ours and theirs, in words. `mend` is the rule that brings ours to theirs; without it a person decides."""

    kind: str
    reference: str
    ours: str
    theirs: str
    payment: Payment | None = None
    mend: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Check:
    """What was compared, what differs, and how to compare it once more with a record fetched afresh."""

    reference: str
    difference: Difference | None
    again: Callable[[], Difference | None]


class Reconciler(Protocol):
    """One kind of record; its word begins the `kind` of its differences."""

    def all_since(self, with_: Comparison) -> Iterator[Check]:
        """Everything made since then, there and here."""
        ...

    def of_payment(self, with_: Comparison, payment: Payment) -> Iterator[Check]:
        """What belongs to one payment that the provider knows."""
        ...


class Charges:
    """Payments with the provider's charges."""

    def all_since(self, with_: Comparison) -> Iterator[Check]:
        seen = set()
        for records in pages(with_.books.charges_since(with_.since)):
            known = _payments(with_, records)
            for record in records:
                pk = record.outcome.provider_id
                seen.add(pk)
                again = partial(self._afresh, with_, pk)
                yield Check(pk, self._compare(with_, record, known.get(pk)), again)
        ours = Payment.objects.filter(provider=with_.provider).exclude(provider_id=None)
        for payment in ours.filter(Q(created_at__gte=with_.since) | Q(pk__in=ours.live().values("pk"))).iterator():
            if payment.provider_id not in seen:
                yield from self.of_payment(with_, payment)

    def of_payment(self, with_: Comparison, payment: Payment) -> Iterator[Check]:
        again = partial(self._afresh, with_, payment.provider_id or "")
        yield Check(payment.provider_id or "", again(), again)

    def _afresh(self, with_: Comparison, provider_id: str) -> Difference | None:
        payment = Payment.objects.filter(provider=with_.provider, provider_id=provider_id).first()
        try:
            record = with_.books.charge(provider_id)
        except NeverHeard:
            if payment is None:
                return None
            return Difference("charge_unknown_there", provider_id, _state(payment), NOTHING, payment)
        return self._compare(with_, record, payment or _payments(with_, [record]).get(provider_id))

    def _compare(self, with_: Comparison, record: ChargeRecord, payment: Payment | None) -> Difference | None:
        outcome = record.outcome
        theirs = f"{show(outcome.amount, outcome.currency)} {outcome.status.value}"
        if payment is None:
            # Somebody else's, or one of ours that no row knows. It matters once it took money.
            if outcome.status != Payment.Status.SUCCEEDED:
                return None
            named = Payment.objects.filter(pk=record.payment_id).first() if record.payment_id else None
            return Difference("charge_unknown_here", outcome.provider_id, NOTHING, theirs, named)
        mend = partial(recovery.refresh, payment.pk, with_.now) if payment.MOVES[payment.status] else None
        moved = outcome.status in (Payment.Status.SUCCEEDED, Payment.Status.PROCESSING)
        if moved and (payment.amount, payment.currency) != (outcome.amount, outcome.currency):
            # The rule holds it, which is what it should come to.
            kind = "charge_amount_differs"
        elif payment.status != outcome.status:
            kind = "charge_status_differs"
        else:
            return None
        return Difference(kind, outcome.provider_id, _state(payment), theirs, payment, mend)


class Refunds:
    """Refunds, also those that somebody made by hand in the provider's dashboard."""

    #: A bank may send a refund back so long after it was made. https://docs.stripe.com/refunds#failed-refunds
    COMES_BACK_WITHIN = timedelta(days=30)

    def all_since(self, with_: Comparison) -> Iterator[Check]:
        since, seen = min(with_.since, with_.now - self.COMES_BACK_WITHIN), set()
        for records in pages(with_.books.refunds_since(since)):
            for check in self._checks(with_, records):
                seen.add(check.reference)
                yield check
        ours = Refund.objects.filter(payment__provider=with_.provider, created_at__gte=since)
        for refund in ours.exclude(provider_id=None).select_related("payment").iterator():
            if refund.provider_id not in seen:
                yield self._known(with_, refund)

    def of_payment(self, with_: Comparison, payment: Payment) -> Iterator[Check]:
        seen = set()
        for records in pages(with_.books.refunds_of(payment.provider_id or "")):
            for check in self._checks(with_, records):
                seen.add(check.reference)
                yield check
        for refund in payment.refunds.exclude(provider_id=None).select_related("payment"):
            if refund.provider_id not in seen:
                yield self._known(with_, refund)

    def _checks(self, with_: Comparison, records: list[RefundRecord]) -> Iterator[Check]:
        known, charged = _refunds(with_, records), _charged(with_, records)
        for record in records:
            pk = record.outcome.provider_id
            found = self._compare(with_, record, known.get(pk), charged.get(record.provider_payment_id))
            yield Check(pk, found, partial(self._afresh, with_, pk))

    def _known(self, with_: Comparison, refund: Refund) -> Check:
        again = partial(self._afresh, with_, refund.provider_id or "")
        return Check(refund.provider_id or "", again(), again)

    def _afresh(self, with_: Comparison, provider_id: str) -> Difference | None:
        ours = Refund.objects.select_related("payment").filter(payment__provider=with_.provider)
        refund = ours.filter(provider_id=provider_id).first()
        try:
            record = with_.books.refund(provider_id)
        except NeverHeard:
            if refund is None:
                return None
            return Difference("refund_unknown_there", provider_id, str(refund), NOTHING, refund.payment)
        refund = refund or _refunds(with_, [record]).get(provider_id)
        return self._compare(with_, record, refund, _charged(with_, [record]).get(record.provider_payment_id))

    def _compare(
        self, with_: Comparison, record: RefundRecord, refund: Refund | None, payment: Payment | None
    ) -> Difference | None:
        outcome = record.outcome
        theirs = f"{show(record.amount, record.currency)} {outcome.status.value}"
        if refund is None:
            # One of a charge that is none of ours, or that never sent anything, concerns nobody.
            if payment is None or outcome.status == Refund.Status.FAILED:
                return None
            return Difference("refund_unknown_here", outcome.provider_id, NOTHING, theirs, payment)
        if (refund.amount, refund.currency) != (record.amount, record.currency):
            return Difference("refund_amount_differs", outcome.provider_id, str(refund), theirs, refund.payment)
        if refund.status == outcome.status or (refund.status, outcome.status) == _RETURNED:
            return None
        mend = None if refund.status == Refund.Status.FAILED else partial(refunds.refresh, refund, with_.now)
        return Difference("refund_status_differs", outcome.provider_id, str(refund), theirs, refund.payment, mend)


class Transfers:
    """Shares that were sent, and what of them came back."""

    def all_since(self, with_: Comparison) -> Iterator[Check]:
        seen = set()
        for records in pages(with_.books.transfers_since(with_.since)):
            known = _transfers(with_, records)
            for record in records:
                seen.add(record.provider_id)
                again = partial(self._afresh, with_, record.provider_id)
                yield Check(record.provider_id, self._compare(with_, record, known.get(record.provider_id)), again)
        for transfer in _own_transfers(with_).filter(created_at__gte=with_.since).exclude(provider_id=None).iterator():
            if transfer.provider_id not in seen:
                yield self._known(with_, transfer)

    def of_payment(self, with_: Comparison, payment: Payment) -> Iterator[Check]:
        for transfer in _own_transfers(with_).filter(payment=payment).exclude(provider_id=None):
            yield self._known(with_, transfer)

    def _known(self, with_: Comparison, transfer: Transfer) -> Check:
        again = partial(self._afresh, with_, transfer.provider_id or "")
        return Check(transfer.provider_id or "", again(), again)

    def _afresh(self, with_: Comparison, provider_id: str) -> Difference | None:
        transfer = _own_transfers(with_).filter(provider_id=provider_id).first()
        try:
            record = with_.books.transfer(provider_id)
        except NeverHeard:
            if transfer is None:
                return None
            return Difference("transfer_unknown_there", provider_id, _sent(transfer, 0), NOTHING, transfer.payment)
        return self._compare(with_, record, transfer or _transfers(with_, [record]).get(provider_id))

    def _compare(self, with_: Comparison, record: TransferRecord, transfer: Transfer | None) -> Difference | None:
        gone = show(record.amount_reversed, record.currency)
        theirs = f"{show(record.amount, record.currency)} sent, {gone} given back"
        if transfer is None:
            return Difference("transfer_unknown_here", record.provider_id, NOTHING, theirs)
        given_back, under_way = _given_back(transfer)
        ours, payment = _sent(transfer, given_back), transfer.payment
        if (transfer.amount_sent, transfer.currency) != (record.amount, record.currency):
            return Difference("transfer_amount_differs", record.provider_id, ours, theirs, payment)
        if transfer.status == Transfer.Status.SENDING:
            mend = partial(transfers.settle, transfer.pk, record.provider_id, with_.now)
            return Difference("transfer_status_differs", record.provider_id, ours, theirs, payment, mend)
        if transfer.status != Transfer.Status.SENT:
            return Difference("transfer_status_differs", record.provider_id, ours, theirs, payment)
        if given_back != record.amount_reversed and not under_way:
            return Difference("transfer_amount_differs", record.provider_id, ours, theirs, payment)
        return None


def pages(records: Iterable[Row]) -> Iterator[list[Row]]:
    """As many at a time as one query finds the rows of."""
    rest = iter(records)
    while page := list(islice(rest, _PAGE)):
        yield page


def _payments(with_: Comparison, records: list[ChargeRecord]) -> dict[str, Payment]:
    """Ours by the provider's ids; by our own where the provider's was never recorded."""
    ids = {record.payment_id: record.outcome.provider_id for record in records if record.payment_id}
    named = Q(provider_id__in=[record.outcome.provider_id for record in records])
    ours = Payment.objects.filter(named | Q(pk__in=ids, provider_id=None), provider=with_.provider)
    return {payment.provider_id or ids[payment.pk]: payment for payment in ours}


def _refunds(with_: Comparison, records: list[RefundRecord]) -> dict[str, Refund]:
    ids = {(record.refund_id, record.round): record.outcome.provider_id for record in records if record.refund_id}
    named = Q(provider_id__in=[record.outcome.provider_id for record in records])
    ours = Refund.objects.select_related("payment").filter(
        named | Q(pk__in=[pk for pk, _ in ids], provider_id=None), payment__provider=with_.provider
    )
    # A former request that was refused says nothing of the present one.
    return {
        provider_id: refund
        for refund in ours
        if (provider_id := refund.provider_id or ids.get((refund.pk, refund.round), ""))
    }


def _charged(with_: Comparison, records: list[RefundRecord]) -> dict[str, Payment]:
    ids = [record.provider_payment_id for record in records]
    return {
        payment.provider_id or "": payment
        for payment in Payment.objects.filter(provider=with_.provider, provider_id__in=ids)
    }


def _own_transfers(with_: Comparison) -> Any:
    # What a till kept never went anywhere; what is owed of it goes by its recipient's provider.
    of_till = Q(payment__provider=TILL, account__provider=with_.provider, refund__isnull=False)
    return Transfer.objects.select_related("payment").filter(Q(payment__provider=with_.provider) | of_till)


def _transfers(with_: Comparison, records: list[TransferRecord]) -> dict[str, Transfer]:
    ids = {record.transfer_id: record.provider_id for record in records if record.transfer_id}
    named = Q(provider_id__in=[record.provider_id for record in records])
    ours = _own_transfers(with_).filter(named | Q(pk__in=ids, provider_id=None))
    return {transfer.provider_id or ids[transfer.pk]: transfer for transfer in ours}


def _given_back(transfer: Transfer) -> tuple[int, bool]:
    """What came back of it, and whether more is on its way."""
    rows = transfer.reversals.all()
    done = rows.filter(status=TransferReversal.Status.SUCCEEDED).aggregate(sum=Sum("amount"))["sum"] or 0
    return done, rows.filter(status=TransferReversal.Status.PENDING).exists()


def _state(payment: Payment) -> str:
    return f"{show(payment.amount, payment.currency)} {payment.status}"


def _sent(transfer: Transfer, given_back: int) -> str:
    sent = show(transfer.amount_sent, transfer.currency)
    return f"{sent} {transfer.status}, {show(given_back, transfer.currency)} given back"
