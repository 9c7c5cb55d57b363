"""Asking the provider about disputes: those a webhook speaks of, those that no webhook told of, those that are open."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext

from payments import disputes, gateways, recovery
from payments.gateways.base import DisputeOutcome
from payments.models import Dispute, Payment
from payments.pauses import each
from trufan.lib.errors import Missing

log = structlog.get_logger("trufan.payments")

#: How often an undecided dispute is asked about, how often new ones are looked for, and how far back.
RECHECK = timedelta(hours=6)
LOOK_EVERY = timedelta(hours=1)
LOOK_BACK = timedelta(days=3)


def refresh(provider: str, provider_id: str, now: datetime) -> Dispute | None:
    """Ask where a dispute stands and record it; None where it is over somebody else's payment.

    Called outside of any transaction. Raises `GatewayUnavailable`, `NeverHeard`, `NotSettledYet`.
    """
    return _take_note(provider, gateways.named(provider).look_up_dispute(provider_id), now)


def look_for(payment_id: UUID, now: datetime) -> list[Dispute]:
    """Ask for all disputes over one payment and record them. Raises `Missing`, `GatewayUnavailable`."""
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise Missing(gettext("There is no such payment."))
    return [disputes.record(payment, told, now) for told in gateways.named(payment.provider).disputes_of(payment)]


def refresh_due(now: datetime, limit: int = 100) -> int:
    """The sweep `payments.disputes`: ask about undecided disputes that nobody asked about lately; returns how many."""
    undecided = Dispute.objects.exclude(status__in=["won", "lost", "prevented"]).filter(checked_at__lte=now - RECHECK)
    return each(undecided.order_by("checked_at")[:limit], partial(_claim, now=now))


def look_for_new(now: datetime) -> int:
    """The sweep `payments.new_disputes`: find what no webhook told of, once an hour; returns how many were new."""
    found = 0
    for provider in filter(gateways.is_served, gateways.PROVIDERS):
        if not cache.add(f"payments.disputes.{provider}", True, LOOK_EVERY.total_seconds()):
            continue
        opened = gateways.named(provider).disputes_since(now - LOOK_BACK)
        told = {outcome.provider_id: outcome for outcome in opened}
        known = Dispute.objects.filter(provider=provider, provider_id__in=told).values_list("provider_id", flat=True)
        unknown = [told[provider_id] for provider_id in told.keys() - set(known)]
        found += each(unknown, partial(_is_ours, provider=provider, now=now))
    return found


def _claim(dispute: Dispute, now: datetime) -> bool:
    """Refresh one dispute unless another sweep came first."""
    if not Dispute.objects.filter(pk=dispute.pk, checked_at=dispute.checked_at).update(checked_at=now):
        return False
    refresh(dispute.provider, dispute.provider_id, now)
    return True


def _is_ours(told: DisputeOutcome, provider: str, now: datetime) -> bool:
    return _take_note(provider, told, now) is not None


def _take_note(provider: str, told: DisputeOutcome, now: datetime) -> Dispute | None:
    payment = payment_of(provider, told)
    if payment is None:
        log.warning("dispute_of_unknown_payment", dispute=told.provider_id, provider=provider)
        return None
    if payment.status != Payment.Status.SUCCEEDED:
        # The news of the dispute overtook those of the payment.
        recovery.refresh(payment.pk, now)
    return disputes.record(payment, told, now)


def payment_of(provider: str, told: DisputeOutcome) -> Payment | None:
    """The payment that a dispute is over; None where it is somebody else's."""
    mine = Q(provider_id=told.provider_payment_id) if told.provider_payment_id else Q(pk=None)
    if told.payment_id:
        mine |= Q(pk=told.payment_id, provider_id=None)
    return Payment.objects.filter(mine, provider=provider).first()
