"""The console's pages of money: all of it read-only, with a button where the rule may be asked again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from audit.trail import record
from payments import holding, reconciliation, refunds, webhooks
from payments.dispute_admin import dispute_section
from payments.ledger_admin import JournalEntryAdmin as JournalEntryAdmin
from payments.ledger_admin import book_section
from payments.models import Payment, Refund, WebhookEvent
from payments.reconciliation_admin import finding_section, payment_section
from payments.share_admin import split_section, transfer_section
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import ReasonForm
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.errors import Unavailable


def _what_differs(payment: Payment) -> str:
    asked = columns.show(payment.amount, payment.currency)
    return f"We asked for {asked} for order {payment.reference}, and the provider has another amount."


@admin.register(Payment)
class PaymentAdmin(HistoryMixin, TenantModelAdmin):
    """Attempts to charge, and what became of each."""

    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["reference", "amount_shown", "refunded_shown", "state", "at", "provider", "created"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["reference", "provider_id"]
    search_help_text = "Order number or the provider's id, from their beginning"
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["reference", "at", "state", ("amount_shown", "refunded_shown", "disputed_shown")]}),
        ("Provider", {"fields": ["provider", "provider_id", "payment_method", "failure_code", "failure_message"]}),
        ("When", {"fields": ["created", "settled", "checked"]}),
    ]

    buttons = [
        RowButton(
            name="ask-again",
            label="Ask the provider again",
            permission=Permission.VIEW_PAYMENTS,
            run=lambda payment, by, now: reconciliation.ask_again(payment, by=by, now=now),
            consequence=(
                "The provider is asked where this payment stands, and its refunds and transfers. What we missed is "
                "recorded; what only a person can decide is listed below. Nothing is charged or sent."
            ),
            done="The provider was asked about {row.reference}.",
            available=lambda payment: bool(payment.provider_id),
            icon="sync",
        ),
        RowButton(
            name="accept",
            label="Accept what came",
            permission=Permission.REFUND_ORDERS,
            run=lambda payment, by, now: holding.accept(payment, by=by, now=now),
            consequence=lambda payment: (
                f"{_what_differs(payment)} What came is taken for what is due, and the order is paid. If it is less, "
                "the venue forgoes the rest; if it is more, this is refused."
            ),
            done="Order {row.reference} is paid with what came.",
            available=lambda payment: payment.is_held,
            icon="check",
            is_destructive=True,
        ),
        RowButton(
            name="send-back",
            label="Send it back",
            permission=Permission.REFUND_ORDERS,
            run=holding.send_back,
            consequence=lambda payment: (
                f"{_what_differs(payment)} All that came goes back, the way it came; what was not collected yet is "
                "cancelled. The order can be paid anew while its hold lasts."
            ),
            done="What came for {row.reference} is on its way back.",
            available=lambda payment: payment.is_held,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        ),
    ]

    amount_shown = columns.money("amount", "amount")
    refunded_shown = columns.money("amount_refunded", "refunded")
    disputed_shown = columns.money("amount_disputed", "disputed")
    state = columns.badge("status", "status")
    at = columns.venue_name()
    created = columns.moment("created_at", "created")
    settled = columns.moment("settled_at", "settled")
    checked = columns.moment("checked_at", "last asked")

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return ["reference__istartswith", "provider_id__istartswith"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["amount_shown", "refunded_shown", "disputed_shown", "state", "at", "created", "settled", "checked"]

    def sections(self, request: HttpRequest, row: Payment) -> Iterable[Section]:
        yield Section(title="Paid for", headers=["order"], rows=[[self.link(request, row.payable(), row.reference)]])
        rows = row.refunds.select_related("payment", "requested_by")
        yield refund_section(self, request, row, rows)
        yield dispute_section(self, request, row, row.disputes.all())
        yield split_section(self, request, row)
        yield transfer_section(self, request, row, row.transfers.select_related("payment", "account"))
        yield finding_section(self, request, row.findings.select_related("payment"))
        yield book_section(self, request, row)
        yield from history(self, request, row)


def refund_section(page: TenantModelAdmin, request: HttpRequest, owner: Any, rows: Iterable[Refund]) -> Section:
    """The refunds of a payment or an order, on its page."""
    return Section(
        title="Refunds",
        headers=["refund", "status", "reason", "asked by", "when"],
        rows=[
            [
                page.link(request, refund, columns.show(refund.amount, refund.currency)),
                columns.label(refund.status),
                refund.reason,
                str(refund.requested_by or "TruFan"),
                columns.local_time(refund.created_at, columns.zone_of(owner)),
            ]
            for refund in rows
        ],
        empty="No money has gone back.",
    )


@admin.register(Refund)
class RefundAdmin(HistoryMixin, TenantModelAdmin):
    """Money on its way back; a failed refund may be asked for again."""

    venue_lookup = "payment__venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["order", "amount_shown", "state", "reason", "requested_by", "at", "created"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["payment__reference__istartswith", "provider_id__istartswith"]
    list_select_related = ["payment", "requested_by"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["order", "amount_shown", "state", "reason", "requested_by"]}),
        ("Provider", {"fields": ["provider_id", "failure_message", "round", "attempts"]}),
        ("When", {"fields": ["created", "next_attempt", "settled"]}),
    ]
    readonly_fields = ["order", "amount_shown", "state", "created", "next_attempt", "settled"]
    buttons = [
        RowButton(
            name="retry",
            label="Try again",
            permission=Permission.REFUND_ORDERS,
            run=lambda refund, by, now: refunds.retry(refund, by=by, now=now),
            consequence=lambda refund: (
                f"The provider is asked once more to send {columns.show(refund.amount, refund.currency)} back for "
                f"order {refund.payment.reference}. Last time it did not arrive: "
                f"{refund.failure_message or 'without a word'}."
            ),
            done="The refund of {row.payment.reference} is under way again.",
            available=lambda refund: refund.may_retry,
            icon="replay",
        )
    ]

    amount_shown = columns.money("amount", "amount")
    state = columns.badge("status", "status")
    at = columns.venue_name()
    created = columns.moment("created_at", "asked for")
    next_attempt = columns.moment("next_attempt_at", "next attempt")
    settled = columns.moment("settled_at", "settled")

    @admin.display(description="order", ordering="payment__reference")
    def order(self, row: Refund) -> str:
        return row.payment.reference

    def sections(self, request: HttpRequest, row: Refund) -> Iterable[Section]:
        yield payment_section(self, request, row.payment)
        yield book_section(self, request, row.payment, row.pk)
        yield from history(self, request, row)


class StillFailing(Unavailable):
    """Acting on a webhook failed again; the sweep goes on trying."""

    code, message = "webhook_still_failing", "It failed again. The error stands below; the sweep goes on trying."


def replay(event: WebhookEvent, by: Any, now: datetime) -> None:
    """Act on a stored webhook now, also when it was acted on before: the provider is asked afresh either way."""
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=None, next_attempt_at=now)
    record("webhook.replayed", event, actor=by)
    webhooks.process(event.pk, now)
    event.refresh_from_db()
    if event.error:
        raise StillFailing


@admin.register(WebhookEvent)
class WebhookEventAdmin(HistoryMixin, TenantModelAdmin):
    """What providers told us. They name no venue, so super admins alone see them."""

    list_display = ["type", "provider", "provider_id", "is_processed", "attempts", "received"]
    list_filter = [("processed_at", admin.EmptyFieldListFilter)]
    search_fields = ["provider_id__istartswith"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["type", "provider", "provider_id", "payment_link"]}),
        ("Acting on it", {"fields": ["is_processed", "processed", "attempts", "next_attempt", "error"]}),
        ("What it said", {"fields": ["received", "said"]}),
    ]
    readonly_fields = ["payment_link", "is_processed", "processed", "next_attempt", "received", "said"]
    buttons = [
        RowButton(
            name="replay",
            label="Act on it again",
            permission=None,
            run=replay,
            consequence=(
                "TruFan asks the provider again about what this webhook speaks of and records the answer. "
                "That is safe however often it is done: nothing is charged, refunded or issued twice."
            ),
            done="The webhook was acted on.",
            icon="replay",
        )
    ]

    received = columns.moment("created_at", "received")
    processed = columns.moment("processed_at", "acted on")
    next_attempt = columns.moment("next_attempt_at", "next attempt")

    @admin.display(description="done", boolean=True, ordering="processed_at")
    def is_processed(self, row: WebhookEvent) -> bool:
        return row.processed_at is not None

    @admin.display(description="payment")
    def payment_link(self, row: WebhookEvent) -> str:
        return columns.anchor(columns.change_url(row.payment), str(row.payment)) if row.payment else "–"

    @admin.display(description="payload")
    def said(self, row: WebhookEvent) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', json.dumps(row.payload, indent=2))
