"""The sandbox's books, as a real provider would list them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from payments.errors import NeverHeard
from payments.gateways.books import ChargeRecord, RefundRecord, TransferRecord
from payments.gateways.sandbox import outcome_of, refund_outcome_of, ripen
from payments.models import SandboxIntent, SandboxRefund, SandboxTransfer


class SandboxBooks:
    """`payments.gateways.books.ProviderBooks` on the sandbox's own tables."""

    def charges_since(self, since: datetime) -> Iterator[ChargeRecord]:
        return map(_charge, SandboxIntent.objects.filter(created_at__gte=since).order_by("-created_at").iterator())

    def charge(self, provider_id: str) -> ChargeRecord:
        return _charge(_one(SandboxIntent.objects.all(), provider_id, "pi_sandbox_"))

    def refunds_since(self, since: datetime) -> Iterator[RefundRecord]:
        rows = SandboxRefund.objects.filter(created_at__gte=since).order_by("-created_at")
        return map(_refund, rows.select_related("intent").iterator())

    def refunds_of(self, provider_payment_id: str) -> Iterator[RefundRecord]:
        intent = _one(SandboxIntent.objects.all(), provider_payment_id, "pi_sandbox_")
        return map(_refund, intent.refunds.select_related("intent"))

    def refund(self, provider_id: str) -> RefundRecord:
        return _refund(_one(SandboxRefund.objects.select_related("intent"), provider_id, "re_sandbox_"))

    def transfers_since(self, since: datetime) -> Iterator[TransferRecord]:
        return map(_transfer, _transfers().filter(created_at__gte=since).order_by("-created_at").iterator())

    def transfer(self, provider_id: str) -> TransferRecord:
        return _transfer(_one(_transfers(), provider_id, "tr_sandbox_"))


def _transfers() -> Any:
    return SandboxTransfer.objects.select_related("account").annotate(gone=Sum("reversals__amount", default=0))


def _one(rows: Any, provider_id: str, prefix: str) -> Any:
    try:
        found = rows.filter(pk=UUID(provider_id.removeprefix(prefix))).first()
    except ValueError:
        found = None
    if found is None:
        raise NeverHeard
    return found


def _charge(intent: SandboxIntent) -> ChargeRecord:
    return ChargeRecord(outcome_of(ripen(intent, timezone.now())), intent.reference)


def _refund(kept: SandboxRefund) -> RefundRecord:
    refund_id, _, round_ = kept.key.removeprefix("refund-").rpartition("-")
    return RefundRecord(
        refund_outcome_of(kept),
        kept.amount,
        kept.intent.currency,
        kept.intent.provider_id,
        UUID(refund_id),
        int(round_),
    )


def _transfer(kept: Any) -> TransferRecord:
    """`kept` is a `SandboxTransfer` with what of it came back."""
    transfer_id = kept.key.removeprefix("transfer-").rpartition("-")[0]
    return TransferRecord(
        kept.provider_id,
        kept.amount,
        kept.gone,
        kept.currency,
        kept.account.provider_id,
        UUID(transfer_id),
    )
