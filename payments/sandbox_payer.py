"""The other side of the sandbox: the payer's second step, the bank that decides, and the webhooks it sends.

A real provider does both on its own: the step in the payer's browser, the webhook over the wire.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext

from payments import dispute_recovery, gateways, recovery, webhooks
from payments.gateways import sandbox_disputes, signatures
from payments.gateways.sandbox import HEADER, SandboxGateway, change, ripen
from payments.models import Dispute, Payment, SandboxDispute, SandboxIntent
from payments.pauses import LEASE, each
from trufan.lib.errors import InvalidMove, Missing

EVENT_TYPES = {
    Payment.Status.SUCCEEDED: "payment_intent.succeeded",
    Payment.Status.FAILED: "payment_intent.payment_failed",
    Payment.Status.CANCELLED: "payment_intent.canceled",
}


def confirm(payment_id: UUID, client_secret: str, outcome: str, now: datetime) -> Payment:
    """Play the payer's second step: `outcome` is "succeed" or "fail"; its webhook is sent at once.

    The answer does not wait for the webhook to be acted on, just as the payer's browser knows before we do.

    Whoever holds the client secret is the payer. Raises `Missing` (also for a wrong secret) and `InvalidMove`.
    """
    if not gateways.is_served(SandboxGateway.name):
        raise Missing
    intent = SandboxIntent.objects.filter(reference=payment_id).first()
    # Without an intent the comparison still takes place, against nothing that can match.
    expected = intent.client_secret if intent else ""
    if not hmac.compare_digest(expected.encode(), client_secret.encode()) or intent is None:
        raise Missing(gettext("There is no such payment, or this is not its secret."))
    to, code = (
        (Payment.Status.SUCCEEDED, "") if outcome == "succeed" else (Payment.Status.FAILED, "authentication_failed")
    )
    if not change(intent, Payment.Status.REQUIRES_ACTION, to, now, code):
        raise InvalidMove(intent, to)
    deliver(intent, now)
    return recovery.refresh(payment_id, now) or Payment.objects.get(pk=payment_id)


def deliver_due(now: datetime, limit: int = 200) -> int:
    """The sweep `payments.sandbox_webhooks`: send every webhook whose time has come; returns how many."""
    if not gateways.is_served(SandboxGateway.name):
        return 0
    due = SandboxIntent.objects.filter(webhook_due_at__lte=now).order_by("webhook_due_at")[:limit]
    disputed = SandboxDispute.objects.filter(webhook_due_at__lte=now).order_by("webhook_due_at")[:limit]
    return each(due, partial(deliver, now=now)) + each(
        disputed.select_related("intent"), partial(deliver_dispute, now=now)
    )


def decide_dispute(dispute: Dispute, outcome: str, now: datetime) -> None:
    """Play the bank: `outcome` is a status of a dispute, such as "won" or "lost"; it is heard of at once.

    Raises `Missing` where the dispute is not the sandbox's, `GatewayRefused` where it cannot become that.
    """
    if dispute.provider != SandboxGateway.name or not gateways.is_served(SandboxGateway.name):
        raise Missing(gettext("There is no such dispute in the sandbox."))
    sandbox_disputes.decide(sandbox_disputes.dispute_of(dispute.provider_id), outcome, now)
    dispute_recovery.refresh(dispute.provider, dispute.provider_id, now)


def deliver(intent: SandboxIntent, now: datetime) -> bool:
    """Send the intent's webhook unless another process does; what is not received is sent again."""
    ripen(intent, now)
    unsent = SandboxIntent.objects.filter(pk=intent.pk, webhook_due_at=intent.webhook_due_at, webhook_due_at__lte=now)
    if not unsent.update(webhook_due_at=now + LEASE):
        return False
    raw, headers = webhook_for(intent, intent.webhook_state, now)
    webhooks.receive(SandboxGateway.name, raw, headers, now)
    # A change that came in between has set a time of its own.
    SandboxIntent.objects.filter(pk=intent.pk, webhook_due_at=now + LEASE).update(webhook_due_at=None)
    return True


def webhook_for(intent: SandboxIntent, state: str, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The signed bytes and headers that tell of `state`; the same state always under the same event id."""
    body: dict[str, Any] = {
        "id": f"evt_sandbox_{intent.pk.hex}_{state}",
        "type": EVENT_TYPES[Payment.Status(state)],
        "created": int(now.timestamp()),
        "data": {
            "object": {
                "id": intent.provider_id,
                "status": state,
                "amount": intent.amount,
                "currency": intent.currency,
                "metadata": {"payment": str(intent.reference)},
            }
        },
    }
    raw = json.dumps(body).encode()
    return raw, {HEADER: signatures.sign(raw, settings.SANDBOX_WEBHOOK_SECRET, now)}


def deliver_dispute(kept: SandboxDispute, now: datetime) -> bool:
    """Send the dispute's webhook unless another process does; what is not received is sent again."""
    unsent = SandboxDispute.objects.filter(pk=kept.pk, webhook_due_at=kept.webhook_due_at, webhook_due_at__lte=now)
    if not unsent.update(webhook_due_at=now + LEASE):
        return False
    webhooks.receive(SandboxGateway.name, *dispute_webhook_for(kept, now), now)
    SandboxDispute.objects.filter(pk=kept.pk, webhook_due_at=now + LEASE).update(webhook_due_at=None)
    return True


def dispute_webhook_for(kept: SandboxDispute, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The signed bytes and headers that tell of the dispute as it stands; the same state under the same event id."""
    is_new = kept.status in (Dispute.Status.NEEDS_RESPONSE, Dispute.Status.WARNING_NEEDS_RESPONSE)
    is_over = kept.status in (Dispute.Status.WON, Dispute.Status.LOST, Dispute.Status.WARNING_CLOSED)
    body: dict[str, Any] = {
        "id": f"evt_sandbox_{kept.pk.hex}_{kept.status}",
        "type": f"charge.dispute.{'created' if is_new else 'closed' if is_over else 'updated'}",
        "created": int(now.timestamp()),
        "data": {
            "object": {
                "object": "dispute",
                "id": kept.provider_id,
                "status": kept.status,
                "amount": kept.amount,
                "currency": kept.intent.currency,
                "metadata": {"payment": str(kept.intent.reference)},
            }
        },
    }
    raw = json.dumps(body).encode()
    return raw, {HEADER: signatures.sign(raw, settings.SANDBOX_WEBHOOK_SECRET, now)}
