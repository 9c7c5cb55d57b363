"""The sandbox's side of disputes: opened by the names of Stripe's test cards, decided by its words of evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from payments.errors import GatewayRefused, NeverHeard
from payments.gateways.base import DisputeOutcome
from payments.models import Dispute, Payment, SandboxDispute, SandboxIntent
from payments.querysets import AWAITING_ANSWER, DISPUTED
from trufan.lib.money import minor_digits

Status = Dispute.Status
ANSWER_WITHIN = timedelta(days=7)
#: What a chargeback costs, in whole units of its currency; won, it comes back.
FEE = 15
#: What decides at once, as in Stripe's test mode; any other text is under review until somebody plays the bank.
VERDICTS = {"winning_evidence": Status.WON, "losing_evidence": Status.LOST}


class SandboxDisputes:
    """The disputes' part of `payments.gateways.base.Gateway`."""

    def look_up_dispute(self, provider_id: str) -> DisputeOutcome:
        return outcome(dispute_of(provider_id))

    def disputes_of(self, payment: Payment) -> Iterable[DisputeOutcome]:
        return [outcome(kept) for kept in _kept().filter(intent__reference=payment.pk)]

    def disputes_since(self, moment: datetime) -> Iterable[DisputeOutcome]:
        return [outcome(kept) for kept in _kept().filter(created_at__gte=moment)]

    def submit_evidence(self, dispute: Dispute) -> DisputeOutcome:
        return _answer(dispute, VERDICTS.get(dispute.evidence, ""), dispute.evidence)

    def accept_dispute(self, dispute: Dispute) -> DisputeOutcome:
        return _answer(dispute, Status.LOST, "")


def open_dispute(intent: SandboxIntent, now: datetime, amount: int = 0, status: str = "") -> SandboxDispute:
    """The payer goes to the bank about so much of a charge, all of it without an `amount`; its webhook is due at once.

    A status of Stripe's: `needs_response`, or `warning_needs_response` for an inquiry, which moves no money.
    """
    status = status or Status.NEEDS_RESPONSE
    return SandboxDispute.objects.create(
        intent=intent,
        amount=amount or intent.amount,
        status=status,
        reason="fraudulent",
        due_by=now + ANSWER_WITHIN,
        withdrawn_at=now if status in DISPUTED else None,
        webhook_due_at=now,
    )


def decide(kept: SandboxDispute, status: str, now: datetime, evidence: str = "") -> SandboxDispute:
    """The bank's next step. Raises `GatewayRefused` for one that the dispute, as it stands, does not take."""
    with transaction.atomic():
        kept = _kept().select_for_update(of=("self",)).get(pk=kept.pk)
        if status not in Dispute.MOVES[Status(kept.status)]:
            raise GatewayRefused(f"This dispute is {kept.status.replace('_', ' ')}; it cannot become {status}.")
        if status == Status.WON and kept.withdrawn_at:
            kept.reinstated_at = now
        elif status in DISPUTED or status == Status.LOST:
            kept.withdrawn_at, kept.reinstated_at = kept.withdrawn_at or now, None
        kept.status, kept.webhook_due_at, kept.evidence = status, now, evidence or kept.evidence
        kept.save()
    return kept


def dispute_of(provider_id: str) -> SandboxDispute:
    """The sandbox's own row. Raises `NeverHeard`."""
    try:
        key = UUID(provider_id.removeprefix("du_sandbox_"))
    except ValueError:
        raise NeverHeard("The sandbox knows no such dispute.") from None
    found: SandboxDispute | None = _kept().filter(pk=key).first()
    if found is None:
        raise NeverHeard("The sandbox knows no such dispute.")
    return found


def is_disputed(intent: SandboxIntent) -> bool:
    return intent.disputes.filter(status__in=DISPUTED).exists()


def outcome(kept: SandboxDispute) -> DisputeOutcome:
    """As the gateway tells it; `kept` comes with its intent."""
    fee = FEE * 10 ** minor_digits(kept.intent.currency)
    return DisputeOutcome(
        kept.provider_id,
        kept.intent.provider_id,
        Status(kept.status),
        kept.amount,
        kept.intent.currency,
        kept.created_at,
        payment_id=kept.intent.reference,
        reason=kept.reason,
        evidence_due_by=kept.due_by,
        withdrawn_at=kept.withdrawn_at,
        reinstated_at=kept.reinstated_at,
        fee=fee if kept.withdrawn_at else 0,
        fee_returned=fee if kept.reinstated_at else 0,
        fee_currency=kept.intent.currency if kept.withdrawn_at else "",
    )


def _answer(dispute: Dispute, verdict: str, evidence: str) -> DisputeOutcome:
    kept = dispute_of(dispute.provider_id)
    if kept.status not in AWAITING_ANSWER:
        raise GatewayRefused("This dispute does not wait for an answer.")
    becomes = verdict or Status.UNDER_REVIEW
    if kept.status == Status.WARNING_NEEDS_RESPONSE:
        # An inquiry that is answered well comes to nothing; no money was moved that could come back.
        becomes = {Status.WON: Status.WARNING_CLOSED, Status.UNDER_REVIEW: Status.WARNING_UNDER_REVIEW}.get(
            Status(becomes), becomes
        )
    return outcome(decide(kept, becomes, timezone.now(), evidence))


def _kept() -> QuerySet[SandboxDispute]:
    return SandboxDispute.objects.select_related("intent")
