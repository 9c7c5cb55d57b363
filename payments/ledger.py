"""Writing the books: one function for each movement, called in the transaction of what it tells of.

`post` is the only way into the journal. A movement has one reference, and posting it again writes nothing, so that a
caller need not know whether it came before. Charge and shares together cost two statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Sum
from django.utils import timezone
from django.utils.translation import gettext

from audit.trail import record
from payments.errors import AlreadyCorrected, Unbalanced
from payments.locking import lock
from payments.models import (
    DebtRepayment,
    Dispute,
    JournalEntry,
    LedgerLine,
    Payment,
    RecipientDebt,
    Refund,
    Transfer,
    TransferReversal,
)
from payments.signals import booked

Kind = JournalEntry.Kind
Account = LedgerLine.Account
#: What each recipient bears of a movement, in minor units by the account's id; negative: what it gets back.
Parts = Mapping[UUID, int]


@dataclass(frozen=True)
class Line:
    """So many minor units on one account: debit positive, credit negative."""

    account: str
    amount: int
    recipient_id: UUID | None = None


@dataclass(frozen=True)
class Posting:
    """One movement that is to be written: `serial` tells apart what can happen to one source more than once."""

    kind: str
    source: Model
    payment: Payment
    lines: Sequence[Line]
    serial: str = ""
    currency: str = ""

    @property
    def reference(self) -> str:
        return ":".join(filter(None, [self.kind, str(self.source.pk), self.serial]))


def post(*postings: Posting, now: datetime) -> None:
    """Write the movements: each once, two statements for all of them. Part of the caller's transaction.

    What moved nothing is no movement. Raises `Unbalanced` where the lines of one don't sum to zero.
    """
    _write(
        [
            (
                JournalEntry(
                    id=_key(posting.reference, posting.source.pk),
                    kind=posting.kind,
                    reference=posting.reference,
                    venue_id=posting.payment.venue_id,
                    payment=posting.payment,
                    source_type=posting.source._meta.model_name or "",
                    source_id=posting.source.pk,
                    currency=posting.currency or posting.payment.currency,
                    occurred_at=now,
                ),
                posting.lines,
            )
            for posting in postings
        ]
    )


def correct(entry: JournalEntry, amounts: Sequence[int], *, reason: str, by: Any, now: datetime) -> JournalEntry:
    """Undo an entry by its counter-entry, and book it anew with `amounts` for its lines, in their order.

    All of them zero: it is only undone. Returns the counter-entry. Raises `Unbalanced`, and `AlreadyCorrected` for an
    entry that was countered before or is a counter-entry itself.
    """
    with transaction.atomic():
        # The entry itself cannot be locked by a role that may not change it.
        if entry.payment_id:
            lock(entry.payment_id)
        wrong = JournalEntry.objects.get(pk=entry.pk)
        if wrong.counter_of_id or wrong.counter_entries.exists():
            raise AlreadyCorrected
        old = [Line(line.account, line.amount, line.recipient_id) for line in wrong.lines.order_by("position")]
        new = [Line(line.account, part, line.recipient_id) for line, part in zip(old, amounts, strict=True)]
        counter = _again(wrong, "counter", now, counter_of=wrong, reason=reason[:255], made_by=by)
        instead = _again(wrong, "instead", now, reason=reason[:255], made_by=by)
        _write([(counter, [Line(line.account, -line.amount, line.recipient_id) for line in old]), (instead, new)])
        facts = {"counter_entry": counter.pk, "reason": reason[:255]}
        record("ledger.corrected", wrong, new=facts, actor=by, venue_id=wrong.venue_id)
    return counter


# -- The movements --


def charged(payment: Payment, now: datetime) -> None:
    """The provider has the payer's money; whose it is was not settled, because it goes back."""
    post(_charge(payment), now=now)


def shared(payment: Payment, owed: Parts, now: datetime) -> None:
    """The provider has the payer's money, and it was divided: so much is `owed` to each, the rest is the platform's."""
    rest = payment.amount - sum(owed.values())
    lines = [
        Line(Account.UNALLOCATED, payment.amount),
        *(Line(Account.OWED, -amount, account) for account, amount in owed.items()),
        Line(Account.PLATFORM_FEES, -rest),
    ]
    post(_charge(payment), Posting(Kind.SHARE, payment, payment, lines), now=now)


def refunded(refund: Refund, parts: Parts, now: datetime) -> None:
    """The payer has so much back; each recipient bears its part, the platform the rest."""
    lines = [Line(_cash(refund.payment), -refund.amount), *_borne(refund.payment, refund.amount, parts)]
    post(Posting(Kind.REFUND, refund, refund.payment, lines), now=now)


def refund_came_back(refund: Refund, parts: Parts | None, now: datetime) -> None:
    """The payer's bank returned a refund: each recipient has its part again.

    `parts` as for `refunded`, positive; None: nobody was given anything back, and a person decides.
    """
    if parts is None:
        borne = [Line(Account.UNALLOCATED, -refund.amount)]
    else:
        borne = _borne(refund.payment, -refund.amount, {account: -part for account, part in parts.items()})
    lines = [Line(Account.GATEWAY, refund.amount), *borne]
    post(Posting(Kind.REFUND_RETURN, refund, refund.payment, lines), now=now)


def transferred(transfer: Transfer, now: datetime) -> None:
    """The provider moved `amount_sent` to the recipient."""
    sent = transfer.amount_sent
    lines = [Line(Account.OWED, sent, transfer.account_id), Line(Account.GATEWAY, -sent)]
    post(Posting(Kind.TRANSFER, transfer, transfer.payment, lines), now=now)


def transfer_reversed(reversal: TransferReversal, now: datetime) -> None:
    """The provider moved a part of a transfer back from the recipient."""
    transfer = reversal.transfer
    lines = [Line(Account.GATEWAY, reversal.amount), Line(Account.OWED, -reversal.amount, transfer.account_id)]
    post(Posting(Kind.REVERSAL, reversal, transfer.payment, lines), now=now)


def kept_at_till(transfer: Transfer, now: datetime) -> None:
    """The venue keeps what it took itself: its share, and the platform's with it."""
    kept = transfer.amount_sent
    lines = [Line(Account.OWED, kept, transfer.account_id), Line(Account.TILL, -kept)]
    post(Posting(Kind.TILL, transfer, transfer.payment, lines), now=now)


def paid_back_at_till(reversal: TransferReversal, now: datetime) -> None:
    """The venue paid the buyer back by itself: so much of that was its own."""
    transfer = reversal.transfer
    lines = [Line(Account.TILL, reversal.amount), Line(Account.OWED, -reversal.amount, transfer.account_id)]
    post(Posting(Kind.TILL_BACK, reversal, transfer.payment, lines), now=now)


def fee_returned(transfer: Transfer, now: datetime) -> None:
    """The rest that the venue paid back was the platform's part, which owes it that by `transfer`."""
    lines = [Line(Account.TILL, transfer.amount), Line(Account.OWED, -transfer.amount, transfer.account_id)]
    post(Posting(Kind.FEE_RETURN, transfer, transfer.payment, lines), now=now)


def debt_arose(debt: RecipientDebt) -> None:
    """What the recipient should have given back and could not is now its debt."""
    post(Posting(Kind.DEBT, debt, debt.transfer.payment, _indebted(debt, debt.amount)), now=timezone.now())


def debt_repaid(repayment: DebtRepayment) -> None:
    """A part of a debt was paid off by what the recipient is owed of another payment."""
    lines = _indebted(repayment.debt, -repayment.amount)
    post(Posting(Kind.DEBT_REPAYMENT, repayment, repayment.transfer.payment, lines), now=timezone.now())


def debt_forgiven(debt: RecipientDebt, amount: int) -> None:
    """So much of the debt is not owed any more; `amount_forgiven` has it already."""
    lines, serial = _indebted(debt, -amount), str(debt.amount_forgiven)
    post(Posting(Kind.DEBT_FORGIVEN, debt, debt.transfer.payment, lines, serial), now=timezone.now())


def dispute_held(dispute: Dispute, parts: Parts, now: datetime) -> None:
    """A dispute holds `amount_held` of its payment; each recipient bears its part, the platform the rest."""
    held = dispute.amount_held
    lines = [Line(Account.DISPUTES, -held), *_borne(dispute.payment, held, parts)]
    post(Posting(Kind.DISPUTE_HOLD, dispute, dispute.payment, lines, _since(dispute)), now=now)


def dispute_released(dispute: Dispute, held: int, parts: Parts, now: datetime) -> None:
    """A dispute held `held` and holds nothing any more; `parts` are what each recipient bears now, so negative."""
    lines = [Line(Account.DISPUTES, held), *_borne(dispute.payment, -held, parts)]
    post(Posting(Kind.DISPUTE_RELEASE, dispute, dispute.payment, lines, _since(dispute)), now=now)


def dispute_withdrawn(dispute: Dispute, now: datetime) -> None:
    """The provider took the claim out of the platform's balance."""
    lines = [Line(Account.DISPUTES, dispute.amount), Line(Account.GATEWAY, -dispute.amount)]
    post(
        Posting(Kind.DISPUTE_WITHDRAWAL, dispute, dispute.payment, lines, currency=dispute.currency),
        now=now,
    )


def dispute_returned(dispute: Dispute, now: datetime) -> None:
    """The provider gave the claim back to the platform's balance."""
    lines = [Line(Account.GATEWAY, dispute.amount), Line(Account.DISPUTES, -dispute.amount)]
    post(Posting(Kind.DISPUTE_RETURN, dispute, dispute.payment, lines, currency=dispute.currency), now=now)


def dispute_fee_taken(dispute: Dispute, now: datetime) -> None:
    """Bring the books to what the provider has kept as fees for the dispute, whenever that becomes known."""
    if not dispute.fee:
        return
    rows = LedgerLine.objects.filter(
        entry__payment_id=dispute.payment_id, entry__source_id=dispute.pk, account=Account.DISPUTE_FEES
    )
    more = dispute.fee - dispute.fee_returned - (rows.aggregate(sum=Sum("amount"))["sum"] or 0)
    lines = [Line(Account.DISPUTE_FEES, more), Line(Account.GATEWAY, -more)]
    serial = f"{dispute.fee}-{dispute.fee_returned}"
    post(
        Posting(Kind.DISPUTE_FEE, dispute, dispute.payment, lines, serial, dispute.fee_currency or dispute.currency),
        now=now,
    )


# -- How they are written --


def _cash(payment: Payment) -> str:
    """Where its money is."""
    return Account.TILL if payment.at_till else Account.GATEWAY


def _charge(payment: Payment) -> Posting:
    lines = [Line(_cash(payment), payment.amount), Line(Account.UNALLOCATED, -payment.amount)]
    return Posting(Kind.CHARGE, payment, payment, lines)


def _borne(payment: Payment, amount: int, parts: Parts) -> list[Line]:
    """Who bears `amount` that left the payment. Where it was never divided, it is what was received and not divided."""
    is_divided = bool(parts) or payment.splits.exists()
    rest = Line(Account.PLATFORM_FEES if is_divided else Account.UNALLOCATED, amount - sum(parts.values()))
    return [*(Line(Account.OWED, part, account) for account, part in parts.items()), rest]


def _indebted(debt: RecipientDebt, amount: int) -> list[Line]:
    return [Line(Account.DEBTS, amount, debt.account_id), Line(Account.OWED, -amount, debt.account_id)]


def _since(dispute: Dispute) -> str:
    """A dispute that was won may be lost later: each time it holds something is another."""
    return dispute.held_at.isoformat() if dispute.held_at else ""


def _again(entry: JournalEntry, how: str, now: datetime, **fields: Any) -> JournalEntry:
    """An entry about the same movement, so that sums by kind and source count it with the one that it corrects."""
    reference = f"{how}:{entry.reference}"
    same = ("kind", "venue_id", "payment_id", "source_type", "source_id", "currency")
    about = {name: getattr(entry, name) for name in same}
    return JournalEntry(id=_key(reference, entry.pk), reference=reference, occurred_at=now, **about, **fields)


def _write(entries: Sequence[tuple[JournalEntry, Sequence[Line]]]) -> None:
    """Rows whose keys are there already are left as they are: the key of an entry follows from its reference."""
    rows = []
    moved = [(entry, [line for line in lines if line.amount]) for entry, lines in entries]
    for entry, lines in moved:
        if sum(line.amount for line in lines):
            raise Unbalanced(gettext("The lines of {reference} do not sum to zero.").format(reference=entry.reference))
        rows += [
            LedgerLine(
                entry=entry,
                position=position,
                account=line.account,
                recipient_id=line.recipient_id,
                amount=line.amount,
                currency=entry.currency,
                occurred_at=entry.occurred_at,
            )
            for position, line in enumerate(lines)
        ]
    if rows:
        with transaction.atomic(savepoint=False):
            JournalEntry.objects.bulk_create([entry for entry, lines in moved if lines], ignore_conflicts=True)
            LedgerLine.objects.bulk_create(rows, ignore_conflicts=True)
            booked.send(sender=JournalEntry, entries=[entry for entry, lines in moved if lines])


def _key(reference: str, source_id: UUID) -> UUID:
    """The only key for a reference; it begins with the time of what it is about, so that an index grows at its end.

    A version 8 UUID (RFC 9562, section 5.8).
    """
    value = source_id.int >> 80 << 80 | int.from_bytes(sha256(reference.encode()).digest()[:10], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
