"""What tests of shared revenue start from: an order of many parts, recipients, and the sums that must hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from orders.models import Order, OrderItem
from payments import onboarding, sandbox_recipient
from payments.book_checks import mismatches
from payments.gateways import sandbox_recipients
from payments.models import (
    ConnectedAccount,
    LedgerLine,
    Payment,
    PaymentSplit,
    RecipientDebt,
    SandboxReversal,
    SandboxTransfer,
    Transfer,
)
from payments.tests.factories import OrderFactory
from trufan.lib.ids import uuid7


def recipient(venue: Any, name: str = "Taco stand", *, ready: bool = True) -> ConnectedAccount:
    """A recipient beside the venue itself, known to the sandbox."""
    account = onboarding.new_account(venue_id=venue.pk, name=name, country="US", currency=venue.currency)
    onboarding.start(account, by=None)
    account.refresh_from_db()
    return sandbox_recipient.play(account, "ready", timezone.now()) if ready else account


def order_of(
    venue: Any, lines: Sequence[tuple[ConnectedAccount | None, int, int]], *, tip: int = 0, currency: str = "USD"
) -> Order:
    """A pending order with a line for each (recipient, total, platform fee)."""
    total = sum(line[1] for line in lines) + tip
    order: Order = OrderFactory(venue=venue, currency=currency, subtotal=total - tip, tip=tip, amount_total=total)
    OrderItem.objects.bulk_create(
        OrderItem(
            order=order, position=n, item_type="ticket", item_id=uuid7(), description="A thing", quantity=1,
            unit_price=amount, net=amount, total=amount, platform_fee=fee, recipient=account,
        )
        for n, (account, amount, fee) in enumerate(lines)
    )  # fmt: skip
    return order


def assert_books_hold(payments: Sequence[Payment] = ()) -> None:
    """Whatever happened: parts sum to wholes, and everyone has what is due, but for what is written down as a debt."""
    for payment in Payment.objects.filter(pk__in=[each.pk for each in payments]) if payments else Payment.objects.all():
        splits = PaymentSplit.objects.filter(payment=payment)
        if splits:
            assert sum(split.amount for split in splits) == payment.amount
        for account in {transfer.account_id for transfer in payment.transfers.all()}:
            share = sum(split.amount for split in splits.filter(account=account))
            rows = payment.transfers.filter(account=account)
            assert [row.amount for row in rows if row.is_share] == [share]
            given = share - sum(row.amount - row.amount_reversed for row in rows)
            exact = share * payment.amount_gone
            assert exact // payment.amount <= given <= -(-exact // payment.amount)
    assert [str(mismatch) for mismatch in mismatches()] == []


def booked(account: ConnectedAccount, name: str = "owed") -> int:
    """What the books say that a recipient is owed, or (`debts`) owes."""
    sum_of = LedgerLine.objects.filter(recipient=account, account=name).aggregate(sum=Sum("amount"))["sum"] or 0
    return -sum_of if name == "owed" else sum_of


def due(account: ConnectedAccount) -> int:
    """Shares less what of them went back to buyers."""
    rows = Transfer.objects.filter(account=account)
    return rows.aggregate(sum=Sum(F("amount") - F("amount_reversed")))["sum"] or 0


def debt(account: ConnectedAccount) -> int:
    return (
        RecipientDebt.objects.filter(account=account).aggregate(
            sum=Sum(F("amount") - F("amount_repaid") - F("amount_forgiven"))
        )["sum"]
        or 0
    )


def received(account: ConnectedAccount) -> int:
    """What the sandbox really moved to the recipient, and did not take back."""
    kept = sandbox_recipients.account_of(account)
    came = SandboxTransfer.objects.filter(account=kept).aggregate(sum=Sum("amount"))["sum"] or 0
    went = SandboxReversal.objects.filter(transfer__account=kept).aggregate(sum=Sum("amount"))["sum"] or 0
    return came - went
