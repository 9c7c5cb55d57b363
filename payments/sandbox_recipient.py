"""The other side of the sandbox's onboarding: the recipient fills in the provider's form, and takes its money home."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from payments import gateways, onboarding
from payments.gateways import sandbox_recipients
from payments.gateways.sandbox import SandboxGateway
from payments.models import ConnectedAccount, SandboxAccount
from trufan.lib.errors import Missing


def complete(account_id: UUID, secret: str, outcome: str, now: datetime) -> ConnectedAccount:
    """Play the provider's form: the account becomes `outcome` ("ready", "restricted" or "disabled").

    Whoever holds the link is the recipient. Raises `Missing`, also for a wrong secret.
    """
    if not gateways.is_served(SandboxGateway.name):
        raise Missing
    account = ConnectedAccount.objects.filter(pk=account_id, provider=SandboxGateway.name).first()
    if account is None or not account.provider_id:
        raise Missing(gettext("There is no such account, or this is not its secret."))
    kept = sandbox_recipients.account_of(account)
    if not hmac.compare_digest(kept.secret.encode(), secret.encode()):
        raise Missing(gettext("There is no such account, or this is not its secret."))
    return play(account, outcome, now)


def play(account: ConnectedAccount, outcome: str, now: datetime) -> ConnectedAccount:
    """Let the sandbox's account become `outcome`, and hear of it at once."""
    kept = sandbox_recipients.account_of(account)
    SandboxAccount.objects.filter(pk=kept.pk).update(status=outcome)
    return onboarding.refresh(account, now)


def pay_out(account: ConnectedAccount) -> int:
    """Empty the account's balance to its bank; returns how much left. A reversal then finds nothing."""
    kept = sandbox_recipients.account_of(account)
    left = sandbox_recipients.balance(kept)
    SandboxAccount.objects.filter(pk=kept.pk).update(paid_out=kept.paid_out + left)
    return left
