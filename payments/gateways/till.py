"""The gateway that is none: a venue's own till. What it paid back it has paid, and there is nobody else to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from payments.errors import BadWebhook, GatewayRefused, NeverHeard
from payments.gateways.base import ChargeOutcome, DisputeOutcome, IncomingEvent, RefundOutcome
from payments.models import TILL, Dispute, Payment, Refund

_BY_HAND = "What is paid at the till is taken by the venue's staff."


class TillGateway:
    """See `payments.gateways.base.Gateway`. Money comes in by `payments.till.take` alone."""

    name = TILL
    default_method = ""

    def charge(self, payment: Payment) -> ChargeOutcome:
        raise GatewayRefused(_BY_HAND)

    def update(self, payment: Payment, amount: int) -> ChargeOutcome:
        raise GatewayRefused(_BY_HAND)

    def look_up(self, payment: Payment) -> ChargeOutcome:
        raise NeverHeard

    def cancel(self, payment: Payment) -> ChargeOutcome:
        raise NeverHeard

    def refund(self, refund: Refund) -> RefundOutcome:
        """Whoever asked for it hands it over: it has gone."""
        return RefundOutcome(f"till_{refund.pk.hex}", Refund.Status.SUCCEEDED)

    def look_up_refund(self, refund: Refund) -> RefundOutcome:
        return RefundOutcome(refund.provider_id or "", Refund.Status(refund.status))

    def look_up_dispute(self, provider_id: str) -> DisputeOutcome:
        raise NeverHeard

    def disputes_of(self, payment: Payment) -> Iterable[DisputeOutcome]:
        return ()

    def disputes_since(self, moment: datetime) -> Iterable[DisputeOutcome]:
        return ()

    def submit_evidence(self, dispute: Dispute) -> DisputeOutcome:
        raise NeverHeard

    def accept_dispute(self, dispute: Dispute) -> DisputeOutcome:
        raise NeverHeard

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> IncomingEvent:
        raise BadWebhook

    def parse_event(self, payload: dict[str, Any]) -> IncomingEvent:
        raise BadWebhook
