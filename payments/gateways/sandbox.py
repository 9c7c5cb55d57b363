"""The sandbox: a provider for laptops, demos and tests, with Stripe's test payment methods by name.

Its book (`SandboxIntent`, `SandboxRefund`) stands for what a real provider keeps on its side of the wire: it is written
in transactions of its own and read only through this gateway. It knows its own time, as a real provider does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from payments.errors import BadWebhook, GatewayRefused, NeverHeard
from payments.gateways import signatures
from payments.gateways.base import ChargeOutcome, IncomingEvent, RefundOutcome
from payments.gateways.sandbox_disputes import SandboxDisputes, is_disputed, open_dispute
from payments.gateways.sandbox_recipients import SandboxRecipients
from payments.models import Dispute, Payment, Refund, SandboxIntent, SandboxRefund
from trufan.lib.errors import Detail

HEADER = "Sandbox-Signature"
Status = Payment.Status


@dataclass(frozen=True)
class Script:
    """How a payment method behaves: where the charge stands at once, what becomes of it later, why it fails.

    `dispute`: as what its payer goes to the bank, once the charge succeeded.
    """

    status: str
    later: str = ""
    failure_code: str = ""
    refund: str = Refund.Status.SUCCEEDED
    dispute: str = ""


def _declined(code: str) -> Script:
    return Script(Status.FAILED, failure_code=code)


#: The names are Stripe's; those with `sandbox` in them are ours.
METHODS: dict[str, Script] = {
    **dict.fromkeys(
        ("pm_card_visa", "pm_card_visa_debit", "pm_card_mastercard", "pm_card_amex", "pm_card_discover"),
        Script(Status.SUCCEEDED),
    ),
    "pm_card_chargeDeclined": _declined("card_declined"),
    "pm_card_chargeDeclinedInsufficientFunds": _declined("insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": _declined("expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declined("incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declined("processing_error"),
    "pm_card_authenticationRequired": Script(Status.REQUIRES_ACTION),
    "pm_card_refundFail": Script(Status.SUCCEEDED, refund=Refund.Status.FAILED),
    "pm_card_createDispute": Script(Status.SUCCEEDED, dispute=Dispute.Status.NEEDS_RESPONSE),
    "pm_card_createDisputeInquiry": Script(Status.SUCCEEDED, dispute=Dispute.Status.WARNING_NEEDS_RESPONSE),
    "pm_sandbox_late": Script(Status.PROCESSING, later=Status.SUCCEEDED),
    "pm_sandbox_late_failure": Script(Status.PROCESSING, later=Status.FAILED, failure_code="card_declined"),
    # No method yet: the payer chooses one in the browser, with the client secret.
    "": Script(Status.REQUIRES_ACTION),
}

MESSAGES = {
    "card_declined": "The card was declined.",
    "insufficient_funds": "The card has insufficient funds.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The card's security code is incorrect.",
    "processing_error": "An error occurred while processing the card.",
    "authentication_failed": "The payer could not be authenticated.",
}


class SandboxGateway(SandboxRecipients, SandboxDisputes):
    """`payments.gateways.base.Gateway` on a book in our own database. Refuses to exist in production."""

    name = "sandbox"
    default_method = "pm_card_visa"

    def __init__(self) -> None:
        if settings.DJANGO_ENV == "production":
            raise ImproperlyConfigured("The sandbox moves no money; it must not run in production.")

    def charge(self, payment: Payment) -> ChargeOutcome:
        script = METHODS.get(payment.payment_method)
        if script is None:
            message = f"The sandbox knows no payment method {payment.payment_method!r}."
            raise GatewayRefused(message, details=[Detail("payment_method", "unknown_payment_method", message)])
        now = timezone.now()
        late = timedelta(seconds=settings.SANDBOX_LATE_SECONDS if script.later else 0)
        tells = script.status != Status.REQUIRES_ACTION
        fresh = SandboxIntent(
            key=payment.idempotency_key,
            reference=payment.pk,
            amount=payment.amount,
            currency=payment.currency,
            payment_method=payment.payment_method,
            status=script.status,
            failure_code=script.failure_code,
            webhook_due_at=now + late if tells else None,
            webhook_state=(script.later or script.status) if tells else "",
        )
        # Of two calls under one key the first writes, and both read what it wrote.
        SandboxIntent.objects.bulk_create([fresh], ignore_conflicts=True)
        kept = SandboxIntent.objects.get(key=fresh.key)
        asked = (fresh.amount, fresh.currency, fresh.payment_method)
        if asked != (kept.amount, kept.currency, kept.payment_method):
            raise GatewayRefused("This idempotency key was used with other parameters.")
        if script.dispute and kept.pk == fresh.pk:
            open_dispute(kept, now, status=script.dispute)
        return outcome_of(kept)

    def update(self, payment: Payment, amount: int) -> ChargeOutcome:
        intent = ripen(_intent_of(payment), timezone.now())
        SandboxIntent.objects.filter(pk=intent.pk, status=Status.REQUIRES_ACTION).update(amount=amount)
        intent.refresh_from_db()
        return outcome_of(intent)

    def look_up(self, payment: Payment) -> ChargeOutcome:
        return outcome_of(ripen(_intent_of(payment), timezone.now()))

    def cancel(self, payment: Payment) -> ChargeOutcome:
        intent = ripen(_intent_of(payment), timezone.now())
        change(intent, Status.REQUIRES_ACTION, Status.CANCELLED, timezone.now())
        return outcome_of(intent)

    def refund(self, refund: Refund) -> RefundOutcome:
        with transaction.atomic():
            intent = _intent_of(refund.payment, lock=True)
            kept = intent.refunds.filter(key=refund.idempotency_key).first()
            if kept is None:
                kept = _book_refund(intent, refund)
        return refund_outcome_of(kept)

    def look_up_refund(self, refund: Refund) -> RefundOutcome:
        known = {"pk": _refund_key_of(refund.provider_id)} if refund.provider_id else {"key": refund.idempotency_key}
        kept = SandboxRefund.objects.filter(**known).first()
        if kept is None:
            raise NeverHeard
        return refund_outcome_of(kept)

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> IncomingEvent:
        signatures.verify(raw, headers.get(HEADER, ""), settings.SANDBOX_WEBHOOK_SECRET, now)
        try:
            payload = json.loads(raw)
        except (ValueError, RecursionError):
            raise BadWebhook("A webhook is a JSON object.") from None
        return self.parse_event(payload)

    def parse_event(self, payload: dict[str, Any]) -> IncomingEvent:
        try:
            about = payload["data"]["object"]
            of_dispute = about.get("object") == "dispute"
            event = (str(payload["id"]), str(payload["type"]), str(about["id"]), UUID(about["metadata"]["payment"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise BadWebhook("This is not an event of the sandbox.") from None
        if len(event[0]) > 120 or len(event[1]) > 80:
            raise BadWebhook("This is not an event of the sandbox.")
        if of_dispute:
            return IncomingEvent(event[0], event[1], provider_dispute_id=event[2], payload=payload)
        return IncomingEvent(*event, payload=payload)


def ripen(intent: SandboxIntent, now: datetime) -> SandboxIntent:
    """A charge that is processing becomes what it was to become, once its time has come."""
    if intent.status == Status.PROCESSING and intent.webhook_due_at and intent.webhook_due_at <= now:
        change(intent, Status.PROCESSING, intent.webhook_state, intent.webhook_due_at)
    return intent


def change(intent: SandboxIntent, was: str, to: str, now: datetime, failure_code: str | None = None) -> bool:
    """One conditional UPDATE of the book, with a webhook due at once; the intent is fresh afterwards either way."""
    code = intent.failure_code if failure_code is None else failure_code
    changed = SandboxIntent.objects.filter(pk=intent.pk, status=was).update(
        status=to, failure_code=code, webhook_due_at=now, webhook_state=to
    )
    intent.refresh_from_db()
    return bool(changed)


def _intent_of(payment: Payment, *, lock: bool = False) -> SandboxIntent:
    """By the provider's id if we have it, else by our key. Raises `NeverHeard`."""
    rows = SandboxIntent.objects.select_for_update() if lock else SandboxIntent.objects.all()
    if payment.provider_id:
        found = rows.filter(pk=_key_of(payment.provider_id)).first()
    else:
        found = rows.filter(key=payment.idempotency_key).first()
    if found is None:
        raise NeverHeard
    return found


def _key_of(provider_id: str) -> UUID:
    try:
        return UUID(provider_id.removeprefix("pi_sandbox_"))
    except ValueError:
        raise NeverHeard from None


def _refund_key_of(provider_id: str) -> UUID:
    try:
        return UUID(provider_id.removeprefix("re_sandbox_"))
    except ValueError:
        raise NeverHeard from None


def outcome_of(intent: SandboxIntent) -> ChargeOutcome:
    code = intent.failure_code if intent.status == Status.FAILED else ""
    return ChargeOutcome(
        intent.provider_id,
        Status(intent.status),
        intent.amount,
        intent.currency,
        client_secret=intent.client_secret,
        failure_code=code,
        failure_message=MESSAGES.get(code, ""),
    )


def _book_refund(intent: SandboxIntent, refund: Refund) -> SandboxRefund:
    """Write the refund unless it is more than is left; the caller holds the intent's row."""
    status = METHODS[intent.payment_method].refund
    gone = intent.refunds.exclude(status=Refund.Status.FAILED).aggregate(sum=Sum("amount"))["sum"] or 0
    if is_disputed(intent):
        raise GatewayRefused("The charge is disputed; it can't be refunded.")
    if intent.status != Status.SUCCEEDED or refund.amount > intent.amount - gone:
        raise GatewayRefused("The refund is greater than what is left of the charge.")
    return SandboxRefund.objects.create(key=refund.idempotency_key, intent=intent, amount=refund.amount, status=status)


def refund_outcome_of(kept: SandboxRefund) -> RefundOutcome:
    failed = kept.status == Refund.Status.FAILED
    return RefundOutcome(
        kept.provider_id, Refund.Status(kept.status), "The card's bank refused the refund." if failed else ""
    )
