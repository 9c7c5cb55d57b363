"""An “Import” button on a list: a template to fill in, a dry run that shows every row, and then exactly that.

The first POST rehearses the file and shows what it would do; nothing is written. The second does it, if it still comes
to the same, in one transaction. What is imported, by whom and by which rules, each page says with its `importer`.
"""

from __future__ import annotations

from datetime import datetime
from functools import update_wrapper
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from trufan.lib import spreadsheets
from trufan.lib.console import switching
from trufan.lib.importing import keeping, running
from trufan.lib.importing.reports import DEEDS, Report
from trufan.lib.importing.running import Importer
from trufan.lib.words import lazy as _

#: So many rows of the report are shown; all that are wrong are among them, and the rest is counted.
SHOWN = 10_000


class TargetField(forms.ModelChoiceField):
    """What the rows go into, with the venue that it is of."""

    importer: Importer

    def label_from_instance(self, obj: Any) -> str:
        return self.importer.label_of(obj)


class ImportForm(forms.Form):
    """Into what, and the file."""

    target = TargetField(queryset=None, widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx,.tsv,.txt"}),
        label=_("File"),
        help_text=_("CSV in UTF-8, separated by commas, semicolons or tabs, or an Excel workbook (.xlsx)."),
    )

    def __init__(self, *args: Any, importer: Importer, targets: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["target"]
        choice.importer, choice.queryset, choice.label = importer, targets, importer.target_label
        self.order_fields(["target", "file"])

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.MAX_IMPORT_BYTES:
            limit = settings.MAX_IMPORT_BYTES // 1024 // 1024
            raise ValidationError(gettext("At most {limit} MB. Split the file.").format(limit=limit))
        return file


class ImportMixin:
    """Gives a `ModelAdmin` the `import/` address of its `importer`. Expects the tenancy's `admin_site` and `opts`."""

    importer: Importer
    list_before_template = "admin/console/import_link.html"

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest) -> HttpResponseBase:
            return self.admin_site.admin_view(self.import_view)(request)

        return [path("import/", update_wrapper(view, self.import_view), name=self._name("import")), *super().get_urls()]

    def _name(self, what: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{what}"

    def _address(self, what: str) -> str:
        return reverse(f"admin:{self._name(what)}")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        extra = {**(extra_context or {})}
        if self._may_import(request):
            extra["import_url"] = self._address("import")
        return super().changelist_view(request, extra)

    def _may_import(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_superuser or bool(user.venues_where(self.importer.permission))

    def _targets(self, request: HttpRequest, now: datetime) -> QuerySet[Any]:
        """What the person may import into: at venues where they may make one of these by hand."""
        rows, lookup = self.importer.targets(now), self.importer.venue_lookup
        user: Any = request.user
        if not user.is_superuser:
            return rows.filter(**{f"{lookup}__in": user.venues_where(self.importer.permission)})
        chosen = switching.chosen(request)
        return rows.filter(**{lookup: chosen}) if chosen else rows

    # -- The screen --

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        """GET asks for a file, or is the template (`?template=csv`); POST shows what it would do, then does it."""
        return require_http_methods(["GET", "HEAD", "POST"])(self._import)(request)

    def _import(self, request: HttpRequest) -> HttpResponseBase:
        if not self._may_import(request):
            raise PermissionDenied
        now = timezone.now()
        targets = self._targets(request, now)
        if request.method != "POST":
            if "template" in request.GET:
                return self._template(request.GET["template"])
            return self._page(request, form=self._form(targets, initial=self._only(targets)))
        if "kept" in request.POST:
            return self._do(request, targets, now)
        form = self._form(targets, request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form=form)
        return self._rehearse(request, form.cleaned_data["target"], form.cleaned_data["file"].read(), now)

    def _form(self, targets: QuerySet[Any], *args: Any, **kwargs: Any) -> ImportForm:
        return ImportForm(*args, importer=self.importer, targets=targets, **kwargs)

    def _only(self, targets: QuerySet[Any]) -> dict[str, Any]:
        """Where there is but one choice it is made."""
        found = list(targets[:2])
        return {"target": found[0]} if len(found) == 1 else {}

    def _template(self, kind: str) -> HttpResponseBase:
        """A file with the names of the columns, and an example below them."""
        columns = self.importer.columns
        header, example = [each.name for each in columns], [each.example for each in columns]
        name = f"{self.importer.name}-template"
        if kind == "xlsx":
            return spreadsheets.xlsx_response(f"{name}.xlsx", header, [example])
        return spreadsheets.download([header, example], f"{name}.csv", for_people=True)

    def _rehearse(
        self, request: HttpRequest, target: Any, content: bytes, now: datetime, notice: str = ""
    ) -> HttpResponse:
        report = running.run(self.importer, target, content, by=request.user, now=now)
        key = ""
        if not report.problems:
            kept = keeping.Kept(str(target.pk), report.digest, content)
            key = keeping.keep(request.user, self._name("import"), kept)
        return self._page(request, target=target, report=report, key=key, notice=notice)

    def _do(self, request: HttpRequest, targets: QuerySet[Any], now: datetime) -> HttpResponse:
        key = request.POST["kept"]
        kept = keeping.fetch(request.user, self._name("import"), key)
        target = targets.filter(pk=kept.target).first() if kept else None
        if kept is None or target is None:
            messages.warning(request, gettext("This file is not kept any more. Choose it again."))
            return HttpResponseRedirect(self._address("import"))
        keeping.drop(key)
        report = running.run(self.importer, target, kept.content, by=request.user, now=now, expected=kept.digest)
        if report.problems or report.digest != kept.digest:
            return self._rehearse(
                request, target, kept.content, now,
                gettext("Something changed since you looked: nothing was imported. This is how it stands now."),
            )  # fmt: skip
        messages.success(request, gettext("Imported: {counts}.").format(counts=_in_words(report)))
        return HttpResponseRedirect(self._address("changelist"))

    def _page(
        self,
        request: HttpRequest,
        *,
        form: ImportForm | None = None,
        target: Any = None,
        report: Report | None = None,
        key: str = "",
        notice: str = "",
    ) -> HttpResponse:
        importer = self.importer
        context = {
            **self.admin_site.each_context(request),
            "title": importer.title,
            "subtitle": importer.label_of(target) if target is not None else "",
            "opts": self.opts,
            "importer": importer,
            "form": form,
            "media": self.media + form.media if form else self.media,
            "report": report,
            "counts": _in_words(report) if report else "",
            "lines": _lines(report) if report else [],
            "left_out": max(len(report.lines) - SHOWN, 0) if report else 0,
            "kept": key,
            "notice": notice,
            "back": self._address("changelist"),
            "again": self._address("import"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/console/import.html", context)


def _in_words(report: Report) -> str:
    """`2 new, 1 changed`."""
    return ", ".join(f"{count:,} {DEEDS[deed]}" for deed, count in report.counts.items()) or gettext("nothing")  # type: ignore[index]


def _lines(report: Report) -> list[dict[str, Any]]:
    """The rows as the page shows them; those with problems always among them."""
    lines = [
        {
            "row": line.row or "–",
            "deed": DEEDS[line.deed],
            "what": line.what,
            "changes": [*line.changes, *line.notes],
            "wrong": wrong,
        }
        for line, wrong in report.in_order()
    ]
    if len(lines) <= SHOWN:
        return lines
    return [line for at, line in enumerate(lines) if at < SHOWN or line["wrong"]]
