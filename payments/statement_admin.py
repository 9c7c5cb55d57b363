"""A recipient's statement in the console: choose the days, see balances and movements, download them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from payments import statements
from payments.ledger_forms import PeriodForm
from payments.models import ConnectedAccount, JournalEntry
from payments.statements import Period, Statement
from trufan.lib import spreadsheets
from trufan.lib.console import columns
from trufan.lib.console.sections import Section
from trufan.lib.errors import DomainError

_PER_PAGE = 100


class StatementMixin:
    """Gives the page of recipients a statement of each, for who manages payouts at the recipient's venue."""

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.admin_site.admin_view(self.statement_view)(request, object_id)

        route = path("<path:object_id>/statement/", update_wrapper(view, self.statement_view), name=_name(self))
        return [route, *super().get_urls()]

    def statement_sections(self, request: HttpRequest, row: ConnectedAccount) -> Iterable[Section]:
        """This month's balances on the recipient's page, and the way to the rest."""
        if not self.may(request, Permission.MANAGE_PAYOUTS, row):
            return
        period = Period.of(None, None, columns.zone_of(row), timezone.now())
        shown = _statements(row, period)
        yield _summary(
            gettext("Statement since {day}").format(day=period.first),
            shown,
            reverse(f"admin:{_name(self)}", args=[row.pk]),
            gettext("Choose the days"),
        )

    def statement_view(self, request: HttpRequest, object_id: str) -> HttpResponse | StreamingHttpResponse:
        """The days come as `first` and `last`; `format=csv` is the same as a file."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.may(request, Permission.MANAGE_PAYOUTS, row):
            raise PermissionDenied
        form, period = _period(request, row)
        if request.GET.get("format") == "csv" and form.is_valid():
            rows = statements.table(row.venue_id, period, row.pk)
            return spreadsheets.download(rows, statements.filename(period), for_people=True)
        lines = statements.movements(row.venue_id, period, row.pk)
        entries = Paginator(lines, _PER_PAGE).get_page(request.GET.get("p"))
        days = {"first": period.first.isoformat(), "last": period.last.isoformat()}
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Statement of {row}").format(row=row),
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "sections": [
                _summary(
                    gettext("{first} to {last}").format(first=period.first, last=period.last), _statements(row, period)
                ),
                self._movements(request, row, entries),
            ],
            "entries": entries,
            "query": urlencode(days),
            "back": columns.change_url(row),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/console/statement.html", context)

    def _movements(self, request: HttpRequest, row: ConnectedAccount, lines: Iterable[Any]) -> Section:
        return Section(
            title=gettext("Movements"),
            headers=[gettext("when"), gettext("what"), gettext("order"), gettext("amount")],
            rows=[
                [
                    columns.local_time(line.occurred_at, columns.zone_of(row)),
                    self.link(request, line.entry, line.entry.get_kind_display()),
                    self.link(request, line.entry.payment, line.entry.payment.reference) if line.entry.payment else "–",
                    columns.show(-line.amount, line.currency),
                ]
                for line in lines
            ],
            empty=gettext("Nothing moved on these days."),
        )


def _name(page: Any) -> str:
    return f"{page.opts.app_label}_{page.opts.model_name}_statement"


def _period(request: HttpRequest, row: ConnectedAccount) -> tuple[PeriodForm, Period]:
    """The days that were asked for; this month where they make no period, which the form then says."""
    zone, now = columns.zone_of(row), timezone.now()
    form = PeriodForm(request.GET)
    if form.is_valid():
        try:
            period = Period.of(form.cleaned_data["first"], form.cleaned_data["last"], zone, now)
        except DomainError as refusal:
            form.add_error(None, " ".join(detail.message for detail in refusal.details))
        else:
            if not request.GET.get("first") and not request.GET.get("last"):
                form = PeriodForm({"first": period.first, "last": period.last})
            return form, period
    return form, Period.of(None, None, zone, now)


def _statements(row: ConnectedAccount, period: Period) -> list[Statement]:
    return statements.statements(list(statements.balances(row.venue_id, period, row.pk)), period)


def _summary(title: str, shown: Iterable[Statement], link: str = "", label: str = "") -> Section:
    rows: list[list[str]] = []
    for one in shown:
        rows.append([gettext("Opening balance"), "", columns.show(one.opening, one.currency)])
        rows += [
            [
                JournalEntry.Kind(moved.kind).label.capitalize(),
                str(moved.count),
                columns.show(moved.amount, one.currency),
            ]
            for moved in one.movements
        ]
        rows.append([gettext("Closing balance"), "", columns.show(one.closing, one.currency)])
        if one.debt:
            rows.append([gettext("of it owed by the recipient"), "", columns.show(-one.debt, one.currency)])
    empty = gettext("Nothing has been booked for this recipient.")
    return Section(
        title=title,
        headers=["", gettext("number"), gettext("amount")],
        rows=rows,
        empty=empty,
        link=link,
        link_label=label,
    )
