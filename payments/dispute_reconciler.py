"""Comparing disputes with the provider's: status, amount, and what was taken and given back for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from django.db.models import Q, QuerySet

from payments import dispute_recovery, gateways
from payments.errors import NeverHeard
from payments.gateways.base import DisputeOutcome
from payments.models import Dispute, Payment
from payments.reconcilers import NOTHING, Check, Comparison, Difference, pages
from trufan.lib.money import show


class Disputes:
    """`payments.reconcilers.Reconciler` of disputes: those told since then, and all of ours that are undecided."""

    def all_since(self, with_: Comparison) -> Iterator[Check]:
        seen = set()
        for check in self._checks(with_, gateways.named(with_.provider).disputes_since(with_.since)):
            seen.add(check.reference)
            yield check
        ours = Dispute.objects.filter(provider=with_.provider).filter(
            Q(opened_at__gte=with_.since) | Q(pk__in=Dispute.objects.open().values("pk"))
        )
        for dispute in ours.iterator():
            if dispute.provider_id not in seen:
                yield self._known(with_, dispute)

    def of_payment(self, with_: Comparison, payment: Payment) -> Iterator[Check]:
        seen = set()
        for check in self._checks(with_, gateways.named(with_.provider).disputes_of(payment)):
            seen.add(check.reference)
            yield check
        for dispute in payment.disputes.all():
            if dispute.provider_id not in seen:
                yield self._known(with_, dispute)

    def _checks(self, with_: Comparison, told: Iterable[DisputeOutcome]) -> Iterator[Check]:
        for outcomes in pages(told):
            known = _rows(with_).filter(provider_id__in=[outcome.provider_id for outcome in outcomes])
            rows = {dispute.provider_id: dispute for dispute in known}
            for outcome in outcomes:
                again = partial(self._afresh, with_, outcome.provider_id)
                yield Check(outcome.provider_id, self._compare(with_, outcome, rows.get(outcome.provider_id)), again)

    def _known(self, with_: Comparison, dispute: Dispute) -> Check:
        again = partial(self._afresh, with_, dispute.provider_id)
        return Check(dispute.provider_id, again(), again)

    def _afresh(self, with_: Comparison, provider_id: str) -> Difference | None:
        dispute = _rows(with_).filter(provider_id=provider_id).first()
        try:
            told = gateways.named(with_.provider).look_up_dispute(provider_id)
        except NeverHeard:
            if dispute is None:
                return None
            return Difference("dispute_unknown_there", provider_id, _ours(dispute), NOTHING, dispute.payment)
        return self._compare(with_, told, dispute)

    def _compare(self, with_: Comparison, told: DisputeOutcome, dispute: Dispute | None) -> Difference | None:
        theirs = _words(told.amount, told.currency, told.status, bool(told.withdrawn_at), bool(told.reinstated_at))
        mend = partial(dispute_recovery.refresh, with_.provider, told.provider_id, with_.now)
        if dispute is None:
            payment = dispute_recovery.payment_of(with_.provider, told)
            return Difference(
                "dispute_unknown_here", told.provider_id, NOTHING, theirs, payment, mend if payment else None
            )
        if dispute.status != told.status:
            kind = "dispute_status_differs"
        elif (dispute.amount, dispute.currency) != (told.amount, told.currency):
            kind = "dispute_amount_differs"
        elif _moved(dispute) != (bool(told.withdrawn_at), bool(told.reinstated_at), told.fee, told.fee_returned):
            kind = "dispute_money_differs"
        else:
            return None
        return Difference(kind, told.provider_id, _ours(dispute), theirs, dispute.payment, mend)


def _rows(with_: Comparison) -> QuerySet:
    return Dispute.objects.filter(provider=with_.provider).select_related("payment")


def _moved(dispute: Dispute) -> tuple[bool, bool, int, int]:
    """What was taken for it and given back: the amount, and the fees."""
    taken, returned = bool(dispute.funds_withdrawn_at), bool(dispute.funds_reinstated_at)
    return taken, returned, dispute.fee, dispute.fee_returned


def _ours(dispute: Dispute) -> str:
    return _words(dispute.amount, dispute.currency, dispute.status, *_moved(dispute)[:2])


def _words(amount: int, currency: str, status: str, taken: bool, returned: bool) -> str:
    money = ", withdrawn" * taken + ", reinstated" * returned
    return f"{show(amount, currency)} {str(status).replace('_', ' ')}{money}"
