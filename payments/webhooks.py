"""What providers tell us: verified on the raw bytes, kept first and once, acted on after and as often as it takes.

A webhook is only a reason to ask. What it says of the payment is not believed; the gateway is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from payments import dispute_recovery, gateways, onboarding, recovery, refunds, tasks
from payments.errors import BadWebhook
from payments.gateways.base import IncomingEvent
from payments.models import ConnectedAccount, Payment, Refund, WebhookEvent
from payments.pauses import LEASE, each, pause
from trufan.lib import nudging
from trufan.lib.errors import Missing

log = structlog.get_logger("trufan.payments")

MAX_BYTES = 256 * 1024
#: How a signed webhook is told from its bytes, its headers and the time it came.
Reader = Callable[[bytes, Mapping[str, str], datetime], IncomingEvent]


def receive(
    provider: str, raw: bytes, headers: Mapping[str, str], now: datetime, read: Reader | None = None
) -> WebhookEvent:
    """Keep what a provider sent, once, and act on it after the commit; `read` where it has another kind of webhook.

    Raises `Missing` for a provider that is not served here, and `BadWebhook` or `BadSignature`, which leave no row.
    """
    if not gateways.is_served(provider):
        raise Missing
    if len(raw) > MAX_BYTES:
        raise BadWebhook(gettext("This webhook is too large."))
    event = (read or gateways.named(provider).read_webhook)(raw, headers, now)
    with transaction.atomic():
        kept, is_new = WebhookEvent.objects.get_or_create(
            provider=provider,
            provider_id=event.id,
            defaults={"type": event.type, "payload": event.payload, "next_attempt_at": now},
        )
        if is_new:
            nudging.after_commit(tasks.process_webhook, str(kept.pk))
    return kept


def process(event_id: UUID, now: datetime) -> bool:
    """Act on one stored event if it is due and nobody else is at it; returns whether it was tried.

    Called outside of any transaction. A failure is kept with the event and tried again after a growing pause.
    """
    due = WebhookEvent.objects.filter(pk=event_id, processed_at=None, next_attempt_at__lte=now)
    if not due.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    event = WebhookEvent.objects.get(pk=event_id)
    try:
        payment = _act(event, now)
    except Exception as failure:
        log.exception("webhook_failed", webhook=str(event.pk), type=event.type, attempts=event.attempts)
        event.error = f"{type(failure).__name__}: {failure}"
        event.next_attempt_at = now + pause(event.attempts)
    else:
        event.payment, event.processed_at, event.error = payment, now, ""
    event.save(update_fields=["payment", "processed_at", "error", "next_attempt_at", "updated_at"])
    return True


def process_due(now: datetime, limit: int = 100) -> int:
    """The sweep `payments.webhooks`: act on what a crash or a failure left; returns how many were tried."""
    due = WebhookEvent.objects.filter(processed_at=None, next_attempt_at__lte=now).order_by("next_attempt_at")
    return each(due.values_list("pk", flat=True)[:limit], partial(process, now=now))


def replay(events: QuerySet[WebhookEvent], now: datetime) -> tuple[int, int]:
    """Act on stored events again, whatever became of them before; returns how many were tried and how many failed."""
    chosen = list(events.order_by("created_at").values_list("pk", flat=True))
    for pk in chosen:
        WebhookEvent.objects.filter(pk=pk).update(processed_at=None, next_attempt_at=now, attempts=0)
        process(pk, now)
    return len(chosen), WebhookEvent.objects.filter(pk__in=chosen, processed_at=None).count()


def _act(event: WebhookEvent, now: datetime) -> Payment | None:
    """Ask the provider about what the event speaks of. One of somebody else's payments is no concern of ours."""
    told = gateways.named(event.provider).parse_event(event.payload)
    if told.provider_dispute_id:
        dispute = dispute_recovery.refresh(event.provider, told.provider_dispute_id, now)
        return dispute.payment if dispute else None
    if told.provider_account_id:
        known = ConnectedAccount.objects.filter(provider=event.provider, provider_id=told.provider_account_id)
        for account in known:
            onboarding.check(account, now)
        return None
    if told.provider_refund_id:
        refund = _refund_of(event.provider, told)
        return refunds.refresh(refund, now).payment if refund else None
    if not (told.provider_payment_id or told.payment_id):
        return None
    payment = _payment_of(event.provider, told)
    if payment is None:
        log.warning("webhook_of_unknown_payment", webhook=str(event.pk), type=event.type)
        return None
    return recovery.refresh(payment.pk, now)


def _refund_of(provider: str, told: IncomingEvent) -> Refund | None:
    mine = Q(provider_id=told.provider_refund_id)
    if told.refund_id:
        mine |= Q(pk=told.refund_id, provider_id=None)
    return Refund.objects.select_related("payment").filter(mine, payment__provider=provider).first()


def _payment_of(provider: str, told: IncomingEvent) -> Payment | None:
    """By the provider's id, or by ours: the webhook may overtake the answer that would have told us the provider's."""
    mine = Q(provider_id=told.provider_payment_id) if told.provider_payment_id else Q(pk=None)
    if told.payment_id:
        mine |= Q(pk=told.payment_id, provider_id=None)
    return Payment.objects.filter(mine, provider=provider).first()
