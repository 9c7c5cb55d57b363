"""Where a venue's money goes: its account at the payment provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from payments import gateways, onboarding
from payments.gateways.base import OnboardingLink
from payments.models import ConnectedAccount
from venues.models import Venue


def recipient_of(venue: Venue) -> UUID:
    """The account that the venue's shares are owed to; one that nobody has set up yet keeps them until it is ready."""
    return venue.connected_account_id or account_of(venue).pk


def account_of(venue: Venue) -> ConnectedAccount:
    """The venue's account with the provider in use, made where there is none.

    A venue that changed providers gets a new one; what the old one is owed stays with the old one.
    """
    with transaction.atomic():
        # The venue's row without its key, so that orders being placed there do not wait.
        locked = Venue.objects.select_for_update(no_key=True).get(pk=venue.pk)
        account = locked.connected_account
        if account is None or account.provider != gateways.current().name:
            account = onboarding.new_account(
                venue_id=venue.pk,
                name=venue.name,
                country=venue.country,
                currency=venue.currency,
                contact_email=venue.contact_email,
            )
            Venue.objects.filter(pk=venue.pk).update(connected_account=account)
    venue.connected_account_id = account.pk
    return account


def begin(venue: Venue, *, by: Any) -> OnboardingLink:
    """A fresh link to the provider's form for the venue. Raises `GatewayUnavailable`, `GatewayRefused`."""
    account = account_of(venue)
    if venue.contact_email and not (account.contact_email or account.provider_id):
        account.contact_email = venue.contact_email
        account.save(update_fields=["contact_email", "updated_at"])
    return onboarding.start(account, by=by)


def standing(venue: Venue, now: datetime) -> ConnectedAccount | None:
    """The venue's account as the provider has it at `now`; None where it has none yet."""
    account = venue.connected_account
    return account and onboarding.refresh(account, now)
