"""Recipients of shares: opened at the provider, led through its form, and asked about until they are ready."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, Sum

from audit.trail import CALLER, record
from payments import account_notices, gateways, tasks
from payments.errors import GatewayUnavailable, NeverHeard
from payments.gateways.base import AccountOutcome, OnboardingLink
from payments.models import ConnectedAccount
from payments.pauses import each
from trufan.lib import nudging

log = structlog.get_logger("trufan.payments")

#: How often the sweep asks about a recipient that is owed money and not ready.
RECHECK = timedelta(minutes=15)


def new_account(*, venue_id: UUID, name: str, country: str, currency: str, contact_email: str = "") -> ConnectedAccount:
    """A recipient of a venue, whom shares may be owed from now on; the provider hears of it at `start`."""
    return ConnectedAccount.objects.create(
        venue_id=venue_id,
        name=name,
        country=country,
        default_currency=currency,
        contact_email=contact_email,
        provider=gateways.current().name,
    )


def start(account: ConnectedAccount, *, by: Any) -> OnboardingLink:
    """A fresh link to the provider's form; the account is opened there first if it was not.

    Called outside of any transaction. Raises `GatewayUnavailable` (the same call may be made again), `GatewayRefused`.
    """
    gateway = gateways.paying(account.provider)
    if not account.provider_id:
        account = settle(account.pk, gateway.open_account(account), None)
    link = gateway.onboarding_link(account, settings.FRONTEND_URL)
    record("account.onboarding_started", account, actor=by, venue_id=account.venue_id)
    return link


def refresh(account: ConnectedAccount, now: datetime) -> ConnectedAccount:
    """Ask the provider how the account stands, and record it; as last known where the provider does not answer.

    Called outside of any transaction; `checked_at` says how fresh the answer is.
    """
    try:
        return check(account, now)
    except GatewayUnavailable:
        log.warning("account_not_checked", account=str(account.pk))
        return account


def check(account: ConnectedAccount, now: datetime) -> ConnectedAccount:
    """Ask the provider how the account stands, and record it. Called outside of any transaction.

    Raises `GatewayUnavailable`.
    """
    if not account.provider_id:
        return account
    try:
        outcome = gateways.paying(account.provider).look_up_account(account)
    except NeverHeard:
        outcome = AccountOutcome(account.provider_id, ConnectedAccount.Status.DISABLED)
    return settle(account.pk, outcome, now)


def waiting_for(account: ConnectedAccount) -> list[tuple[str, int, int]]:
    """`(currency, minor units, how many shares)` that are owed to the account and not sent, by currency."""
    owed = account.transfers.filter(status="owed").order_by("currency").values("currency")
    due = F("amount") - F("amount_reversed") + F("amount_indebted") - F("amount_withheld")
    return list(owed.annotate(total=Sum(due), count=Count("pk")).values_list("currency", "total", "count"))


def refresh_due(now: datetime, limit: int = 50) -> int:
    """The sweep `payments.accounts`: ask about recipients that are owed money and not ready; returns how many."""
    waiting = ConnectedAccount.objects.filter(transfers__status="owed").exclude(provider_id=None)
    stale = waiting.exclude(status=ConnectedAccount.Status.READY).filter(
        Q(checked_at=None) | Q(checked_at__lte=now - RECHECK)
    )
    return each(stale.distinct().order_by(F("checked_at").asc(nulls_first=True))[:limit], partial(_ask, now=now))


def settle(account_id: UUID, outcome: AccountOutcome, now: datetime | None) -> ConnectedAccount:
    """Record how the provider says the account stands; once it is ready, what it is owed is sent.

    `now` is when it was asked, None where it only opened the account. An answer that was asked for before the one that
    stands here is late, and changes nothing.
    """
    with transaction.atomic():
        account = ConnectedAccount.objects.select_for_update(no_key=True).get(pk=account_id)
        if now and account.checked_at and now < account.checked_at:
            return account
        before, wanted = account.status, set(account.requirements)
        account.provider_id = account.provider_id or outcome.provider_id
        account.status, account.requirements = outcome.status, list(outcome.requirements)
        account.checked_at = now or account.checked_at
        account.save(update_fields=["provider_id", "status", "requirements", "checked_at", "updated_at"])
        if account.status != before:
            record(
                "account.changed",
                account,
                old={"status": before},
                new={"status": account.status},
                actor=CALLER,
                venue_id=account.venue_id,
            )
        if now and account.venue_id and set(account.requirements) - wanted:
            account_notices.tell(account)
        if account.is_ready and before != account.status:
            nudging.after_commit(tasks.send_transfers_to, str(account.pk))
    return account


def _ask(account: ConnectedAccount, now: datetime) -> bool:
    refresh(account, now)
    return True
