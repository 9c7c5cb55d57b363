"""The console's page of disputes: what is claimed, until when to answer, and the buttons that answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from payments import dispute_answers, gateways, sandbox_payer
from payments.dispute_models import DUE_SOON
from payments.gateways.sandbox import SandboxGateway
from payments.ledger_admin import book_section
from payments.models import Dispute, Transfer
from payments.share_admin import transfer_section
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

COLOURS = {
    **dict.fromkeys(("warning_needs_response", "warning_under_review", "under_review"), "warning"),
    **dict.fromkeys(("needs_response", "appeal_needs_response", "lost"), "danger"),
    **dict.fromkeys(("won", "warning_closed", "prevented"), "success"),
}
MARKS = {"overdue": ("overdue", "danger"), "soon": ("soon", "warning")}


class AnswerFilter(admin.SimpleListFilter):
    """What the bank waits for."""

    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("needed", gettext("Needs an answer")), ("soon", gettext("Due within three days, or overdue"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("needed", "soon"):
            return queryset
        rows: QuerySet = queryset.awaiting_answer()  # type: ignore[attr-defined]
        return rows if self.value() == "needed" else rows.filter(evidence_due_by__lte=timezone.now() + DUE_SOON)


class EvidenceAnswers(Answers):
    """What speaks for the venue."""

    text = forms.CharField(
        max_length=dispute_answers.LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text=_(
            "What was bought and when, when the tickets were used, what the buyer was told. It "
            "is sent once and cannot be changed. Leave out what the bank need not know of people."
        ),
    )


def _is_the_sandboxs(dispute: Dispute) -> bool:
    return dispute.provider == SandboxGateway.name and gateways.is_served(SandboxGateway.name)


def _play(outcome: str, label: str, consequence: str, done: str) -> RowButton:
    """In the sandbox nobody decides unless somebody plays the bank."""
    return RowButton(
        name=f"play-{outcome}",
        label=label,
        permission=Permission.REFUND_ORDERS,
        run=lambda dispute, by, now: sandbox_payer.decide_dispute(dispute, outcome, now),
        consequence=consequence,
        done=done,
        available=lambda dispute: _is_the_sandboxs(dispute) and dispute.can_move(outcome),
        icon="gavel",
        is_destructive=outcome == Dispute.Status.LOST,
    )


def _giving_up(dispute: Dispute) -> str:
    return gettext(
        "The buyer of order {reference} keeps {amount}, and the recipients' parts of it do "
        "not come back. If nothing is left of what was paid, the order's tickets become "
        "void. This can't be undone."
    ).format(reference=dispute.payment.reference, amount=columns.show(dispute.amount, dispute.currency))


@admin.register(Dispute)
class DisputeAdmin(HistoryMixin, TenantModelAdmin):
    """Claims of buyers at their banks. The provider's word moves them; staff answer."""

    venue_lookup = "payment__venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["order", "amount_shown", "state", "due", "why", "at", "opened"]
    list_filter = [VenueFilter, AnswerFilter, "status"]
    search_fields = ["payment__reference__istartswith", "provider_id__istartswith"]
    search_help_text = _("Order number or the provider's id, from their beginning")
    list_select_related = ["payment"]
    ordering = ["-opened_at", "-id"]
    fieldsets = [
        (None, {"fields": ["order", ("amount_shown", "held_shown"), "state", "why", "due"]}),
        (_("Answer"), {"fields": ["answered", "evidence"]}),
        (_("Provider"), {"fields": ["provider", "provider_id", "fee_shown", "withdrawn", "reinstated", "checked"]}),
        (_("When"), {"fields": ["opened", "closed"]}),
    ]
    readonly_fields = ["order", "amount_shown", "held_shown", "state", "why", "due", "answered", "fee_shown",
                       "withdrawn", "reinstated", "checked", "opened", "closed"]  # fmt: skip
    buttons = [
        RowButton(
            name="answer",
            label=_("Answer with evidence"),
            permission=Permission.REFUND_ORDERS,
            run=dispute_answers.submit,
            consequence=_("What you write goes to the buyer's bank, once. It takes weeks to decide."),
            done=_("The answer was sent."),
            available=lambda dispute: dispute.needs_answer,
            form=EvidenceAnswers,
            icon="rate_review",
        ),
        RowButton(
            name="accept",
            label=_("Give it up"),
            permission=Permission.REFUND_ORDERS,
            run=dispute_answers.accept,
            consequence=_giving_up,
            done=_("The dispute was given up."),
            available=lambda dispute: dispute.needs_answer,
            icon="flag",
            is_destructive=True,
        ),
        RowButton(
            name="refresh",
            label=_("Ask the provider"),
            permission=Permission.REFUND_ORDERS,
            run=lambda dispute, by, now: dispute_answers.refresh(dispute, now),
            consequence=_("The payment provider is asked how this dispute stands, and its answer recorded."),
            done=_("The provider was asked."),
            icon="sync",
        ),
        _play(
            "won",
            _("Sandbox: let it be won"),
            _("This is the sandbox: you play the bank, and the dispute is won at once."),
            _("The dispute is won."),
        ),
        _play(
            "lost",
            _("Sandbox: let it be lost"),
            _("This is the sandbox: you play the bank, and the dispute is lost at once."),
            _("The dispute is lost."),
        ),
    ]

    amount_shown = columns.money("amount", _("claimed"))
    held_shown = columns.money("amount_held", _("held of the payment"), currency="payment.currency")
    state = columns.badge("status", _("status"), COLOURS)
    at = columns.venue_name()
    opened = columns.moment("opened_at", _("opened"))
    answered = columns.moment("answered_at", _("answered"))
    withdrawn = columns.moment("funds_withdrawn_at", _("money taken"))
    reinstated = columns.moment("funds_reinstated_at", _("money given back"))
    checked = columns.moment("checked_at", _("last asked"))
    closed = columns.moment("closed_at", _("closed"))

    @admin.display(description=_("order"), ordering="payment__reference")
    def order(self, row: Dispute) -> str:
        return row.payment.reference

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, row: Dispute) -> str:
        return columns.words(row.reason)

    @admin.display(description=_("answer due by"), ordering="evidence_due_by")
    def due(self, row: Dispute) -> str:
        return due_shown(row, columns.zone_of(row))

    @admin.display(description=_("fee"))
    def fee_shown(self, row: Dispute) -> str:
        return columns.show(row.fee - row.fee_returned, row.fee_currency) if row.fee_currency else "–"

    def sections(self, request: HttpRequest, row: Dispute) -> Iterable[Section]:
        yield Section(
            title=gettext("Payment"),
            headers=[gettext("payment"), gettext("status"), gettext("order")],
            rows=[[self.link(request, row.payment, columns.show(row.payment.amount, row.payment.currency)),
                   columns.label(row.payment.status), self.link(request, row.payment.payable())]],
        )  # fmt: skip
        transfers = Transfer.objects.filter(payment=row.payment_id).select_related("payment", "account")
        yield transfer_section(self, request, row, transfers)
        yield book_section(self, request, row.payment, row.pk)
        yield from history(self, request, row)


def due_shown(row: Dispute, zone: Any, now: datetime | None = None) -> str:
    """Until when the bank waits for an answer, marked where the time runs out; nothing once it waits no more."""
    if not row.needs_answer or row.evidence_due_by is None:
        return "–"
    when, mark = columns.local_time(row.evidence_due_by, zone), MARKS.get(row.urgency(now or timezone.now()))
    return format_html("{} {}", when, columns.label(mark[0], {mark[0]: mark[1]})) if mark else when


def dispute_section(page: TenantModelAdmin, request: HttpRequest, owner: Any, rows: Iterable[Dispute]) -> Section:
    """The disputes over a payment or an order, on its page."""
    return Section(
        title=gettext("Disputes"),
        headers=[gettext("dispute"), gettext("status"), gettext("reason"), gettext("answer due by"), gettext("opened")],
        rows=[
            [
                page.link(request, row, columns.show(row.amount, row.currency)),
                columns.label(row.status, COLOURS),
                columns.words(row.reason),
                due_shown(row, columns.zone_of(owner)),
                columns.local_time(row.opened_at, columns.zone_of(owner)),
            ]
            for row in rows
        ],
        empty=gettext("Nobody has gone to the bank."),
    )
