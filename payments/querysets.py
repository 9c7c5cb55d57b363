"""Named reads of payments and refunds."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet

#: The statuses in which a payment may still come to something; the partial indexes name the same.
OPEN = ("created", "requires_action", "processing")
#: A chargeback: the money is with the payer's bank until it is decided.
DISPUTED = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review")
#: The statuses of a dispute in which the provider waits for our answer.
AWAITING_ANSWER = ("warning_needs_response", "needs_response", "appeal_needs_response")
#: What failed, but may still be paid with the provider by another card.
RETRYABLE = Q(status="failed", can_retry=True)


class PaymentQuerySet(BaseQuerySet):
    def of(self, payable: Any) -> PaymentQuerySet:
        """The payments of one payable."""
        return self.filter(payable_type=payable.payable_type, payable_id=payable.pk)

    def open(self) -> PaymentQuerySet:
        return self.filter(status__in=OPEN)

    def live(self) -> PaymentQuerySet:
        """Those that their payer may still bring to something at the provider."""
        return self.filter(Q(status__in=OPEN) | RETRYABLE)

    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> PaymentQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))


class RefundQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> RefundQuerySet:
        return self if user.is_superuser else self.filter(payment__venue_id__in=user.venues_where(permission))


class AccountQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> AccountQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))


class OfPaymentQuerySet(BaseQuerySet):
    """Rows that hang on a payment, and are seen by who sees it."""

    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> OfPaymentQuerySet:
        return self if user.is_superuser else self.filter(payment__venue_id__in=user.venues_where(permission))


class DisputeQuerySet(OfPaymentQuerySet):
    def open(self) -> DisputeQuerySet:
        """Chargebacks that are not decided yet."""
        return self.filter(status__in=DISPUTED)

    def decided(self) -> DisputeQuerySet:
        """Those that hold nothing any more, or have taken it for good."""
        return self.exclude(status__in=DISPUTED)

    def awaiting_answer(self) -> DisputeQuerySet:
        return self.filter(status__in=AWAITING_ANSWER)

    def of(self, payable: Any) -> DisputeQuerySet:
        """The disputes over the payments that a payable counts."""
        return self.filter(
            payment__payable_type=payable.payable_type, payment__payable_id=payable.pk, payment__counted=True
        )


class FindingQuerySet(BaseQuerySet):
    def open(self) -> FindingQuerySet:
        """Those that nobody has decided yet."""
        return self.filter(resolved_at=None)

    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> FindingQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))
