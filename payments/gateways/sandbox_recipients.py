"""The sandbox's side of shared revenue: accounts with a balance, transfers to them, and their way back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from payments.errors import GatewayRefused, InsufficientBalance, NeverHeard, RecipientNotReady
from payments.gateways.base import AccountOutcome, OnboardingLink
from payments.models import (
    ConnectedAccount,
    SandboxAccount,
    SandboxIntent,
    SandboxReversal,
    SandboxTransfer,
    Transfer,
    TransferReversal,
)

LINK_LIVES = timedelta(minutes=10)
#: What the sandbox asks of a recipient until somebody plays its form.
REQUIREMENTS = ("representative.first_name", "external_account")


class SandboxRecipients:
    """The recipients' part of `payments.gateways.base.Gateway`."""

    def smallest_unit(self, currency: str) -> int:
        return 1

    def open_account(self, account: ConnectedAccount) -> AccountOutcome:
        SandboxAccount.objects.bulk_create([SandboxAccount(key=account.idempotency_key)], ignore_conflicts=True)
        return _account_outcome(SandboxAccount.objects.get(key=account.idempotency_key))

    def onboarding_link(self, account: ConnectedAccount, return_url: str) -> OnboardingLink:
        kept = account_of(account)
        url = f"{settings.PUBLIC_URL}/api/v1/sandbox/accounts/{account.pk}/complete?secret={kept.secret}"
        return OnboardingLink(url, timezone.now() + LINK_LIVES)

    def look_up_account(self, account: ConnectedAccount) -> AccountOutcome:
        return _account_outcome(account_of(account))

    def transfer(self, transfer: Transfer) -> str:
        with transaction.atomic():
            intent = SandboxIntent.objects.select_for_update().filter(key=transfer.payment.idempotency_key).first()
            account = account_of(transfer.account)
            kept = SandboxTransfer.objects.filter(key=transfer.idempotency_key).first()
            if kept is None:
                kept = _book_transfer(transfer, intent, account)
            elif (kept.amount, kept.account_id) != (transfer.amount_sent, account.pk):
                raise GatewayRefused("This idempotency key was used with other parameters.")
        return kept.provider_id

    def reverse(self, reversal: TransferReversal) -> str:
        with transaction.atomic():
            made = SandboxTransfer.objects.get(pk=_key_of(reversal.transfer.provider_id or "", "tr_sandbox_"))
            account = SandboxAccount.objects.select_for_update().get(pk=made.account_id)
            kept = SandboxReversal.objects.filter(key=reversal.idempotency_key).first()
            if kept is None:
                kept = _book_reversal(reversal, made, account)
            elif kept.amount != reversal.amount:
                raise GatewayRefused("This idempotency key was used with other parameters.")
        return kept.provider_id


def account_of(account: ConnectedAccount) -> SandboxAccount:
    """The sandbox's own row of a recipient. Raises `NeverHeard`."""
    found = SandboxAccount.objects.filter(pk=_key_of(account.provider_id or "", "acct_sandbox_")).first()
    if found is None:
        raise NeverHeard("The sandbox knows no such account.")
    return found


def balance(account: SandboxAccount) -> int:
    """What the account holds: transfers less reversals less what was paid out to its bank, in minor units."""
    came = account.transfers.aggregate(sum=Sum("amount"))["sum"] or 0
    went = SandboxReversal.objects.filter(transfer__account=account).aggregate(sum=Sum("amount"))["sum"] or 0
    return came - went - account.paid_out


def _book_transfer(transfer: Transfer, intent: SandboxIntent | None, account: SandboxAccount) -> SandboxTransfer:
    """Write the transfer unless the charge does not cover it; the caller holds the intent's row."""
    if account.status != ConnectedAccount.Status.READY:
        raise RecipientNotReady
    if transfer.payment.at_till and not transfer.is_share:
        # It was never charged here: what the platform owes of it comes out of the platform's balance.
        return SandboxTransfer.objects.create(
            key=transfer.idempotency_key, account=account, amount=transfer.amount_sent, currency=transfer.currency
        )
    # What brings back a part of a share comes out of the platform's balance; the charge has no say in it.
    most = intent.amount - _out_of(intent) if intent and transfer.is_share else transfer.amount_sent
    if intent is None or intent.status != "succeeded" or transfer.amount_sent > most:
        raise GatewayRefused("The transfer is greater than what is left of the charge.")
    return SandboxTransfer.objects.create(
        key=transfer.idempotency_key,
        # What a won dispute brings back comes out of the platform's balance, not out of the charge.
        intent=intent if transfer.dispute_id is None else None,
        account=account,
        amount=transfer.amount_sent,
        currency=transfer.currency,
    )


def _out_of(intent: SandboxIntent) -> int:
    """What of the charge is with recipients: what came back of it can be sent once more."""
    moved: int = intent.transfers.aggregate(sum=Sum("amount"))["sum"] or 0
    back: int = SandboxReversal.objects.filter(transfer__intent=intent).aggregate(sum=Sum("amount"))["sum"] or 0
    return moved - back


def _book_reversal(reversal: TransferReversal, made: SandboxTransfer, account: SandboxAccount) -> SandboxReversal:
    """Write the reversal unless transfer or balance do not cover it; the caller holds the account's row."""
    gone = made.reversals.aggregate(sum=Sum("amount"))["sum"] or 0
    if reversal.amount > made.amount - gone:
        raise GatewayRefused("The reversal is greater than what is left of the transfer.")
    if reversal.amount > balance(account):
        raise InsufficientBalance
    return SandboxReversal.objects.create(key=reversal.idempotency_key, transfer=made, amount=reversal.amount)


def _account_outcome(kept: SandboxAccount) -> AccountOutcome:
    status = ConnectedAccount.Status(kept.status)
    asks = REQUIREMENTS if status == ConnectedAccount.Status.RESTRICTED else ()
    return AccountOutcome(kept.provider_id, status, asks)


def _key_of(provider_id: str, prefix: str) -> UUID:
    try:
        return UUID(provider_id.removeprefix(prefix))
    except ValueError:
        raise NeverHeard("The sandbox knows no such row.") from None
