"""The console's pages of shared revenue: recipients, what was sent to them, what came back, what they owe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from payments import onboarding, requirements, reversals, transfers
from payments.ledger_admin import book_section
from payments.models import ConnectedAccount, Payment, RecipientDebt, Transfer, TransferReversal
from payments.statement_admin import StatementMixin
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.numbers import read_out
from trufan.lib.words import lazy as _


def _onboard(account: ConnectedAccount, by: Any, now: datetime) -> None:
    account.onboarding_url = onboarding.start(account, by=by).url  # type: ignore[attr-defined]


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(StatementMixin, HistoryMixin, TenantModelAdmin):
    """Recipients of shares. The provider decides when they are ready."""

    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["name", "state", "provider", "default_currency", "at", "checked"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["name__istartswith", "provider_id__istartswith"]
    ordering = ["name", "id"]
    fieldsets = [
        (None, {"fields": ["name", "state", "still_asked", "at", ("country", "default_currency")]}),
        (_("Provider"), {"fields": ["provider", "provider_id", "checked"]}),
    ]
    readonly_fields = ["state", "still_asked", "at", "checked"]
    buttons = [
        RowButton(
            name="onboard",
            label=_("Set up payouts"),
            permission=Permission.MANAGE_PAYOUTS,
            run=_onboard,
            consequence=(
                _(
                    "The payment provider is asked for a fresh link to its own form, where {row.name} "
                    "says who it is and where its money goes. The link is for one person, once, and for "
                    "a few minutes."
                )
            ),
            done=_("Open this link in your browser: {row.onboarding_url}"),
            available=lambda account: account.status != ConnectedAccount.Status.READY,
            icon="account_balance",
        ),
        RowButton(
            name="refresh",
            label=_("Ask the provider"),
            permission=Permission.MANAGE_PAYOUTS,
            run=lambda account, by, now: onboarding.refresh(account, now),
            consequence=_(
                "The payment provider is asked how this account stands. What waits for it is sent once ready."
            ),
            done=_("The provider was asked about {row.name}."),
            available=lambda account: bool(account.provider_id),
            icon="sync",
        ),
    ]

    state = columns.badge("status", _("status"), {"ready": "success", "pending": "warning", "restricted": "warning"})
    at = columns.venue_name()
    checked = columns.moment("checked_at", _("last asked"))

    @admin.display(description=_("the provider still asks for"))
    def still_asked(self, row: ConnectedAccount) -> str:
        return ", ".join(requirements.all_in_words(row.requirements)) or "–"

    def sections(self, request: HttpRequest, row: ConnectedAccount) -> Iterable[Section]:
        sent = row.transfers.select_related("payment", "account")[:20]
        yield transfer_section(self, request, row, sent)
        yield from self.statement_sections(request, row)
        yield Section(
            title=gettext("Debts"),
            headers=[gettext("debt"), gettext("paid off"), gettext("since")],
            rows=[
                [
                    self.link(request, debt, columns.show(debt.amount, debt.currency)),
                    columns.show(debt.amount_repaid, debt.currency),
                    columns.local_time(debt.created_at, columns.zone_of(row)),
                ]
                for debt in row.debts.select_related("account")[:20]
            ],
            empty=gettext("Nothing is owed."),
        )
        yield from history(self, request, row)


def split_section(page: TenantModelAdmin, request: HttpRequest, payment: Payment) -> Section:
    """Who got what of a payment, on its page."""
    return Section(
        title=gettext("Shares"),
        headers=[gettext("share"), gettext("to"), gettext("for")],
        rows=[
            [
                columns.show(split.amount, split.currency),
                page.link(request, split.account) if split.account else "TruFan",
                split.reason,
            ]
            for split in payment.splits.select_related("account")
        ],
        empty=gettext("The payment is divided once it has succeeded."),
    )


def transfer_section(
    page: TenantModelAdmin, request: HttpRequest, owner: Any, rows: Iterable[Transfer], title: str = _("Transfers")
) -> Section:
    """Transfers of a payment or to a recipient, on its page."""
    return Section(
        title=title,
        headers=[
            gettext("share"),
            gettext("to"),
            gettext("order"),
            gettext("status"),
            gettext("sent"),
            gettext("given back"),
            gettext("sent at"),
        ],
        rows=[
            [
                page.link(request, row, columns.show(row.amount, row.currency)),
                page.link(request, row.account),
                page.link(request, row.payment, row.payment.reference),
                columns.label(row.status),
                columns.show(row.amount_sent, row.currency),
                columns.show(row.amount_reversed, row.currency),
                columns.local_time(row.sent_at, columns.zone_of(owner)),
            ]
            for row in rows
        ],
        empty=gettext("Nothing is owed to anyone else."),
    )


class OfPaymentAdmin(HistoryMixin, TenantModelAdmin):
    """What the pages of rows below a payment have in common."""

    view_permission = Permission.VIEW_PAYMENTS
    list_filter = [VenueFilter, "status"]

    amount_shown = columns.money("amount", _("amount"))
    state = columns.badge("status", _("status"), {**columns.STATUS_COLOURS, "owed": "warning", "indebted": "danger"})
    at = columns.venue_name()
    created = columns.moment("created_at", _("created"))
    next_attempt = columns.moment("next_attempt_at", _("next attempt"))


@admin.register(Transfer)
class TransferAdmin(IndexedSearchMixin, OfPaymentAdmin):
    """What recipients are owed of each payment, and whether it was sent."""

    venue_lookup = "payment__venue_id"

    list_display = ["order", "account", "amount_shown", "sent_shown", "reversed_shown", "state", "at", "created"]
    search_fields = ["payment__reference", "provider_id", "account__name"]
    list_select_related = ["payment", "account"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["order", "account", "state", "amount_shown", "reversed_shown", "withheld_shown"]}),
        (_("Provider"), {"fields": ["sent_shown", "provider_id", "failure_message", "round", "attempts"]}),
        (_("When"), {"fields": ["created", "next_attempt", "sent_time"]}),
    ]
    readonly_fields = ["order", "state", "amount_shown", "reversed_shown", "withheld_shown", "sent_shown", "created",
                       "next_attempt", "sent_time"]  # fmt: skip
    buttons = [
        RowButton(
            name="retry",
            label=_("Send again"),
            permission=Permission.MANAGE_PAYOUTS,
            run=lambda transfer, by, now: transfers.retry(transfer, by=by, now=now),
            consequence=lambda transfer: gettext(
                "The provider is asked once more to send {sendable} to {account}. Last time it "
                "refused: {failure_message}."
            ).format(
                sendable=columns.show(transfer.sendable, transfer.currency),
                account=transfer.account,
                failure_message=transfer.failure_message or "without a word",
            ),
            done=_("The transfer to {row.account} is under way again."),
            available=lambda transfer: transfer.status == Transfer.Status.FAILED,
            icon="replay",
        )
    ]

    sent_shown = columns.money("amount_sent", _("sent"))
    reversed_shown = columns.money("amount_reversed", _("given back"))
    withheld_shown = columns.money("amount_withheld", _("kept for debts"))
    sent_time = columns.moment("sent_at", _("sent"))

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        found = [Q(provider_id=typed), Q(account__name__istartswith=typed)]
        number = read_out(typed)
        return [*found, Q(payment__reference__startswith=number)] if number else found

    @admin.display(description=_("order"), ordering="payment__reference")
    def order(self, row: Transfer) -> str:
        return row.payment.reference

    def sections(self, request: HttpRequest, row: Transfer) -> Iterable[Section]:
        yield Section(
            title=gettext("Payment"),
            headers=[gettext("payment"), gettext("recipient")],
            rows=[[self.link(request, row.payment), self.link(request, row.account)]],
        )
        yield Section(
            title=gettext("Given back"),
            headers=[gettext("amount"), gettext("status"), gettext("why not"), gettext("when")],
            rows=[
                [
                    self.link(request, reversal, columns.show(reversal.amount, reversal.currency)),
                    columns.label(reversal.status),
                    reversal.failure_message or "–",
                    columns.local_time(reversal.created_at, columns.zone_of(row)),
                ]
                for reversal in row.reversals.select_related("transfer__payment")
            ],
            empty=gettext("Nothing has been asked back of it."),
        )
        yield book_section(self, request, row.payment, row.pk)
        yield from history(self, request, row)


@admin.register(TransferReversal)
class TransferReversalAdmin(OfPaymentAdmin):
    """Shares on their way back because of refunds; a refused one may be asked for again."""

    venue_lookup = "transfer__payment__venue_id"

    list_display = ["order", "recipient", "amount_shown", "state", "at", "created"]
    search_fields = ["transfer__payment__reference__istartswith", "provider_id__istartswith"]
    list_select_related = ["transfer__payment", "transfer__account"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["order", "recipient", "amount_shown", "state"]}),
        (_("Provider"), {"fields": ["provider_id", "failure_message", "round", "attempts"]}),
        (_("When"), {"fields": ["created", "next_attempt"]}),
    ]
    readonly_fields = ["order", "recipient", "amount_shown", "state", "created", "next_attempt"]
    buttons = [
        RowButton(
            name="retry",
            label=_("Ask again"),
            permission=Permission.MANAGE_PAYOUTS,
            run=lambda reversal, by, now: reversals.retry(reversal, by=by, now=now),
            consequence=lambda reversal: gettext(
                "The provider is asked once more to take {amount} back from {account}. Last time it "
                "refused: {failure_message}."
            ).format(
                amount=columns.show(reversal.amount, reversal.currency),
                account=reversal.transfer.account,
                failure_message=reversal.failure_message,
            ),
            done=_("The share of {row.transfer.account} is asked back again."),
            available=lambda reversal: reversal.status == TransferReversal.Status.FAILED,
            icon="replay",
        )
    ]

    @admin.display(description=_("order"))
    def order(self, row: TransferReversal) -> str:
        return row.transfer.payment.reference

    @admin.display(description=_("recipient"))
    def recipient(self, row: TransferReversal) -> str:
        return str(row.transfer.account)

    def sections(self, request: HttpRequest, row: TransferReversal) -> Iterable[Section]:
        yield transfer_section(self, request, row, [row.transfer], gettext("Transfer"))
        yield book_section(self, request, row.transfer.payment, row.pk)
        yield from history(self, request, row)


@admin.register(RecipientDebt)
class RecipientDebtAdmin(HistoryMixin, TenantModelAdmin):
    """What recipients could not give back; later shares pay it off."""

    venue_lookup = "account__venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["account", "amount_shown", "repaid_shown", "at", "created"]
    list_filter = [VenueFilter]
    search_fields = ["account__name__istartswith"]
    list_select_related = ["account"]
    ordering = ["-created_at"]
    fields = ["account", "amount_shown", "repaid_shown", "created"]
    readonly_fields = ["account", "amount_shown", "repaid_shown", "created"]

    amount_shown = columns.money("amount", _("amount"))
    repaid_shown = columns.money("amount_repaid", _("paid off"))
    at = columns.venue_name()
    created = columns.moment("created_at", _("since"))

    def sections(self, request: HttpRequest, row: RecipientDebt) -> Iterable[Section]:
        of = Transfer.objects.filter(pk=row.transfer_id).select_related("payment", "account")
        yield transfer_section(self, request, row, of, gettext("Arose from"))
        paid = Transfer.objects.filter(repayments__debt=row).distinct().select_related("payment", "account")
        yield transfer_section(self, request, row, paid, gettext("Paid off by"))
        yield book_section(self, request, row.transfer.payment, row.pk)
        yield from history(self, request, row)
