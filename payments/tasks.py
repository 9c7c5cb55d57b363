"""Nudges. The truth is the row; what a lost nudge leaves behind, a sweep picks up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.contrib.auth import get_user_model
from django.utils import timezone


@shared_task
def execute_refund(refund_id: str) -> None:
    """Send a refund to its gateway."""
    from payments import refunds

    refunds.execute(UUID(refund_id), timezone.now())


@shared_task
def cancel_payment(payment_id: str) -> None:
    """End an open payment whose payable was given up."""
    from payments import recovery

    recovery.refresh(UUID(payment_id), timezone.now())


@shared_task
def process_webhook(event_id: str) -> None:
    """Act on a stored webhook."""
    from payments import webhooks

    webhooks.process(UUID(event_id), timezone.now())


@shared_task
def look_for_disputes(payment_id: str) -> None:
    """Ask the provider for disputes over a payment."""
    from payments import dispute_recovery

    dispute_recovery.look_for(UUID(payment_id), timezone.now())


@shared_task
def send_transfers(payment_id: str) -> None:
    """Send what the recipients of a payment are owed."""
    from payments import transfers

    transfers.send_of_payment(UUID(payment_id), timezone.now())


@shared_task
def send_transfers_to(account_id: str) -> None:
    """Send what waited for a recipient to become ready."""
    from payments import transfers

    transfers.send_to(UUID(account_id), timezone.now())


@shared_task
def execute_reversals(payment_id: str) -> None:
    """Take back from a payment's recipients what its buyer got back."""
    from payments import reversals

    reversals.execute_of_payment(UUID(payment_id), timezone.now())


@shared_task
def reconcile(provider: str) -> None:
    """Compare our books with the provider's, if it is their turn."""
    from payments import reconciliation

    reconciliation.reconcile_if_due(provider, timezone.now())


@shared_task
def reconcile_since(provider: str, since: str, by: str) -> None:
    """Compare our books with the provider's since then, because a person asked."""
    from payments import reconciliation

    asker = get_user_model().objects.get(pk=by)
    reconciliation.reconcile(provider, datetime.fromisoformat(since), timezone.now(), by=asker)
