"""What venues' own systems are told of disputes. Nothing of the payer."""

from __future__ import annotations

from functools import partial
from typing import Any

from notifications.webhooks import kinds
from notifications.webhooks.announcing import announce
from payments.models import Dispute

_DISPUTE: dict[str, Any] = {
    "dispute": {
        "id": "0198c0de-7a11-7000-8000-00000000d001",
        "stage": "open",
        "amount": 13980,
        "currency": "USD",
        "reason": "fraudulent",
        "evidence_due_by": "2026-11-29T23:59:59Z",
    },
    "payment": {"id": "0198c0de-7a11-7000-8000-00000000d002", "reference": "7KQ4-M2XD"},
}
OPENED = kinds.register(
    "dispute.opened",
    "A payer went to the bank: `stage` is `warning` for an inquiry, which moves no money, and `open` for a chargeback. "
    "`payment.reference` is the number of the order, or of what else was paid.",
    _DISPUTE,
)
CLOSED = kinds.register(
    "dispute.closed",
    "It ended: `stage` is `won`, `lost`, or `closed` for an inquiry without a chargeback.",
    {**_DISPUTE, "dispute": {**_DISPUTE["dispute"], "stage": "won"}},
)


def disputed(dispute: Dispute) -> None:
    """It has reached another stage."""
    is_open = dispute.stage in (Dispute.Stage.OPEN, Dispute.Stage.WARNING)
    announce(OPENED if is_open else CLOSED, dispute.payment.venue_id, partial(_data, dispute))


def _data(dispute: Dispute) -> dict[str, Any]:
    plain = ("id", "amount", "currency", "reason", "evidence_due_by")
    shown = {name: getattr(dispute, name) for name in plain}
    payment = {"id": dispute.payment_id, "reference": dispute.payment.reference}
    return {"dispute": {**shown, "stage": str(dispute.stage)}, "payment": payment}
