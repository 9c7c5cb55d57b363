"""What leads to papers, and how it says that some are due."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.db import models

from payments.payable import Payable

if TYPE_CHECKING:
    from orders.models import Order


class Receipted(Payable):
    """A payable whose sale and refunds are receipted. `receipts_due`: something happened that has no paper yet.

    The mark is set in the transaction of what happened; the numbers are given after its commit.
    """

    #: The `Receipt.Kind` of its receipt.
    receipt_kind: ClassVar[str]

    paid_at = models.DateTimeField(null=True, blank=True)
    receipts_due = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True

    @property
    def receipt_order(self) -> Order | None:
        """The order that the papers are shown with, if they belong to one."""
        return None

    def receipt_contents(self) -> dict[str, Any]:
        """What its receipt says; see `contents.py`."""
        raise NotImplementedError


@cache
def receipted() -> tuple[type[Receipted], ...]:
    """Every kind of payable that has receipts."""
    return tuple(model for model in apps.get_models() if issubclass(model, Receipted))
