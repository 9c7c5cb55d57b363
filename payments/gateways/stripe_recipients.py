"""Stripe's side of shared revenue: transfers out of a charge, and their way back.

https://docs.stripe.com/connect/separate-charges-and-transfers. Stripe forgets a key after a day at the earliest, and
then does the same request again. So whatever is not the first try is looked for before it is made: lists of Stripe
lag behind nothing, and our metadata says what is whose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stripe
import structlog

from payments.errors import (
    GatewayRefused,
    GatewayUnavailable,
    InsufficientBalance,
    KeySpent,
    NeverHeard,
    RecipientNotReady,
)
from payments.gateways.stripe_accounts import StripeAccounts
from payments.gateways.stripe_amounts import smallest_unit, to_stripe
from payments.gateways.stripe_client import ask, marked, not_found, refused
from payments.models import Payment, Transfer, TransferReversal

log = structlog.get_logger("trufan.payments")

#: The destination may not receive transfers.
NOT_READY = frozenset({"insufficient_capabilities_for_transfer", "transfers_not_allowed"})
#: Of a transfer: we have less than is to be moved. Of a reversal: the recipient has.
TOO_LITTLE = frozenset({"balance_insufficient", "insufficient_funds"})


class StripeRecipients(StripeAccounts):
    """The recipients' part of `payments.gateways.base.PayoutGateway`."""

    def smallest_unit(self, currency: str) -> int:
        return smallest_unit(currency)

    def transfer(self, transfer: Transfer) -> str:
        def look() -> Any:
            params: Any = {"transfer_group": group_of(transfer.payment), "limit": 100}
            return marked(self.client.v1.transfers.list(params).auto_paging_iter(), "transfer", transfer.pk)

        def make() -> Any:
            options: Any = {"idempotency_key": transfer.idempotency_key}
            return self.client.v1.transfers.create(self._transfer_params(transfer), options)

        try:
            return _once(transfer, transfer.amount_sent, look, make)
        except stripe.InvalidRequestError as refusal:
            raise _no_transfer(refusal) from refusal

    def reverse(self, reversal: TransferReversal) -> str:
        service, sent = self.client.v1.transfers.reversals, reversal.transfer.provider_id or ""

        def look() -> Any:
            return marked(service.list(sent, {"limit": 100}).auto_paging_iter(), "reversal", reversal.pk)

        def make() -> Any:
            options: Any = {"idempotency_key": reversal.idempotency_key}
            return service.create(sent, _reversal_params(reversal), options)

        try:
            return _once(reversal, reversal.amount, look, make)
        except stripe.InvalidRequestError as refusal:
            if refusal.code in TOO_LITTLE:
                raise InsufficientBalance from refusal
            raise refused(refusal) from refusal

    def _transfer_params(self, transfer: Transfer) -> Any:
        """What it is made of: the same whenever the same round is asked for again."""
        payment = transfer.payment
        # Out of its charge, so that it does not wait for our balance to have the money. What brings back a part of a
        # share comes out of the balance: the charge may be used up.
        source = {"source_transaction": self._charge_of(payment)} if transfer.is_share else {}
        return {
            **source,
            "amount": to_stripe(transfer.amount_sent, transfer.currency),
            "currency": transfer.currency.lower(),
            "destination": transfer.account.provider_id,
            "transfer_group": group_of(payment),
            "description": payment.reference,
            "metadata": {"transfer": str(transfer.pk), "payment": str(payment.pk), "order": payment.reference},
        }

    def _charge_of(self, payment: Payment) -> str:
        """The charge that the payment's intent came to."""
        try:
            intent = self.client.v1.payment_intents.retrieve(payment.provider_id or "")
        except stripe.InvalidRequestError as problem:
            raise refused(problem) from problem
        if not intent.latest_charge:
            raise GatewayRefused("The payment has no charge to transfer out of.")
        return str(intent.latest_charge)


def group_of(payment: Payment) -> str:
    """What ties a charge and its transfers together: all that was paid for one payable."""
    return f"{payment.payable_type}-{payment.payable_id}"


def _once(row: Transfer | TransferReversal, amount: int, look: Callable[[], Any], make: Callable[[], Any]) -> str:
    """Make it unless an earlier try did; answers its id. Raises `KeySpent` where only another key can bring it on."""
    if row.attempts > 1 or row.round > 1:
        found = _found(row, amount, look)
        if found:
            return found
    try:
        return str(ask(make).id)
    except KeySpent:
        found = _found(row, amount, look)
        if found:
            return found
        raise


def _found(row: Transfer | TransferReversal, amount: int, look: Callable[[], Any]) -> str:
    """The id of what an earlier try made; empty where none did."""
    try:
        made = ask(look)
    except NeverHeard:
        return ""
    except stripe.InvalidRequestError as problem:
        raise not_found(problem) from problem
    if made.amount != to_stripe(amount, row.currency):
        log.error("stripe_moved_another_amount", row=str(row.pk), made=made.id)
        raise GatewayRefused("The payment provider has moved another amount for this already.")
    return str(made.id)


def _no_transfer(refusal: stripe.InvalidRequestError) -> GatewayRefused | GatewayUnavailable:
    if refusal.code in NOT_READY or (refusal.code == "resource_missing" and refusal.param == "destination"):
        return RecipientNotReady()
    if refusal.code in TOO_LITTLE:
        # Nothing was moved, and this key would say so for a day, however much money comes in.
        log.error("stripe_balance_too_small", request=refusal.request_id)
        return KeySpent()
    return refused(refusal)


def _reversal_params(reversal: TransferReversal) -> Any:
    return {
        "amount": to_stripe(reversal.amount, reversal.currency),
        "metadata": {"reversal": str(reversal.pk), "transfer": str(reversal.transfer_id)},
    }
