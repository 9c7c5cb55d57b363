"""The provider's own books, read page by page: what reconciliation holds ours against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from payments.gateways.base import ChargeOutcome, RefundOutcome


@dataclass(frozen=True)
class ChargeRecord:
    """A charge as the provider has it; `payment_id` is ours, where we told it."""

    outcome: ChargeOutcome
    payment_id: UUID | None = None


@dataclass(frozen=True)
class RefundRecord:
    """A refund as the provider has it, in minor units; `refund_id` and `round` are ours, where we told them."""

    outcome: RefundOutcome
    amount: int
    currency: str
    provider_payment_id: str
    refund_id: UUID | None = None
    round: int = 1


@dataclass(frozen=True)
class TransferRecord:
    """A transfer as the provider has it, in minor units; `amount_reversed` of it was taken back."""

    provider_id: str
    amount: int
    amount_reversed: int
    currency: str
    account: str
    transfer_id: UUID | None = None


class ProviderBooks(Protocol):
    """What a provider holds. Lists go from the newest to what was made at `since`; each call may raise
    `GatewayUnavailable`, and one that names a single record `NeverHeard`.
    """

    def charges_since(self, since: datetime) -> Iterator[ChargeRecord]: ...

    def charge(self, provider_id: str) -> ChargeRecord: ...

    def refunds_since(self, since: datetime) -> Iterator[RefundRecord]: ...

    def refunds_of(self, provider_payment_id: str) -> Iterator[RefundRecord]: ...

    def refund(self, provider_id: str) -> RefundRecord: ...

    def transfers_since(self, since: datetime) -> Iterator[TransferRecord]: ...

    def transfer(self, provider_id: str) -> TransferRecord: ...
