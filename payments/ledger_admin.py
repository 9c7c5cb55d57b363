"""The console's pages of the books: every entry with its lines, read-only, and a person's way to correct one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from payments import ledger
from payments.ledger_forms import correction_form
from payments.models import JournalEntry, LedgerLine, Payment
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.numbers import read_out
from trufan.lib.words import lazy as _

_SHOWN = 50
_HEADERS = [_("entry"), _("account"), _("recipient"), _("debit"), _("credit"), _("when")]


@admin.register(JournalEntry)
class JournalEntryAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """What moved money, or changed whose it is. Nobody changes an entry; super admins may counter one."""

    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_PAYMENTS

    list_display = ["when", "what", "order", "about", "is_counter", "at"]
    list_filter = [VenueFilter, "kind", ("counter_of", admin.EmptyFieldListFilter)]
    search_fields = ["payment__reference", "reference"]
    search_help_text = _("Order number, or an entry's reference from its beginning")
    list_select_related = ["payment"]
    ordering = ["-occurred_at", "-id"]
    fieldsets = [
        (None, {"fields": ["when", "what", "order", "about", "currency", "at"]}),
        (_("Books"), {"fields": ["reference", "counter_of", "reason", "made_by"]}),
    ]
    readonly_fields = ["when", "what", "order", "about", "at", "counter_of", "made_by"]
    buttons = [
        RowButton(
            name="correct",
            label=_("Correct"),
            permission=None,
            run=lambda entry, by, now, amounts, reason: ledger.correct(entry, amounts, reason=reason, by=by, now=now),
            consequence=(
                _(
                    "The entry stays as it is. A counter-entry undoes it, and another one books the "
                    "amounts below in its place; with 0 on every line it is only undone. `check_books` "
                    "tells whether the books are right then."
                )
            ),
            done=_("The entry was countered."),
            available=lambda entry: entry.counter_of_id is None and not entry.counter_entries.exists(),
            form=correction_form,
            icon="edit_note",
            is_destructive=True,
        )
    ]

    when = columns.moment("occurred_at", _("when"))
    what = columns.badge("kind", _("what"), {})
    at = columns.venue_name()

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        by_reference = Q(reference__startswith=typed)
        number = read_out(typed)
        return [by_reference, Q(payment__reference__startswith=number)] if number else [by_reference]

    @admin.display(description=_("order"), ordering="payment__reference")
    def order(self, row: JournalEntry) -> str:
        return row.payment.reference if row.payment else "–"

    @admin.display(description=_("about"))
    def about(self, row: JournalEntry) -> str:
        return row.source_type

    @admin.display(description=_("corrects"), boolean=True)
    def is_counter(self, row: JournalEntry) -> bool:
        return row.counter_of_id is not None

    def sections(self, request: HttpRequest, row: JournalEntry) -> Iterable[Section]:
        yield _lines(self, request, row, LedgerLine.objects.filter(entry=row), gettext("Lines"))
        source = apps.get_model("payments", row.source_type)._default_manager.filter(pk=row.source_id).first()
        counter = JournalEntry.objects.filter(counter_of=row).first()
        payment = row.payment
        yield Section(
            title=gettext("What it is about"),
            headers=[
                gettext("order"),
                gettext("payment"),
                gettext("moved by"),
                gettext("corrects"),
                gettext("corrected by"),
            ],
            rows=[
                [
                    self.link(request, _payable_row(payment), payment.reference) if payment else "–",
                    self.link(request, payment),
                    self.link(request, source, f"{row.source_type} {source}"),
                    self.link(request, row.counter_of),
                    self.link(request, counter),
                ]
            ],
        )
        if payment:
            yield book_section(self, request, payment, title=gettext("All of this payment"))
        yield from history(self, request, row)


def book_section(
    page: TenantModelAdmin,
    request: HttpRequest,
    payment: Payment,
    source_id: UUID | None = None,
    title: str = _("Books"),
) -> Section:
    """What the books say of a payment, or of one row that hangs on it, on its page."""
    lines = LedgerLine.objects.filter(entry__payment=payment)
    if source_id:
        lines = lines.filter(entry__source_id=source_id)
    return _lines(page, request, payment, lines, title)


def _lines(page: TenantModelAdmin, request: HttpRequest, owner: Any, lines: Any, title: str) -> Section:
    rows = lines.select_related("entry", "recipient").order_by("occurred_at", "entry_id", "position")
    return Section(
        title=title,
        headers=_HEADERS,
        rows=[
            [
                page.link(request, line.entry, columns.words(line.entry.kind)),
                line.get_account_display(),
                page.link(request, line.recipient),
                columns.show(line.amount, line.currency) if line.amount > 0 else "",
                columns.show(-line.amount, line.currency) if line.amount < 0 else "",
                columns.local_time(line.occurred_at, columns.zone_of(owner)),
            ]
            for line in rows[:_SHOWN]
        ],
        empty=gettext("Nothing has been booked."),
        link=page.list_url(JournalEntry, q=owner.reference) if isinstance(owner, Payment) else "",
        link_label=gettext("All entries of this order"),
    )


def _payable_row(payment: Payment) -> Any:
    """What was paid for, whose page asks for itself who may look."""
    row: Any = payment.payable()
    return row
