"""Any list of the console as a file: exactly the rows that are shown there, filtered, searched and ordered.

The columns are those of the list, as plain values: amounts and times keep what they are, links and badges become their
words. Rows are read in chunks, so memory and queries for each thousand rows do not grow with the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from html import unescape
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from trufan.lib import replica, spreadsheets
from trufan.lib.console import switching, venue_labels

#: Rows read at once.
CHUNK = 1_000
#: A workbook is made before it is sent; longer lists are for CSV, which is sent as it is read.
WORKBOOK_ROWS = 100_000
#: Columns that do something rather than say something.
_DEEDS = {"touch", "action_checkbox"}


@dataclass(frozen=True)
class Export:
    """A list that leaves the house: `count` rows of `model`, narrowed by the query's `narrowed_by`, as a kind of file.

    `venue_ids` are those whose rows may be in it, None for all there are; a super admin's `chosen` venue is one of one.
    """

    model: type[Model]
    venue_ids: list[UUID] | None
    narrowed_by: list[str]
    kind: str
    count: int


#: Told of each export, before the first row is sent.
Listener = Callable[[Export], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell `listener` of every export; whoever keeps history registers here."""
    if listener not in _listeners:
        _listeners.append(listener)


class ExportMixin:
    """Gives a `ModelAdmin` its `export/` address. Expects the tenancy's `get_queryset` and labels."""

    list_after_template = "admin/console/export.html"
    #: Columns of the list that the file leaves out, and fields that it has besides.
    export_without: Sequence[str] = ()
    export_also: Sequence[str] = ()

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest) -> HttpResponseBase:
            return self.admin_site.admin_view(self.export_view)(request)

        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", update_wrapper(view, self.export_view), name=name), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it was narrowed by the query; `as` is csv or xlsx."""
        return require_safe(self._export)(request)

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked: Any = request.GET.copy()
        kind = "xlsx" if asked.pop("as", ["csv"])[0] == "xlsx" else "csv"
        # A file has no pages, and the one that was open may be gone by now.
        for page in (PAGE_VAR, ERROR_FLAG):
            asked.pop(page, None)
        request.GET = asked
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            # As the list itself answers it: whole, with a word that the address was no good.
            return HttpResponseRedirect(f"{back}?{ERROR_FLAG}=1")
        columns = self._columns(request)
        header = [str(title) for _, title in columns]
        name = f"{self.opts.model_name}-{timezone.now():%Y%m%d-%H%M}"
        if kind == "xlsx" and rows[WORKBOOK_ROWS : WORKBOOK_ROWS + 1].exists():
            messages.error(
                request,
                gettext("A workbook takes {WORKBOOK_ROWS:,} rows at most. Narrow the list, or take CSV.").format(
                    WORKBOOK_ROWS=WORKBOOK_ROWS
                ),
            )
            return HttpResponseRedirect(f"{back}?{asked.urlencode()}")
        for listener in _listeners:
            listener(Export(self.model, self._venues_seen(request), sorted(asked), kind, rows.count()))
        lines = self._lines(request, rows, [column for column, _ in columns])
        if kind == "xlsx":
            return spreadsheets.xlsx_response(f"{name}.xlsx", header, lines)
        return spreadsheets.download(_with(header, lines), f"{name}.csv", for_people=True)

    def _venues_seen(self, request: HttpRequest) -> list[UUID] | None:
        if request.user.is_superuser:
            chosen = switching.chosen(request)
            return [chosen] if chosen and self.venue_lookup else None
        return [each for each in venue_labels.of_request(request) if self.sees_venue(request, each)]

    def _columns(self, request: HttpRequest) -> list[tuple[Any, str]]:
        """What is exported, with its title."""
        shown = [each for each in self.get_list_display(request) if each not in _DEEDS | {*self.export_without}]
        names = ["id", *dict.fromkeys([*shown, *self.export_also])]
        me: Any = self
        found = [(each, str(label_for_field(each, self.model, model_admin=me))) for each in names]
        # A file's amounts are bare numbers.
        of = next(filter(None, (getattr(getattr(me, each, None), "currency_of", None) for each in names)), None)
        return [*found, (of, "currency")] if of else found

    def _lines(self, request: HttpRequest, rows: Any, columns: Sequence[Any]) -> Iterator[list[Any]]:
        read = iter(rows.using(replica.alias()).iterator(chunk_size=CHUNK))
        while chunk := list(islice(read, CHUNK)):
            for row in chunk:
                self.attach_label(request, row)
                yield [self._value(column, row) for column in columns]

    def _value(self, column: Any, row: Any) -> Any:
        if callable(column):
            return column(row)
        plain = getattr(getattr(self, column, None), "plain", None)
        if plain is not None:
            return plain(row)
        try:
            me: Any = self
            _, _, value = lookup_field(column, row, me)
        except ObjectDoesNotExist:
            return None
        return _plain(value, row)


def _plain(value: Any, row: Any) -> Any:
    """Words without markup, times by the venue's clock, a dash as nothing."""
    if isinstance(value, datetime):
        label = venue_labels.of_row(row)
        return value.astimezone(label.zone) if label else value
    if value is None or isinstance(value, bool | int | float):
        return value
    if hasattr(value, "isoformat"):
        return value
    words = unescape(strip_tags(str(value))).strip()
    return None if words == "–" else words


def _with(header: Sequence[str], lines: Iterator[list[Any]]) -> Iterator[Sequence[Any]]:
    yield header
    yield from lines
