"""Answering a dispute: evidence for the bank, once, or giving it up. Called outside of any transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from payments import dispute_recovery, disputes, gateways
from payments.errors import NoAnswerAwaited
from payments.models import Dispute
from trufan.lib.errors import Invalid

#: What Stripe takes in one text field of the evidence.
LONGEST = 20_000


def submit(dispute: Dispute, *, text: str, by: Any, now: datetime) -> Dispute:
    """Send the bank what speaks for us; it decides, in weeks.

    Raises `Invalid` for an empty or too long text, `NoAnswerAwaited`, `GatewayUnavailable` (press again: the provider
    takes one answer), `GatewayRefused`.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Invalid.field("text", f"Say why the payment was right, in at most {LONGEST} characters.")
    claimed = _claim(dispute, "dispute.answered", by, now, evidence=text)
    told = gateways.named(claimed.provider).submit_evidence(claimed)
    Dispute.objects.filter(pk=claimed.pk).update(answered_at=now)
    return disputes.record(claimed.payment, told, now)


def accept(dispute: Dispute, *, by: Any, now: datetime) -> Dispute:
    """Give the dispute up: the payer keeps the money. This is final.

    Raises `NoAnswerAwaited`, `GatewayUnavailable`, `GatewayRefused`.
    """
    claimed = _claim(dispute, "dispute.accepted", by, now)
    return disputes.record(claimed.payment, gateways.named(claimed.provider).accept_dispute(claimed), now)


def refresh(dispute: Dispute, now: datetime) -> None:
    """Ask the provider how it stands. Raises `GatewayUnavailable`, `NeverHeard`."""
    dispute_recovery.refresh(dispute.provider, dispute.provider_id, now)


def _claim(dispute: Dispute, action: str, by: Any, now: datetime, **changes: Any) -> Dispute:
    """The dispute with a fresh key for the call that follows; who answered stands in the books before it."""
    with transaction.atomic():
        rows = Dispute.objects.select_related("payment").select_for_update(of=("self",), no_key=True)
        locked = rows.get(pk=dispute.pk)
        if not locked.needs_answer:
            raise NoAnswerAwaited
        locked.answers += 1
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.save(update_fields=["answers", *changes, "updated_at"])
        record(action, locked, new={**changes, "answer": locked.answers}, actor=by, venue_id=locked.payment.venue_id)
    return locked
