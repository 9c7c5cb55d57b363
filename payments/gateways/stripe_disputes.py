"""Stripe's side of disputes: what its bank withdrew and gave back stands in the dispute's balance transactions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe
import structlog

from payments.errors import NeverHeard
from payments.gateways.base import DisputeOutcome
from payments.gateways.stripe_amounts import from_stripe
from payments.gateways.stripe_client import ask, not_found, refused
from payments.models import Dispute, Payment

log = structlog.get_logger("trufan.payments")

#: The intent carries our own id of the payment.
EXPAND = ["payment_intent"]


class StripeDisputes:
    """The disputes' part of `payments.gateways.base.Gateway`."""

    client: stripe.StripeClient

    def look_up_dispute(self, provider_id: str) -> DisputeOutcome:
        try:
            return _outcome(ask(lambda: self.client.v1.disputes.retrieve(provider_id, {"expand": EXPAND})))
        except stripe.InvalidRequestError as problem:
            raise not_found(problem) from problem

    def disputes_of(self, payment: Payment) -> Iterable[DisputeOutcome]:
        if not payment.provider_id:
            return []
        return self._listed({"payment_intent": payment.provider_id})

    def disputes_since(self, moment: datetime) -> Iterable[DisputeOutcome]:
        return self._listed({"created": {"gte": int(moment.timestamp())}})

    def submit_evidence(self, dispute: Dispute) -> DisputeOutcome:
        params: Any = {"evidence": {"uncategorized_text": dispute.evidence}, "submit": True, "expand": EXPAND}
        options: Any = {"idempotency_key": dispute.answer_key}
        try:
            return _outcome(ask(lambda: self.client.v1.disputes.update(dispute.provider_id, params, options)))
        except stripe.InvalidRequestError as refusal:
            raise refused(refusal) from refusal

    def accept_dispute(self, dispute: Dispute) -> DisputeOutcome:
        options: Any = {"idempotency_key": dispute.answer_key}
        params: Any = {"expand": EXPAND}
        try:
            return _outcome(ask(lambda: self.client.v1.disputes.close(dispute.provider_id, params, options)))
        except stripe.InvalidRequestError as refusal:
            raise refused(refusal) from refusal

    def _listed(self, chosen: dict[str, Any]) -> list[DisputeOutcome]:
        params: Any = {**chosen, "limit": 100, "expand": [f"data.{name}" for name in EXPAND]}
        try:
            found = ask(lambda: list(self.client.v1.disputes.list(params).auto_paging_iter()))
        except stripe.InvalidRequestError as problem:
            raise not_found(problem) from problem
        return [_outcome(dispute) for dispute in found if _is_readable(dispute)]


def _is_readable(dispute: Any) -> bool:
    """A charge without an intent is none of ours; a status that is new to us must not hide the other disputes."""
    if dispute.payment_intent and dispute.status not in Dispute.Status.values:
        log.error("stripe_dispute_status_unknown", dispute=dispute.id, status=dispute.status)
    return bool(dispute.payment_intent) and dispute.status in Dispute.Status.values


def _outcome(dispute: Any) -> DisputeOutcome:
    """Raises `NeverHeard` where the dispute is over no payment intent, `ValueError` for a status that is new to us."""
    intent = dispute.payment_intent
    if not intent:
        raise NeverHeard("This dispute is over a charge without a payment intent.")
    currency = str(dispute.currency).upper()
    moved = list(dispute.balance_transactions or [])
    taken, returned = [each for each in moved if each.amount < 0], [each for each in moved if each.amount > 0]
    # Of a fee that was given back, Stripe takes a negative one.
    fee_currency = str(moved[0].currency).upper() if moved else ""
    return DisputeOutcome(
        dispute.id,
        intent if isinstance(intent, str) else intent.id,
        Dispute.Status(dispute.status),
        from_stripe(dispute.amount, currency),
        currency,
        _moment(dispute.created),
        payment_id=None if isinstance(intent, str) else _own_id(intent),
        reason=dispute.reason or "",
        evidence_due_by=_moment(dispute.evidence_details.due_by) if dispute.evidence_details.due_by else None,
        withdrawn_at=_moment(taken[0].created) if taken else None,
        reinstated_at=_moment(returned[0].created) if returned else None,
        fee=from_stripe(sum(each.fee for each in taken), fee_currency) if taken else 0,
        fee_returned=from_stripe(sum(-each.fee for each in returned), fee_currency) if returned else 0,
        fee_currency=fee_currency,
    )


def _own_id(intent: Any) -> UUID | None:
    try:
        return UUID(getattr(intent.metadata, "payment", None) or "")
    except ValueError:
        return None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
