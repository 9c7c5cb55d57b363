"""Stripe's books: lists and single records, through its own client.

Lists, unlike searches, lag behind nothing. What we sent as metadata tells which row of ours a record belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import stripe

from payments.gateways.books import ChargeRecord, RefundRecord, TransferRecord
from payments.gateways.stripe import CLOCK_SKEW, StripeGateway, outcome_of, refund_outcome_of, uuid_or_none
from payments.gateways.stripe_amounts import from_stripe
from payments.gateways.stripe_client import ask, not_found


class StripeBooks:
    """`payments.gateways.books.ProviderBooks` on Stripe's API."""

    def __init__(self) -> None:
        self._api = StripeGateway().client.v1

    def charges_since(self, since: datetime) -> Iterator[ChargeRecord]:
        return map(_charge, _listed(self._api.payment_intents.list, since))

    def charge(self, provider_id: str) -> ChargeRecord:
        return _charge(_one(lambda: self._api.payment_intents.retrieve(provider_id)))

    def refunds_since(self, since: datetime) -> Iterator[RefundRecord]:
        # A refund of a charge that no payment intent made is none of ours.
        return (_refund(made) for made in _listed(self._api.refunds.list, since) if made.payment_intent)

    def refunds_of(self, provider_payment_id: str) -> Iterator[RefundRecord]:
        return map(_refund, _paged(self._api.refunds.list, {"payment_intent": provider_payment_id}))

    def refund(self, provider_id: str) -> RefundRecord:
        return _refund(_one(lambda: self._api.refunds.retrieve(provider_id)))

    def transfers_since(self, since: datetime) -> Iterator[TransferRecord]:
        return map(_transfer, _listed(self._api.transfers.list, since))

    def transfer(self, provider_id: str) -> TransferRecord:
        return _transfer(_one(lambda: self._api.transfers.retrieve(provider_id)))


def _listed(pages: Callable[[Any], Any], since: datetime) -> Iterator[Any]:
    """Every record made since then."""
    return _paged(pages, {"created": {"gte": int((since - CLOCK_SKEW).timestamp())}})


def _paged(pages: Callable[[Any], Any], params: dict[str, Any]) -> Iterator[Any]:
    """The newest first; the client asks for the next page when it is needed."""
    rows = iter(_one(lambda: pages({**params, "limit": 100}).auto_paging_iter()))
    while (row := _one(lambda: next(rows, None))) is not None:
        yield row


def _one(call: Callable[[], Any]) -> Any:
    try:
        return ask(call)
    except stripe.InvalidRequestError as problem:
        raise not_found(problem) from problem


def _charge(intent: Any) -> ChargeRecord:
    return ChargeRecord(outcome_of(intent), uuid_or_none(_said(intent, "payment")))


def _refund(made: Any) -> RefundRecord:
    currency = str(made.currency).upper()
    return RefundRecord(
        refund_outcome_of(made),
        from_stripe(made.amount, currency),
        currency,
        str(made.payment_intent or ""),
        uuid_or_none(_said(made, "refund")),
        int(_said(made, "round") or 1),
    )


def _transfer(made: Any) -> TransferRecord:
    currency = str(made.currency).upper()
    return TransferRecord(
        made.id,
        from_stripe(made.amount, currency),
        from_stripe(made.amount_reversed, currency),
        currency,
        str(made.destination),
        uuid_or_none(_said(made, "transfer")),
    )


def _said(thing: Any, name: str) -> str | None:
    found: str | None = getattr(thing.metadata, name, None) if thing.metadata else None
    return found
