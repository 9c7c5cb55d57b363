"""The one order in which payments take locks: payable → payment → refund or dispute; the payable's stock is last."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext

from payments.models import Payment
from payments.payable import Payable
from trufan.lib.errors import Missing


def lock(payment_id: UUID) -> tuple[Payable, Payment]:
    """The payable and the payment, freshly read and held until the transaction ends. Raises `Missing`."""
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise Missing(gettext("There is no such payment."))
    # What a payment is for never changes, so that it may be read before the lock.
    payable = payment.payable(lock=True)
    # Without its key: who writes a movement of the payment into the books, under a later lock, refers to it.
    return payable, Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment_id)


def add_to(payable: Payable, *, paid: int = 0, refunded: int = 0, disputed: int = 0) -> None:
    """Book money on the payable, whose row the caller holds; its checks stand in the database."""
    rows = type(payable)._default_manager.filter(pk=payable.pk)
    rows.update(
        amount_paid=F("amount_paid") + paid,
        amount_refunded=F("amount_refunded") + refunded,
        amount_disputed=F("amount_disputed") + disputed,
    )
    payable.amount_paid += paid
    payable.amount_refunded += refunded
    payable.amount_disputed += disputed
