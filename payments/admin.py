"""The console's pages of money: all of it read-only, with a button where the rule may be asked again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from audit.trail import record
from payments import holding, reconciliation, refunds, webhooks
from payments.dispute_admin import dispute_section
from payments.gateways import PROVIDERS
from payments.ledger_admin import JournalEntryAdmin as JournalEntryAdmin
from payments.ledger_admin import book_section
from payments.models import TILL, Payment, Refund, WebhookEvent
from payments.reconciliation_admin import finding_section, payment_section
from payments.share_admin import split_section, transfer_section
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import ReasonForm
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.errors import Unavailable
from trufan.lib.numbers import read_out
from trufan.lib.words import lazy as _


def _what_differs(payment: Payment) -> str:
    asked = columns.show(payment.amount, payment.currency)
    return gettext("We asked for {asked} for order {reference}, and the provider has another amount.").format(
        asked=asked, reference=payment.reference
    )


@admin.register(Payment)
class PaymentAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """Attempts to charge, and what became of each."""

    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["reference", "amount_shown", "refunded_shown", "state", "at", "provider", "created"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["reference", "provider_id"]
    search_help_text = _("Order number from its beginning, or the provider's id as a whole")
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["reference", "at", "state", ("amount_shown", "refunded_shown", "disputed_shown")]}),
        (_("Provider"), {"fields": ["provider", "provider_id", "payment_method", "failure_code", "failure_message"]}),
        (_("When"), {"fields": ["created", "settled", "checked"]}),
    ]

    buttons = [
        RowButton(
            name="ask-again",
            label=_("Ask the provider again"),
            permission=Permission.VIEW_PAYMENTS,
            run=lambda payment, by, now: reconciliation.ask_again(payment, by=by, now=now),
            consequence=(
                _(
                    "The provider is asked where this payment stands, and its refunds and transfers. "
                    "What we missed is recorded; what only a person can decide is listed below. Nothing "
                    "is charged or sent."
                )
            ),
            done=_("The provider was asked about {row.reference}."),
            available=lambda payment: bool(payment.provider_id),
            icon="sync",
        ),
        RowButton(
            name="accept",
            label=_("Accept what came"),
            permission=Permission.REFUND_ORDERS,
            run=lambda payment, by, now: holding.accept(payment, by=by, now=now),
            consequence=lambda payment: gettext(
                "{what_differs} What came is taken for what is due, and the order is paid. If it is "
                "less, the venue forgoes the rest; if it is more, this is refused."
            ).format(what_differs=_what_differs(payment)),
            done=_("Order {row.reference} is paid with what came."),
            available=lambda payment: payment.is_held,
            icon="check",
            is_destructive=True,
        ),
        RowButton(
            name="send-back",
            label=_("Send it back"),
            permission=Permission.REFUND_ORDERS,
            run=holding.send_back,
            consequence=lambda payment: gettext(
                "{what_differs} All that came goes back, the way it came; what was not collected yet "
                "is cancelled. The order can be paid anew while its hold lasts."
            ).format(what_differs=_what_differs(payment)),
            done=_("What came for {row.reference} is on its way back."),
            available=lambda payment: payment.is_held,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        ),
    ]

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        number = read_out(typed)
        by_id = Q(provider__in=[*PROVIDERS, TILL], provider_id=typed)
        return [Q(reference__startswith=number), by_id] if number else [by_id]

    amount_shown = columns.money("amount", _("amount"))
    refunded_shown = columns.money("amount_refunded", _("refunded"))
    disputed_shown = columns.money("amount_disputed", _("disputed"))
    state = columns.badge("status", _("status"))
    at = columns.venue_name()
    created = columns.moment("created_at", _("created"))
    settled = columns.moment("settled_at", _("settled"))
    checked = columns.moment("checked_at", _("last asked"))

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return ["reference__istartswith", "provider_id__istartswith"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["amount_shown", "refunded_shown", "disputed_shown", "state", "at", "created", "settled", "checked"]

    def sections(self, request: HttpRequest, row: Payment) -> Iterable[Section]:
        yield Section(
            title=gettext("Paid for"),
            headers=[gettext("order")],
            rows=[[self.link(request, row.payable(), row.reference)]],
        )
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
        title=gettext("Refunds"),
        headers=[gettext("refund"), gettext("status"), gettext("reason"), gettext("asked by"), gettext("when")],
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
        empty=gettext("No money has gone back."),
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
        (_("Provider"), {"fields": ["provider_id", "failure_message", "round", "attempts"]}),
        (_("When"), {"fields": ["created", "next_attempt", "settled"]}),
    ]
    readonly_fields = ["order", "amount_shown", "state", "created", "next_attempt", "settled"]
    buttons = [
        RowButton(
            name="retry",
            label=_("Try again"),
            permission=Permission.REFUND_ORDERS,
            run=lambda refund, by, now: refunds.retry(refund, by=by, now=now),
            consequence=lambda refund: gettext(
                "The provider is asked once more to send {amount} back for order {reference}. Last "
                "time it did not arrive: {failure_message}."
            ).format(
                amount=columns.show(refund.amount, refund.currency),
                reference=refund.payment.reference,
                failure_message=refund.failure_message or "without a word",
            ),
            done=_("The refund of {row.payment.reference} is under way again."),
            available=lambda refund: refund.may_retry,
            icon="replay",
        )
    ]

    amount_shown = columns.money("amount", _("amount"))
    state = columns.badge("status", _("status"))
    at = columns.venue_name()
    created = columns.moment("created_at", _("asked for"))
    next_attempt = columns.moment("next_attempt_at", _("next attempt"))
    settled = columns.moment("settled_at", _("settled"))

    @admin.display(description=_("order"), ordering="payment__reference")
    def order(self, row: Refund) -> str:
        return row.payment.reference

    def sections(self, request: HttpRequest, row: Refund) -> Iterable[Section]:
        yield payment_section(self, request, row.payment)
        yield book_section(self, request, row.payment, row.pk)
        yield from history(self, request, row)


class StillFailing(Unavailable):
    """Acting on a webhook failed again; the sweep goes on trying."""

    code, message = "webhook_still_failing", _("It failed again. The error stands below; the sweep goes on trying.")


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
        (_("Acting on it"), {"fields": ["is_processed", "processed", "attempts", "next_attempt", "error"]}),
        (_("What it said"), {"fields": ["received", "said"]}),
    ]
    readonly_fields = ["payment_link", "is_processed", "processed", "next_attempt", "received", "said"]
    buttons = [
        RowButton(
            name="replay",
            label=_("Act on it again"),
            permission=None,
            run=replay,
            consequence=(
                _(
                    "TruFan asks the provider again about what this webhook speaks of and records the "
                    "answer. That is safe however often it is done: nothing is charged, refunded or "
                    "issued twice."
                )
            ),
            done=_("The webhook was acted on."),
            icon="replay",
        )
    ]

    received = columns.moment("created_at", _("received"))
    processed = columns.moment("processed_at", _("acted on"))
    next_attempt = columns.moment("next_attempt_at", _("next attempt"))

    @admin.display(description=_("done"), boolean=True, ordering="processed_at")
    def is_processed(self, row: WebhookEvent) -> bool:
        return row.processed_at is not None

    @admin.display(description=_("payment"))
    def payment_link(self, row: WebhookEvent) -> str:
        return columns.anchor(columns.change_url(row.payment), str(row.payment)) if row.payment else "–"

    @admin.display(description=_("payload"))
    def said(self, row: WebhookEvent) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', json.dumps(row.payload, indent=2))
