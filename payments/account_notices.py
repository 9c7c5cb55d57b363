"""Telling those who manage a venue's payouts that the provider wants to know more of a recipient."""

from __future__ import annotations

from django.conf import settings

from accounts import grants
from accounts.grants import Permission
from notifications import outbox
from payments.models import ConnectedAccount
from trufan.lib.console.columns import change_url


def tell(account: ConnectedAccount) -> None:
    """Queue a message to each of them, with all that is wanted now. Part of the caller's transaction."""
    context = {
        "account": account.name,
        "wants": [str(each).replace("_", " ").replace(".", ": ") for each in account.requirements],
        "console_url": f"{settings.PUBLIC_URL}{change_url(account)}",
    }
    for person in grants.holders_of((Permission.MANAGE_PAYOUTS,), account.venue_id):
        outbox.notify(
            "payout_account_needs", user=person, email=person.email, venue_id=account.venue_id, context=context
        )
