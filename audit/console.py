"""The audit trail on the console's other pages: a row's latest entries, and its whole history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from audit.models import AuditLog
from audit.trail import record
from trufan.lib import words
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.exporting import Export
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _

#: What `accounts.grants.Permission` calls the right to read the trail; accounts stand above this app.
VIEW_AUDIT = "view_audit"
#: Names under which the rules record minor units.
MONEY = frozenset({"amount", "total", "price", "price_delta", "refunded", "ticket_fee_fixed"})
_SHOWN = 15
_PER_PAGE = 100
HEADERS = [_("when"), _("who"), _("what"), _("before"), _("after")]


def entity_type(row: Model | type[Model]) -> str:
    """How the trail names the table of a row."""
    return row._meta.label_lower


def entries_of(*rows: Model) -> QuerySet[AuditLog]:
    """What the trail says about these rows, newest first."""
    about = Q(pk=None)
    for row in rows:
        about |= Q(entity_type=entity_type(row), entity_id=row.pk)
    return AuditLog.objects.filter(about).select_related("actor")


def history(page: Any, request: HttpRequest, row: Model, *others: Model) -> Iterable[Section]:
    """The latest entries about the row (and `others` that belong to it), for those who may read the trail."""
    if not page.may(request, VIEW_AUDIT, row):
        return []
    entries = entries_of(row, *others)[:_SHOWN]
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk])
    return [
        Section(
            title=gettext("History"),
            headers=HEADERS,
            rows=[_line(entry, row) for entry in entries],
            empty=gettext("Nothing was recorded about this yet."),
            link=url,
            link_label=gettext("All of it"),
        )
    ]


def said(values: dict[str, Any], row: Any = None, *, currency: str = "") -> str:
    """`status: draft, amount: $12.50`. Amounts are printed where a currency is known."""
    label = venue_labels.of_row(row) if row is not None else None
    known = values.get("currency") or currency or (label.currency if label else None)
    return ", ".join(f"{words.name_of(name)}: {_value(name, value, known)}" for name, value in values.items()) or "–"


def _value(name: str, value: Any, currency: str | None) -> Any:
    if currency and name in MONEY and isinstance(value, int):
        return columns.show(value, currency)
    return "–" if value in ("", None) else value


def _line(entry: AuditLog, row: Model) -> list[Any]:
    return [
        columns.anchor(columns.change_url(entry), columns.local_time(entry.created_at, columns.zone_of(row))),
        str(entry.actor or "TruFan"),
        entry.action,
        said(entry.old_values, row),
        said(entry.new_values, row),
    ]


def note_export(export: Export) -> None:
    """A list left the house as a file: one entry for each venue whose rows may be in it, or one for all there are.

    `rows` are those of the whole file, which each of its venues is told.
    """
    about = {
        "list": entity_type(export.model),
        "narrowed_by": export.narrowed_by,
        "file": export.kind,
        "rows": export.count,
        "venues": "all" if export.venue_ids is None else len(export.venue_ids),
    }
    for venue_id in [None] if export.venue_ids is None else export.venue_ids:
        record("list.exported", None, new=about, venue_id=venue_id)


def note_import(name: str, target: Model, venue_id: UUID, counts: dict[str, int], by: Any) -> None:
    """A file was imported into `target`: how many rows it had, and what became of them."""
    record(f"{name}.imported", target, new=counts, actor=by, venue_id=venue_id)


class HistoryMixin:
    """Makes a page's history the audit trail, for those who may read it."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not (self.has_view_permission(request, row) and self.may(request, VIEW_AUDIT, row)):
            raise PermissionDenied
        entries = Paginator(entries_of(row), _PER_PAGE).get_page(request.GET.get("p"))
        section = Section(
            title=gettext("History of {row}").format(row=row),
            headers=HEADERS,
            rows=[_line(entry, row) for entry in entries],
            empty=gettext("Nothing was recorded about this yet."),
        )
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History of {row}").format(row=row),
            "opts": self.opts,
            "section": section,
            "entries": entries,
            "back": columns.change_url(row),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/console/history.html", context)
