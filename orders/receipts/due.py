"""What leads to papers, and how it says that some are due."""

from __future__ import annotations

from django.db import models

from payments.payable import Payable


class Receipted(Payable):
    """A payable whose sale and refunds are receipted. `receipts_due`: something happened that has no paper yet.

    The mark is set in the transaction of what happened; the numbers are given after its commit.
    """

    paid_at = models.DateTimeField(null=True, blank=True)
    receipts_due = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True
