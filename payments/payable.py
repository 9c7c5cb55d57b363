"""The contract between payments and whatever is paid for.

Payments know who pays and how much; never what was bought. A model that takes money subclasses `Payable`, names its
`payable_type`, and is told what became of the money. Every method is called inside a transaction that holds the
payable's row lock; locks are taken in the order payable → payment → stock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from trufan.lib.errors import Conflict, DomainError
from trufan.lib.money import AmountField, CurrencyField
from trufan.lib.words import lazy as _

if TYPE_CHECKING:
    from payments.models import Dispute, Payment, Refund


class CannotFulfil(Conflict):
    """Raised by `on_paid`: the goods are gone. The money row stays and is refunded in full.

    Where nothing was to be paid, it is the answer.
    """

    code, message = "cannot_fulfil", _("What was ordered can no longer be delivered.")


@dataclass(frozen=True)
class Share:
    """A part of what a payable costs: to a `ConnectedAccount` by its id, or to the platform (None)."""

    account_id: UUID | None
    amount: int
    reason: str
    item_id: UUID | None = None


class Payable(models.Model):
    """Something that costs `amount_total` minor units and is paid by rows of `payments.Payment`."""

    payable_type: ClassVar[str]
    #: What the `on_…` methods read beside the row itself; fetched with it.
    payable_relations: ClassVar[Sequence[str]] = ()

    currency = CurrencyField()
    amount_total = AmountField(default=0)
    amount_paid = AmountField(default=0, editable=False)
    amount_refunded = AmountField(default=0, editable=False)
    amount_disputed = AmountField(default=0, editable=False)

    class Meta:
        abstract = True

    def refuse_payment(self, now: datetime) -> DomainError | None:
        """Why nothing may be charged for this at `now`, if so."""
        raise NotImplementedError

    def refuse_refund(self, refund: Refund, now: datetime) -> DomainError | None:
        """Why a refund that the provider refused may not be asked for again, if so."""
        return None

    @property
    def payment_venue_id(self) -> UUID:
        """The tenant whose staff may see the payment."""
        raise NotImplementedError

    @property
    def payment_reference(self) -> str:
        """What the payer reads on the statement: the order's number."""
        raise NotImplementedError

    def shares(self) -> list[Share]:
        """Who gets what of `amount_total`, to which the shares add up. Asked once the money is there."""
        raise NotImplementedError

    def on_paid(self, payment: Payment, now: datetime) -> None:
        """The money is there. May raise `CannotFulfil`."""
        raise NotImplementedError

    def on_payment_failed(self, payment: Payment, now: datetime) -> None:
        """This attempt failed; another may follow."""
        raise NotImplementedError

    def on_refunded(self, refund: Refund, now: datetime) -> None:
        """The money went back; `refund.payment` has the sums."""
        raise NotImplementedError

    def on_disputed(self, dispute: Dispute, now: datetime) -> None:
        """A dispute over a payment that counts came to another `dispute.stage`; `amount_disputed` has the sum.

        warning: the bank asks, nothing happened yet. open: the money is held, so what was paid for is too. won,
        closed: the money is there again. lost: it is gone for good. It may be lost or won without ever being open, and
        won after it was lost.
        """
        raise NotImplementedError

    def on_refund_failed(self, refund: Refund, now: datetime) -> None:
        """The provider refused it: the money stays, until a person asks again."""
        raise NotImplementedError

    def on_refund_retried(self, refund: Refund, again: Refund, now: datetime) -> None:
        """A person asks again: for the same refund, or for another that replaces one that came back."""
        raise NotImplementedError

    def on_refund_came_back(self, refund: Refund, now: datetime) -> None:
        """It had gone, and its bank returned it: the sums are less by it, and a person decides what becomes of it."""
        raise NotImplementedError

    def on_refund_by_house(self, refund: Refund, now: datetime) -> None:
        """A refund that nobody asked of the payable: money that came late, twice or wrong, or went without us."""
        raise NotImplementedError


def money_checks(prefix: str) -> list[models.CheckConstraint]:
    """0 ≤ refunded ≤ paid ≤ total and 0 ≤ disputed ≤ paid, for the `Meta.constraints` of a payable."""
    return [
        models.CheckConstraint(condition=Q(amount_refunded__gte=0), name=f"{prefix}_refunded_not_negative"),
        models.CheckConstraint(
            condition=Q(amount_refunded__lte=F("amount_paid")), name=f"{prefix}_refunded_within_paid"
        ),
        models.CheckConstraint(condition=Q(amount_paid__lte=F("amount_total")), name=f"{prefix}_paid_within_total"),
        models.CheckConstraint(
            condition=Q(amount_disputed__gte=0) & Q(amount_disputed__lte=F("amount_paid")),
            name=f"{prefix}_disputed_within_paid",
        ),
    ]


@cache
def payable_model(payable_type: str) -> type[Payable]:
    """The model behind a `payable_type`. Raises `LookupError` for a name nobody has."""
    for model in apps.get_models():
        if issubclass(model, Payable) and model.payable_type == payable_type:
            return model
    raise LookupError(f"no payable called {payable_type!r}")
