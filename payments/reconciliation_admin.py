"""The console's pages of reconciliation: comparisons with the providers, and what a person must decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from payments import reconciliation, tasks
from payments.models import Payment, ReconciliationFinding, ReconciliationRun
from trufan.lib import nudging
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: So far back a comparison from the console goes.
MOST_DAYS = 92


def _again(run: ReconciliationRun, by: Any, now: datetime) -> None:
    nudging.nudge(tasks.reconcile_since, run.provider, run.since.isoformat(), str(by.pk))


def _since(run: ReconciliationRun, by: Any, now: datetime, day: date) -> None:
    nudging.nudge(tasks.reconcile_since, run.provider, datetime.combine(day, time(0), UTC).isoformat(), str(by.pk))


class DayAnswers(Answers):
    """From which day on."""

    day = forms.DateField(
        label=_("From this day on"),
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
        help_text=_("From midnight, UTC: the providers' books know no venue's clock."),
    )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        today = timezone.now().astimezone(UTC).date()
        if not today - timedelta(days=MOST_DAYS) <= day <= today:
            raise forms.ValidationError(gettext("Within the last {MOST_DAYS} days.").format(MOST_DAYS=MOST_DAYS))
        return day


def _resolve(finding: ReconciliationFinding, by: Any, now: datetime, reason: str) -> None:
    reconciliation.resolve(finding, by=by, note=reason, now=now)


def _can_be_booked(finding: ReconciliationFinding) -> bool:
    return finding.kind == reconciliation.REFUND_BY_HAND and finding.resolved_at is None


def finding_section(page: TenantModelAdmin, request: HttpRequest, rows: Iterable[ReconciliationFinding]) -> Section:
    """What differs from the provider's books, on the page of a payment or a run."""
    return Section(
        title=gettext("Differences from the provider's books"),
        headers=[gettext("what"), gettext("ours"), gettext("theirs"), gettext("seen"), gettext("decided")],
        rows=[
            [
                page.link(request, row),
                row.ours,
                row.theirs,
                columns.local_time(row.seen_at),
                row.note or ("gone by itself" if row.resolved_at else "–"),
            ]
            for row in rows
        ],
        empty=gettext("None is known."),
    )


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(HistoryMixin, TenantModelAdmin):
    """Comparisons with the providers. They go across venues, so super admins alone see them."""

    list_display = ["provider", "from_when", "checked", "mended", "found", "requested_by", "began", "error"]
    list_filter = ["provider"]
    list_select_related = ["requested_by"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["provider", "from_when", "requested_by", ("began", "ended"), "error"]}),
        (_("What came of it"), {"fields": [("checked", "mended", "found")]}),
    ]
    readonly_fields = ["from_when", "began", "ended"]
    buttons = [
        RowButton(
            name="again",
            label=_("Compare again"),
            permission=None,
            run=_again,
            consequence=(
                _(
                    "All that we and {row.provider} made since then is compared once more. What a lost "
                    "webhook left behind is mended; what only a person can decide is listed among the "
                    "differences. Nothing is charged or sent."
                )
            ),
            done=_("The comparison is under way; its own row appears in the list."),
            icon="sync",
        ),
        RowButton(
            name="since",
            label=_("Compare from a day on"),
            permission=None,
            run=_since,
            consequence=(
                _(
                    "All that we and {row.provider} made from that day until now is compared. What a "
                    "lost webhook left behind is mended; what only a person can decide is listed among "
                    "the differences. Nothing is charged or sent."
                )
            ),
            done=_("The comparison is under way; its own row appears in the list."),
            form=DayAnswers,
            icon="event",
        ),
    ]

    from_when = columns.moment("since", _("since"))
    began = columns.moment("created_at", _("began"))
    ended = columns.moment("finished_at", _("ended"))

    def sections(self, request: HttpRequest, row: ReconciliationRun) -> Iterable[Section]:
        yield finding_section(self, request, row.findings.select_related("payment")[:100])
        yield from history(self, request, row)


@admin.register(ReconciliationFinding)
class ReconciliationFindingAdmin(HistoryMixin, TenantModelAdmin):
    """Differences that only a person can decide. Those of no venue's payment are for super admins."""

    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["what", "reference", "ours", "theirs", "order", "at", "seen", "is_open"]
    list_filter = [VenueFilter, ("resolved_at", admin.EmptyFieldListFilter), "kind"]
    search_fields = ["reference__istartswith", "payment__reference__istartswith"]
    search_help_text = _("The provider's id, or the order number, from their beginning")
    list_select_related = ["payment", "resolved_by"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["what", ("ours", "theirs"), "reference", "provider", "at"]}),
        (_("When"), {"fields": [("first_seen", "seen")]}),
        (_("What was decided"), {"fields": ["decided", "resolved_by", "note"]}),
    ]
    readonly_fields = ["what", "at", "first_seen", "seen", "decided"]
    buttons = [
        RowButton(
            name="adopt",
            label=_("Book this refund"),
            permission=Permission.REFUND_ORDERS,
            run=lambda finding, by, now: reconciliation.adopt_refund(finding, by=by, now=now),
            consequence=(
                _(
                    "{row.theirs} was sent back at the provider without us. It is booked as a refund of "
                    "the payment: the order's sums follow, its recipients give their parts back, and an "
                    "order without any money left ends."
                )
            ),
            done=_("The refund stands in our books now."),
            available=_can_be_booked,
            icon="library_add_check",
        ),
        RowButton(
            name="resolve",
            label=_("Close"),
            permission=Permission.REFUND_ORDERS,
            run=_resolve,
            consequence=_(
                "Say what was decided. Nothing else is done; what differs still comes back with the next one."
            ),
            done=_("Closed."),
            available=lambda finding: finding.resolved_at is None,
            form=ReasonForm,
            icon="task_alt",
        ),
    ]

    what = columns.badge("kind", _("what"))
    at = columns.venue_name()
    first_seen = columns.moment("created_at", _("first seen"))
    seen = columns.moment("seen_at", _("last seen"))
    decided = columns.moment("resolved_at", _("decided"))

    @admin.display(description=_("open"), boolean=True, ordering="resolved_at")
    def is_open(self, row: ReconciliationFinding) -> bool:
        return row.resolved_at is None

    @admin.display(description=_("order"))
    def order(self, row: ReconciliationFinding) -> str:
        return row.payment.reference if row.payment else "–"

    def sections(self, request: HttpRequest, row: ReconciliationFinding) -> Iterable[Section]:
        if row.payment:
            yield payment_section(self, request, row.payment)
        yield from history(self, request, row)


def payment_section(page: TenantModelAdmin, request: HttpRequest, payment: Payment) -> Section:
    """The payment that a row belongs to, on the row's page."""
    return Section(
        title=gettext("Payment"),
        headers=[gettext("payment"), gettext("status"), gettext("provider's id"), gettext("order")],
        rows=[[
            page.link(request, payment, columns.show(payment.amount, payment.currency)),
            columns.label(payment.status),
            payment.provider_id or "–",
            page.link(request, payment.payable(), payment.reference),
        ]],
    )  # fmt: skip
