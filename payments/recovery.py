"""Asking the gateway about payments whose answer never arrived: a crash, a lost webhook, a payer who walked away."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Q

from payments import charges, gateways
from payments.charges import IN_FLIGHT
from payments.errors import NeverHeard
from payments.models import Payment
from payments.pauses import each
from payments.querysets import PaymentQuerySet
from payments.settlement import settle

#: How often a payment that waits for its payer or its bank is asked about.
RECHECK = timedelta(minutes=5)


def recover(now: datetime, limit: int = 100) -> int:
    """The sweep `payments.unsettled`: bring open payments that nobody heard of lately up to date; returns how many."""
    return each(_unheard(now).order_by("checked_at")[:limit], partial(_claim, now=now))


def refresh(payment_id: UUID, now: datetime) -> Payment | None:
    """Ask the provider where the payment stands and record it; end it if its payable takes no money any more.

    Called outside of any transaction. Returns None for an unknown payment. Raises `GatewayUnavailable`.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    return payment and _bring_up_to_date(payment, now)


def _bring_up_to_date(payment: Payment, now: datetime) -> Payment:
    if payment.is_live and payment.payable().refuse_payment(now):
        return charges.give_up(payment, now)
    try:
        outcome = gateways.named(payment.provider).look_up(payment)
    except NeverHeard:
        # The call never reached the provider; it may be made again for as long as the payable wants money.
        return payment
    return settle(payment.pk, outcome, now)


def _unheard(now: datetime) -> PaymentQuerySet:
    """Live payments whose gateway call has ended without a record, or that wait and were not asked about lately."""
    unanswered = Q(status=Payment.Status.CREATED, checked_at__lte=now - IN_FLIGHT)
    return Payment.objects.live().filter(unanswered | Q(checked_at__lte=now - RECHECK))


def _claim(payment: Payment, now: datetime) -> bool:
    """Refresh one payment unless another sweep, or its payer, came first."""
    unmoved = Payment.objects.filter(pk=payment.pk, status=payment.status, checked_at=payment.checked_at)
    if not unmoved.update(checked_at=now):
        return False
    _bring_up_to_date(payment, now)
    return True
