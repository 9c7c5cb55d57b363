"""Stripe, through its own client: payment intents, refunds, and webhooks that carry whole events.

What Stripe keeps is found again by the metadata we sent with it, so that an answer that never arrived costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payments.errors import BadSignature, BadWebhook, KeySpent, NeverHeard
from payments.gateways import signatures, stripe_thin
from payments.gateways.base import ChargeOutcome, IncomingEvent, RefundOutcome
from payments.gateways.stripe_amounts import from_stripe, to_stripe
from payments.gateways.stripe_client import ask, client_for, marked, not_found, refused
from payments.gateways.stripe_disputes import StripeDisputes
from payments.gateways.stripe_recipients import StripeRecipients, group_of
from payments.models import Payment, Refund

HEADER = "Stripe-Signature"
#: How far Stripe's clock may be from ours when we look for what it made.
CLOCK_SKEW = timedelta(minutes=5)

Status = Payment.Status

STATES = {
    "requires_payment_method": Status.REQUIRES_ACTION,
    "requires_confirmation": Status.REQUIRES_ACTION,
    "requires_action": Status.REQUIRES_ACTION,
    "processing": Status.PROCESSING,
    # Never asked for; held money that is not ours yet.
    "requires_capture": Status.PROCESSING,
    "succeeded": Status.SUCCEEDED,
    "canceled": Status.CANCELLED,
}
CANCELLABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})
#: What events tell of people, and what lets one pay: nothing of it is kept.
PRIVATE = frozenset(
    {"billing_details", "client_secret", "email", "evidence", "name", "phone", "receipt_email", "shipping"}
)
REFUND_STATES = {
    "pending": Refund.Status.PENDING,
    "requires_action": Refund.Status.PENDING,
    "succeeded": Refund.Status.SUCCEEDED,
    "failed": Refund.Status.FAILED,
    "canceled": Refund.Status.FAILED,
}


class StripeGateway(StripeRecipients, StripeDisputes):
    """`payments.gateways.base.Gateway` on Stripe's API. Refuses to exist without a key."""

    name = "stripe"
    #: The payer chooses in the browser, with Stripe's own script.
    default_method = ""

    def __init__(self) -> None:
        if not settings.STRIPE_SECRET_KEY:
            raise ImproperlyConfigured("STRIPE_SECRET_KEY is missing: nothing can be charged through Stripe.")
        self.client = client_for(
            settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, float(settings.STRIPE_TIMEOUT_SECONDS)
        )
        self._intents = self.client.v1.payment_intents
        self._refunds = self.client.v1.refunds

    def charge(self, payment: Payment) -> ChargeOutcome:
        params = _charge_params(payment)
        try:
            intent = ask(lambda: self._intents.create(params, {"idempotency_key": payment.idempotency_key}))
        except stripe.CardError as decline:
            return _declined(payment, decline)
        except stripe.InvalidRequestError as refusal:
            raise refused(refusal) from refusal
        except KeySpent:
            return self._found_after_all(payment)
        return outcome_of(intent)

    def update(self, payment: Payment, amount: int) -> ChargeOutcome:
        params: Any = {"amount": to_stripe(amount, payment.currency)}
        try:
            intent = ask(lambda: self._intents.update(_id_of(payment), params, {"idempotency_key": payment.change_key}))
            if intent.status == "requires_confirmation" and payment.payment_method:
                key = f"{payment.change_key}-confirm"
                intent = ask(lambda: self._intents.confirm(intent.id, {}, {"idempotency_key": key}))
        except stripe.CardError as decline:
            return _declined(payment, decline)
        except stripe.InvalidRequestError as refusal:
            if refusal.code != "payment_intent_unexpected_state":
                raise refused(refusal) from refusal
            return self.look_up(payment)
        return outcome_of(intent)

    def look_up(self, payment: Payment) -> ChargeOutcome:
        return outcome_of(self._intent_of(payment))

    def cancel(self, payment: Payment) -> ChargeOutcome:
        intent = self._intent_of(payment)
        if intent.status not in CANCELLABLE:
            return outcome_of(intent)
        params: Any = {"cancellation_reason": "abandoned"}
        try:
            cancelled = ask(lambda: self._intents.cancel(intent.id, params, {"idempotency_key": payment.change_key}))
        except stripe.InvalidRequestError:
            # It moved on between the two calls.
            return outcome_of(self._intent_of(payment))
        return outcome_of(cancelled)

    def refund(self, refund: Refund) -> RefundOutcome:
        payment = refund.payment
        params: Any = {
            "payment_intent": payment.provider_id,
            "amount": to_stripe(refund.amount, payment.currency),
            "metadata": {
                "refund": str(refund.pk),
                "round": str(refund.round),
                "payment": str(payment.pk),
                "order": payment.reference,
            },
        }
        try:
            made = ask(lambda: self._refunds.create(params, {"idempotency_key": refund.idempotency_key}))
        except KeySpent:
            try:
                return self.look_up_refund(refund)
            except NeverHeard:
                raise KeySpent from None
        except stripe.StripeError as refusal:
            raise refused(refusal) from refusal
        return refund_outcome_of(made)

    def look_up_refund(self, refund: Refund) -> RefundOutcome:
        try:
            if refund.provider_id:
                known = refund.provider_id
                return refund_outcome_of(ask(lambda: self._refunds.retrieve(known)))
            params: Any = {"payment_intent": refund.payment.provider_id, "limit": 100}
            return refund_outcome_of(
                ask(
                    lambda: marked(
                        _of_round(self._refunds.list(params).auto_paging_iter(), refund), "refund", refund.pk
                    )
                )
            )
        except stripe.InvalidRequestError as problem:
            raise not_found(problem) from problem

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> IncomingEvent:
        header = headers.get(HEADER, "")
        if not any(_is_signed(raw, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise BadSignature
        try:
            payload = json.loads(raw, object_hook=_discreet)
        except (ValueError, RecursionError):
            raise BadWebhook("A webhook is a JSON object.") from None
        # One that carries nothing but a reference has an endpoint and secrets of its own.
        return self._parse_snapshot(payload)

    def parse_event(self, payload: dict[str, Any]) -> IncomingEvent:
        return stripe_thin.parse(payload) if stripe_thin.is_thin(payload) else self._parse_snapshot(payload)

    def _parse_snapshot(self, payload: dict[str, Any]) -> IncomingEvent:
        try:
            event_id, kind, about = str(payload["id"]), str(payload["type"]), payload["data"]["object"]
            about_id, what, metadata = str(about["id"]), about.get("object"), about.get("metadata") or {}
        except (KeyError, TypeError, AttributeError):
            raise BadWebhook("This is not an event of Stripe.") from None
        if len(event_id) > 120 or len(kind) > 80 or payload.get("object") != "event":
            raise BadWebhook("This is not an event of Stripe.")
        event = IncomingEvent(event_id, kind, payload=payload)
        if what == "payment_intent":
            return _told(event, provider_payment_id=about_id, payment_id=uuid_or_none(metadata.get("payment")))
        if what == "dispute":
            return _told(event, provider_dispute_id=about_id)
        if what == "refund":
            return _told(event, provider_refund_id=about_id, refund_id=uuid_or_none(metadata.get("refund")))
        if what == "account":
            return stripe_thin.of_account(event, about_id)
        return event

    def _found_after_all(self, payment: Payment) -> ChargeOutcome:
        """The key replays an error. Stripe may have done the work before it; if not, the next try needs another key."""
        try:
            return self.look_up(payment)
        except NeverHeard:
            raise KeySpent from None

    def _intent_of(self, payment: Payment) -> stripe.PaymentIntent:
        """By Stripe's id if we have it, else among those made since: lists, unlike searches, lag behind nothing."""
        try:
            if payment.provider_id:
                known = payment.provider_id
                return ask(lambda: self._intents.retrieve(known))
            params: Any = {"created": {"gte": int((payment.created_at - CLOCK_SKEW).timestamp())}, "limit": 100}
            return ask(lambda: marked(self._intents.list(params).auto_paging_iter(), "payment", payment.pk))
        except stripe.InvalidRequestError as problem:
            raise not_found(problem) from problem


def _charge_params(payment: Payment) -> Any:
    """What the intent is made of: the same whenever the same payment is asked for again."""
    confirmed: dict[str, Any] = {}
    if payment.payment_method:
        confirmed = {"payment_method": payment.payment_method, "confirm": True}
    return {
        "amount": to_stripe(payment.amount, payment.currency),
        "currency": payment.currency.lower(),
        # Confirmed from here nobody could be sent to another site and back; in the browser, Stripe's script can.
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never" if confirmed else "always"},
        "transfer_group": group_of(payment),
        "description": payment.reference,
        "metadata": {"order": payment.reference, "payment": str(payment.pk)},
        **confirmed,
    }


def _id_of(payment: Payment) -> str:
    if not payment.provider_id:
        raise NeverHeard
    return payment.provider_id


def outcome_of(intent: Any) -> ChargeOutcome:
    """A declined card leaves an intent that waits for another one: failed, and it may be tried again."""
    currency = str(intent.currency).upper()
    error = intent.last_payment_error if intent.status == "requires_payment_method" else None
    return ChargeOutcome(
        intent.id,
        Status.FAILED if error else STATES[intent.status],
        from_stripe(intent.amount, currency),
        currency,
        client_secret=getattr(intent, "client_secret", None) or "",
        failure_code=_code_of(error),
        failure_message=getattr(error, "message", None) or "",
        can_retry=bool(error),
    )


def _code_of(error: Any) -> str:
    """The bank's reason where it gave one (`insufficient_funds`), else Stripe's (`expired_card`)."""
    code = getattr(error, "code", None) or ""
    return (getattr(error, "decline_code", None) or code) if code == "card_declined" else code


def _declined(payment: Payment, decline: stripe.CardError) -> ChargeOutcome:
    """The answer to a declined card carries the intent as it stands now."""
    intent = getattr(decline.error, "payment_intent", None)
    if intent is not None and intent.status in STATES:
        return outcome_of(intent)
    return ChargeOutcome.never_reached(payment, Status.FAILED, decline.code or "", decline.user_message or "")


def refund_outcome_of(made: Any) -> RefundOutcome:
    reason = str(getattr(made, "failure_reason", None) or "").replace("_", " ")
    failed = REFUND_STATES[made.status] == Refund.Status.FAILED
    return RefundOutcome(
        made.id, REFUND_STATES[made.status], f"The refund did not arrive: {reason or made.status}." if failed else ""
    )


def _of_round(found: Iterable[Any], refund: Refund) -> Iterable[Any]:
    """A former request that was refused says nothing of the present one."""
    return (each for each in found if getattr(each.metadata, "round", "1") == str(refund.round))


def _is_signed(raw: bytes, header: str, secret: str) -> bool:
    """Whether the bytes were signed with the secret, and lately."""
    try:
        # What `construct_event` does before it reads the JSON, which we keep as it came.
        stripe.WebhookSignature.verify_header(raw, header, secret, int(signatures.MAX_AGE.total_seconds()))
    except (stripe.SignatureVerificationError, UnicodeError):
        return False
    return True


def _discreet(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name not in PRIVATE}


def _told(event: IncomingEvent, **about: Any) -> IncomingEvent:
    return IncomingEvent(event.id, event.type, payload=event.payload, **about)


def uuid_or_none(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        return None
