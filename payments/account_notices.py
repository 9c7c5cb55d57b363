"""Telling those who manage a venue's payouts that the provider wants to know more of a recipient."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

from accounts import grants, spoken
from accounts.grants import Permission
from notifications import outbox
from payments.models import ConnectedAccount
from payments.requirements import all_in_words
from trufan.lib.console.columns import change_url


def tell(account: ConnectedAccount) -> None:
    """Queue a message to each of them, with all that is wanted now, in words of their language. Part of the caller's
    transaction."""
    for person in grants.holders_of((Permission.MANAGE_PAYOUTS,), account.venue_id):
        with translation.override(spoken.of(person) or settings.LANGUAGE_CODE):
            wants = all_in_words(account.requirements)
        context = {
            "account": account.name,
            "wants": wants,
            "console_url": f"{settings.PUBLIC_URL}{change_url(account)}",
        }
        outbox.notify(
            "payout_account_needs", user=person, email=person.email, venue_id=account.venue_id, context=context
        )
