"""Holding our books against the provider's: what a lost webhook left behind is mended, the rest is a person's.

What is mended goes through the same rules as a webhook. What is not is kept as a `ReconciliationFinding`, one row while
it is open, and nothing is settled by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from audit.trail import record
from payments import gateways, refunds, tasks
from payments.dispute_reconciler import Disputes
from payments.errors import AlreadyResolved, NeverHeard, NotRefundable, ReconciliationUnderWay
from payments.models import Payment, ReconciliationFinding, ReconciliationRun, Refund
from payments.reconcilers import Charges, Check, Comparison, Difference, Reconciler, Refunds, Transfers
from trufan.lib import nudging
from trufan.lib.errors import Missing

log = structlog.get_logger("trufan.payments")

#: What is compared, in this order. To compare another kind of record, add its `Reconciler`.
RECONCILERS: list[Reconciler] = [Charges(), Refunds(), Transfers(), Disputes()]
#: The kind of finding that `adopt_refund` can book.
REFUND_BY_HAND = "refund_unknown_here"
#: By then a run has ended: whoever has not was killed.
LONGEST = timedelta(hours=3)
#: How long a provider that was away is left alone.
AFTER_A_FAILURE = timedelta(hours=1)


@dataclass
class Report:
    """What a comparison came to; in a dry run `mended` is what would have been."""

    checked: int = 0
    mended: list[Difference] = field(default_factory=list)
    left: list[Difference] = field(default_factory=list)


def reconcile(
    provider: str, since: datetime, now: datetime, *, by: Any = None, dry_run: bool = False
) -> tuple[ReconciliationRun | None, Report]:
    """Compare all that either side made since then, mend what can be, and keep what a person must decide.

    Called outside of any transaction; `by` is who asked, None for the schedule. A dry run writes nothing, its run is
    None. Raises `ReconciliationUnderWay` and `GatewayUnavailable`; a run that fails keeps the reason.
    """
    with_ = Comparison(provider, gateways.books(provider), since, now)
    if dry_run:
        report = Report()
        for check in _all(with_):
            _sort(check, report)
        return None, report
    run = _begin(provider, since, now, by)
    report = Report()
    try:
        _work(_all(with_), report, with_, run)
    except Exception as failure:
        _end(run, report, error=f"{type(failure).__name__}: {failure}"[:255])
        raise
    _end(run, report)
    return run, report


def ask_again(payment: Payment, *, by: Any, now: datetime) -> Report:
    """The same for one payment and what hangs on it. Raises `NeverHeard`, `GatewayUnavailable`.

    Called outside of any transaction.
    """
    if not payment.provider_id:
        raise NeverHeard
    with_ = Comparison(payment.provider, gateways.books(payment.provider), now, now)
    report = Report()
    _work((check for each in RECONCILERS for check in each.of_payment(with_, payment)), report, with_, None)
    record(
        "payment.reconciled",
        payment,
        new={"checked": report.checked, "mended": len(report.mended), "found": len(report.left)},
        actor=by,
        venue_id=payment.venue_id,
    )
    return report


def resolve(finding: ReconciliationFinding, *, by: Any, note: str, now: datetime) -> ReconciliationFinding:
    """A person decided; the finding comes back with the next run if there still is a difference then.

    Raises `AlreadyResolved`.
    """
    with transaction.atomic():
        rows = ReconciliationFinding.objects.open().filter(pk=finding.pk)
        if not rows.update(resolved_at=now, resolved_by=by, note=note[:255]):
            raise AlreadyResolved
        record("reconciliation.resolved", finding, new={"kind": finding.kind, "note": note[:255]}, actor=by)
    finding.refresh_from_db()
    return finding


def adopt_refund(finding: ReconciliationFinding, *, by: Any, now: datetime) -> Refund:
    """Book the refund that was made in the provider's dashboard, and close the finding.

    Called outside of any transaction. Raises `AlreadyResolved`, `Missing` for a finding of another kind, and what
    `refunds.adopt` raises.
    """
    payment = finding.payment
    if finding.kind != REFUND_BY_HAND or payment is None:
        raise Missing(gettext("There is no refund to book."))
    if finding.resolved_at:
        raise AlreadyResolved
    theirs = gateways.books(finding.provider).refund(finding.reference)
    if theirs.currency != payment.currency:
        raise NotRefundable(
            gettext("It is in {currency}, the payment in {currency2}.").format(
                currency=theirs.currency, currency2=payment.currency
            )
        )
    refund = refunds.adopt(payment, finding.reference, theirs.amount, by=by, now=now)
    resolve(finding, by=by, note="Booked as a refund of ours.", now=now)
    return refund


def nudge_due(now: datetime) -> int:
    """The sweep `payments.reconciliation`: let a worker compare with every provider whose turn it is; how many."""
    due = [name for name in gateways.served() if is_due(name, now)]
    for name in due:
        nudging.nudge(tasks.reconcile, name)
    return len(due)


def is_due(provider: str, now: datetime) -> bool:
    """Whether the last run began long enough ago, or failed an hour ago.

    Never where the schedule is off, or nothing was ever charged.
    """
    every = timedelta(hours=settings.RECONCILE_EVERY_HOURS)
    if not every or not Payment.objects.filter(provider=provider).exists():
        return False
    done = Q(created_at__gt=now - every, error="") | Q(created_at__gt=now - min(every, AFTER_A_FAILURE))
    return not ReconciliationRun.objects.filter(done, provider=provider).exists()


def reconcile_if_due(provider: str, now: datetime) -> bool:
    """The scheduled run over the last `RECONCILE_DAYS`, unless another began meanwhile; returns whether it ran."""
    if not is_due(provider, now):
        return False
    try:
        reconcile(provider, now - timedelta(days=settings.RECONCILE_DAYS), now)
    except ReconciliationUnderWay:
        return False
    return True


def _all(with_: Comparison) -> Iterator[Check]:
    for reconciler in RECONCILERS:
        yield from reconciler.all_since(with_)


def _sort(check: Check, report: Report) -> None:
    """As a run would, as far as that can be told without doing it."""
    report.checked += 1
    difference = check.again() if check.difference else None
    if difference:
        # What the rule would hold for a person is no use to mend.
        mends = difference.mend and not difference.kind.endswith("_amount_differs")
        (report.mended if mends else report.left).append(difference)


def _work(checks: Iterator[Check], report: Report, with_: Comparison, run: ReconciliationRun | None) -> None:
    known = set(
        ReconciliationFinding.objects.open().filter(provider=with_.provider).values_list("reference", flat=True)
    )
    for check in checks:
        report.checked += 1
        left = _mend(check, report) if check.difference else None
        if left:
            report.left.append(left)
            _keep(left, with_, run)
        if check.reference in known:
            _close(check.reference, left, with_)


def _mend(check: Check, report: Report) -> Difference | None:
    """What is left of the difference once the rule has run."""
    difference = check.difference
    if difference is None or difference.mend is None:
        # A list may be behind what has happened since.
        return check.again()
    try:
        difference.mend()
    except Exception:
        # One that can't be mended is a person's, and keeps nobody from the rest.
        log.exception("reconciliation_not_mended", kind=difference.kind, reference=difference.reference)
        return difference
    left = check.again()
    if left is None:
        report.mended.append(difference)
        log.warning("reconciliation_mended", kind=difference.kind, reference=difference.reference)
    return left


def _keep(left: Difference, with_: Comparison, run: ReconciliationRun | None) -> None:
    """One row while it is open; what it says is as it was seen last."""
    said = {"ours": left.ours[:255], "theirs": left.theirs[:255], "seen_at": with_.now}
    with transaction.atomic():
        same = ReconciliationFinding.objects.open().filter(
            provider=with_.provider, kind=left.kind, reference=left.reference
        )
        if same.update(**said):
            return
        fresh = ReconciliationFinding(
            run=run,
            provider=with_.provider,
            kind=left.kind,
            reference=left.reference,
            payment=left.payment,
            venue_id=left.payment.venue_id if left.payment else None,
            **said,
        )
        ReconciliationFinding.objects.bulk_create([fresh], ignore_conflicts=True)
        record("reconciliation.found", fresh, new={"kind": left.kind, "reference": left.reference, **said}, actor=None)
    log.error("reconciliation_finding", kind=left.kind, reference=left.reference, ours=left.ours, theirs=left.theirs)


def _close(reference: str, left: Difference | None, with_: Comparison) -> None:
    """What no longer differs needs nobody any more."""
    gone = ReconciliationFinding.objects.open().filter(provider=with_.provider, reference=reference)
    if left:
        gone = gone.exclude(kind=left.kind)
    gone.update(resolved_at=with_.now)


def _begin(provider: str, since: datetime, now: datetime, by: Any) -> ReconciliationRun:
    dead = ReconciliationRun.objects.filter(provider=provider, finished_at=None, created_at__lte=now - LONGEST)
    dead.update(finished_at=now, error="It came to no end.")
    try:
        with transaction.atomic():
            return ReconciliationRun.objects.create(provider=provider, since=since, requested_by=by, created_at=now)
    except IntegrityError:
        raise ReconciliationUnderWay from None


def _end(run: ReconciliationRun, report: Report, *, error: str = "") -> None:
    run.checked, run.mended, run.found = report.checked, len(report.mended), len(report.left)
    run.finished_at, run.error = timezone.now(), error
    with transaction.atomic():
        run.save(update_fields=["checked", "mended", "found", "finished_at", "error", "updated_at"])
        sums = {"checked": run.checked, "mended": run.mended, "found": run.found, "error": error}
        record("reconciliation.finished", run, new=sums, actor=run.requested_by)
