"""Numbering what was sold and given back, after the commit of the sale, so that no number is a lock on it.

The sale marks its row (`receipts_due`); `issue` gives each of its papers the venue's next number. Mark, paper and
series change in one transaction: what is rolled back leaves no gap, and what a crash left behind the sweep issues.
Locks: payable → series, which nothing else takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from orders.receipts import contents, tasks
from orders.receipts.due import Receipted, receipted
from orders.receipts.models import Receipt, ReceiptSeries
from payments.models import Payment, Refund
from payments.pauses import each
from trufan.lib import nudging

BATCH = 200


def fall_due(payable: Receipted) -> None:
    """Something happened to the payable that needs a paper: mark it, and ask for the number once this is committed."""
    type(payable)._default_manager.filter(pk=payable.pk).update(receipts_due=True)
    nudge(payable)


def nudge(payable: Receipted) -> None:
    """Ask for the numbers of a payable that is marked already, once this transaction is committed."""
    nudging.after_commit(tasks.issue_receipts, payable.payable_type, str(payable.pk))


def issue(model: type[Receipted], pk: UUID, now: datetime) -> list[Receipt]:
    """Issue every paper that the payable still lacks; none where there is none due. Safe to call again, and at once.

    Called outside of any transaction, so that the series is held for no longer than it takes.
    """
    with transaction.atomic():
        rows: Any = model._default_manager.select_related(*model.payable_relations)
        payable = rows.select_for_update(of=("self",)).filter(pk=pk, receipts_due=True).first()
        if payable is None:
            return []
        issued = [_number(paper, now) for paper in _lacking(payable)]
        model._default_manager.filter(pk=pk).update(receipts_due=False)
    return issued


def issue_due(now: datetime) -> int:
    """The sweep `orders.receipts`: issue what no nudge did, the oldest first; returns how many papers."""
    found: list[tuple[type[Receipted], UUID]] = []
    for model in receipted():
        due = model._default_manager.filter(receipts_due=True).order_by("paid_at")
        found += [(model, pk) for pk in due.values_list("pk", flat=True)[:BATCH]]
    papers: list[Receipt] = []

    def run(row: tuple[type[Receipted], UUID]) -> bool:
        papers.extend(issue(*row, now))
        return True

    each(found, run)
    return len(papers)


def _lacking(payable: Receipted) -> Iterator[Receipt]:
    """The papers that are missing, one after the other: each is made once the one before it stands."""
    if payable.paid_at is None or not payable.amount_total:
        # It was never sold, or for nothing: what came back in full has no receipt to amend.
        return
    receipt = Receipt.objects.filter(subject_id=payable.pk).first()
    if receipt is None:
        receipt = _receipt(payable)
        yield receipt
    notes = list(receipt.credit_notes.order_by("number"))
    known = {note.subject_id for note in notes}
    paid = Payment.objects.of(payable).filter(counted=True)
    gone = Refund.objects.filter(payment__in=paid, status=Refund.Status.SUCCEEDED).order_by("settled_at", "pk")
    for refund in gone:
        if refund.pk not in known:
            notes.append(_credit_note(refund, receipt, notes))
            yield notes[-1]


def _receipt(payable: Receipted) -> Receipt:
    return Receipt(
        venue_id=payable.payment_venue_id,
        order=payable.receipt_order,
        kind=payable.receipt_kind,
        subject_id=payable.pk,
        happened_at=payable.paid_at or payable.updated_at,  # type: ignore[attr-defined]
        currency=payable.currency,
        amount=payable.amount_total,
        contents=payable.receipt_contents(),
    )


def _credit_note(refund: Refund, receipt: Receipt, earlier: list[Receipt]) -> Receipt:
    return Receipt(
        venue_id=receipt.venue_id,
        order_id=receipt.order_id,
        kind=Receipt.Kind.CREDIT_NOTE,
        subject_id=refund.pk,
        amends=receipt,
        happened_at=refund.settled_at or refund.updated_at,
        currency=refund.currency,
        amount=refund.amount,
        contents=contents.of_refund(refund, receipt, earlier),
    )


def _number(paper: Receipt, now: datetime) -> Receipt:
    """Give the paper the next number and keep it: the one place where a number is given."""
    series = ReceiptSeries.objects.select_for_update().filter(venue_id=paper.venue_id).first()
    if series is None:
        ReceiptSeries.objects.get_or_create(venue_id=paper.venue_id)
        series = ReceiptSeries.objects.select_for_update().get(venue_id=paper.venue_id)
    paper.number, paper.issued_at = series.last_number + 1, now
    paper.save(force_insert=True)
    series.last_number = paper.number
    series.save(update_fields=["last_number", "updated_at"])
    said = {"number": paper.number, "kind": paper.kind, "amount": paper.amount, "currency": paper.currency}
    record("receipt.issued", paper, new=said, actor=None)
    return paper
