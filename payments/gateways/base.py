"""What TruFan asks of a payment provider, and the values it answers with.

A gateway is called outside of any transaction. Every call that moves money carries a key that was stored before it, so
that it may be made again; whatever a webhook says is asked for again by `look_up`. Failures come in two kinds:
`GatewayUnavailable` (the outcome is not known; the same call may be repeated) and `GatewayRefused` (final). A declined
card is neither: it is an outcome, `failed`. A call ends, retries of the client library included, within
`charges.IN_FLIGHT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from payments.models import ConnectedAccount, Dispute, Payment, Refund, Transfer, TransferReversal


@dataclass(frozen=True)
class ChargeOutcome:
    """Where a payment stands with the provider. `amount` in minor units of `currency`, as the provider has it.

    `can_retry`: it failed, and the payer may try again with the same client secret.
    """

    provider_id: str
    status: Payment.Status
    amount: int
    currency: str
    client_secret: str = ""
    failure_code: str = ""
    failure_message: str = ""
    can_retry: bool = False

    @classmethod
    def never_reached(
        cls, payment: Payment, status: Payment.Status, code: str = "", message: str = ""
    ) -> ChargeOutcome:
        """The outcome of an attempt that the provider did not take: `failed` or `cancelled`."""
        return cls("", status, payment.amount, payment.currency, failure_code=code, failure_message=message)


@dataclass(frozen=True)
class RefundOutcome:
    """Where a refund stands with the provider; `pending` is asked again by `look_up_refund`."""

    provider_id: str
    status: Refund.Status
    failure_message: str = ""


@dataclass(frozen=True)
class DisputeOutcome:
    """Where a dispute stands with the provider. `amount` in minor units of `currency`, `fee` of `fee_currency`.

    `payment_id` is our own, where the provider repeats what it was told. The fee is what was taken beside the amount.
    """

    provider_id: str
    provider_payment_id: str
    status: Dispute.Status
    amount: int
    currency: str
    opened_at: datetime
    payment_id: UUID | None = None
    reason: str = ""
    evidence_due_by: datetime | None = None
    withdrawn_at: datetime | None = None
    reinstated_at: datetime | None = None
    fee: int = 0
    fee_returned: int = 0
    fee_currency: str = ""


@dataclass(frozen=True)
class IncomingEvent:
    """What a webhook speaks of; `payment_id` and `refund_id` are our own, where the provider repeats what it was told.

    An event about no payment, refund, dispute or recipient names none: it is kept, and nothing follows from it.
    """

    id: str
    type: str
    provider_payment_id: str = ""
    payment_id: UUID | None = None
    provider_refund_id: str = ""
    refund_id: UUID | None = None
    provider_dispute_id: str = ""
    provider_account_id: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountOutcome:
    """Where a recipient stands with the provider; `requirements` are what it still asks for, by its own names."""

    provider_id: str
    status: ConnectedAccount.Status
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class OnboardingLink:
    """Where a recipient tells the provider about itself; good once, until `expires_at`."""

    url: str
    expires_at: datetime


class Gateway(Protocol):
    """One provider. Stateless: whatever it needs is on the row or with the provider."""

    name: str
    #: What is charged where the payer named nothing; empty: the payer chooses in the browser.
    default_method: str

    def charge(self, payment: Payment) -> ChargeOutcome:
        """Create and confirm the charge under `payment.idempotency_key`; the same key gives the same charge.

        Without a `payment.payment_method` the charge waits for the payer (`requires_action`, `client_secret`).
        Raises `GatewayUnavailable` (`KeySpent`), `GatewayRefused`.
        """
        ...

    def update(self, payment: Payment, amount: int) -> ChargeOutcome:
        """Ask for another amount under `payment.change_key`, and say where it stands: it may be too late for that.

        The charge stays the same one, with the same client secret. Raises `GatewayUnavailable`, `GatewayRefused`.
        """
        ...

    def look_up(self, payment: Payment) -> ChargeOutcome:
        """Where it stands now: by `provider_id`, or by our key when the id was never recorded.

        Raises `NeverHeard`, `GatewayUnavailable`.
        """
        ...

    def cancel(self, payment: Payment) -> ChargeOutcome:
        """Cancel it if that is still possible, under `payment.change_key`, and say where it stands.

        It may have succeeded meanwhile. Raises `NeverHeard`, `GatewayUnavailable`.
        """
        ...

    def refund(self, refund: Refund) -> RefundOutcome:
        """Send `refund.amount` of `refund.payment` back under `refund.idempotency_key`.

        Raises `GatewayUnavailable` (`KeySpent`), `GatewayRefused`.
        """
        ...

    def look_up_refund(self, refund: Refund) -> RefundOutcome:
        """Where it stands now: by `provider_id`, or by our id when the provider's was never recorded.

        Raises `NeverHeard`, `GatewayUnavailable`.
        """
        ...

    def look_up_dispute(self, provider_id: str) -> DisputeOutcome:
        """Where a dispute stands now. Raises `NeverHeard`, `GatewayUnavailable`."""
        ...

    def disputes_of(self, payment: Payment) -> Iterable[DisputeOutcome]:
        """The disputes over one payment. Raises `GatewayUnavailable`."""
        ...

    def disputes_since(self, moment: datetime) -> Iterable[DisputeOutcome]:
        """The disputes that were opened since then, over anybody's payments. Raises `GatewayUnavailable`."""
        ...

    def submit_evidence(self, dispute: Dispute) -> DisputeOutcome:
        """Answer with `dispute.evidence`, once and for good, under `dispute.answer_key`.

        Raises `GatewayUnavailable`, `GatewayRefused` (too late, or answered already).
        """
        ...

    def accept_dispute(self, dispute: Dispute) -> DisputeOutcome:
        """Give the dispute up, under `dispute.answer_key`. Raises `GatewayUnavailable`, `GatewayRefused`."""
        ...

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> IncomingEvent:
        """Check the signature on the raw bytes and its age at `now`. Raises `BadSignature`, `BadWebhook`."""
        ...

    def parse_event(self, payload: dict[str, Any]) -> IncomingEvent:
        """The event in a payload whose signature was checked when it was stored. Raises `BadWebhook`."""
        ...


@runtime_checkable
class PayoutGateway(Gateway, Protocol):
    """A provider that also brings recipients their shares: separate charges and transfers."""

    def smallest_unit(self, currency: str) -> int:
        """The smallest amount that it moves, in minor units; every amount of the currency is a multiple of it."""
        ...

    def open_account(self, account: ConnectedAccount) -> AccountOutcome:
        """Make the recipient known under `account.idempotency_key`; the same key gives the same account.

        Raises `GatewayUnavailable`, `GatewayRefused`.
        """
        ...

    def onboarding_link(self, account: ConnectedAccount, return_url: str) -> OnboardingLink:
        """A fresh link for an account whose `provider_id` is known. Raises `GatewayUnavailable`, `GatewayRefused`."""
        ...

    def look_up_account(self, account: ConnectedAccount) -> AccountOutcome:
        """Where an account stands whose `provider_id` is known. Raises `GatewayUnavailable`, `NeverHeard`."""
        ...

    def transfer(self, transfer: Transfer) -> str:
        """Move `transfer.amount_sent` out of `transfer.payment` to `transfer.account`; answers the provider's id.

        Under `transfer.idempotency_key`: the same key moves money once. Raises `GatewayUnavailable` (`KeySpent`),
        `RecipientNotReady` (nothing moved; the account must be looked up) and `GatewayRefused`.
        """
        ...

    def reverse(self, reversal: TransferReversal) -> str:
        """Take `reversal.amount` of `reversal.transfer` back; answers the provider's id of the reversal.

        Under `reversal.idempotency_key`. Raises `GatewayUnavailable` (`KeySpent`), `InsufficientBalance`
        (nothing moved: the recipient has less) and `GatewayRefused`.
        """
        ...
