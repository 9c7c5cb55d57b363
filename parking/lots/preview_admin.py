"""The panels beside the fields of tariff and pricing, and the address where a button shows what is typed, unsaved."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from parking.lots import previewing
from parking.lots.previewing import Preview
from trufan.lib.words import lazy as _
from venues.models import Venue

_IS_SCRIPT = "X-Preview-Part"
_TITLES = {"tariff": "What a stay costs", "pricing": "How prices follow demand"}


class PreviewMixin:
    """For pages of rows with a `tariff`, and perhaps `pricing`. Only who may change such a row may try one."""

    #: What is said where no tariff stands.
    without_tariff = _("Without a tariff the lot can't be opened: nothing is priced at a default.")

    class Media:
        js = ("trufan/preview.js",)

    def venue_of(self, row: Any) -> Venue:
        """Whose clock and currency a preview is by."""
        return row.venue

    def get_urls(self) -> list[URLPattern]:
        def new(request: HttpRequest) -> HttpResponse:
            return self.admin_site.admin_view(self.preview_view)(request)

        def known(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.admin_site.admin_view(self.preview_view)(request, object_id)

        return [
            path("preview/", update_wrapper(new, self.preview_view), name=self._preview_name("new")),
            path("<path:object_id>/preview/", update_wrapper(known, self.preview_view), name=self._preview_name("row")),
            *super().get_urls(),
        ]

    def _preview_name(self, which: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_preview_{which}"

    def preview_view(self, request: HttpRequest, object_id: str = "") -> HttpResponse:
        """POST alone: what is typed under the name in `preview`. Nothing is written."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        venue = self._venue_of_row(request, object_id) if object_id else self._venue_chosen(request)
        name = request.POST.get("preview", "")
        if name not in _TITLES:
            raise Http404
        shown = self._preview(name, venue, request.POST.get(name, ""))
        if _IS_SCRIPT in request.headers:
            return HttpResponse(render_to_string("admin/parking/preview.html", {"preview": shown}))
        context = {**self.admin_site.each_context(request), "title": _TITLES[name], "preview": shown, "opts": self.opts}
        return HttpResponse(render_to_string("admin/parking/preview_page.html", context, request))

    def _venue_of_row(self, request: HttpRequest, object_id: str) -> Venue:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return self.venue_of(row)

    def _venue_chosen(self, request: HttpRequest) -> Venue | None:
        """The venue that a new row is to be of, if one that this person may choose is chosen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        chosen = request.POST.get("venue", "")
        return next((venue for venue in self.choices_of(Venue, request) if str(venue.pk) == chosen), None)

    def _preview(self, name: str, venue: Venue | None, text: str) -> Preview:
        value, mistake = previewing.typed(text)
        if mistake:
            return mistake
        if name == "pricing":
            return previewing.of_pricing(value)
        if venue is None:
            return Preview(empty=gettext("Choose the venue first: amounts are in its currency, nights by its clock."))
        return self._tariff(value, venue.zone, venue.currency)

    def _tariff(self, value: Any, zone: ZoneInfo, currency: str) -> Preview:
        return previewing.of_tariff(value, zone, currency, timezone.now(), self.without_tariff)

    # -- The panels --

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.may_preview = self.has_change_permission(request, row)
        return row

    @admin.display(description=_("in words"))
    def tariff_preview(self, row: Any) -> SafeString:
        known = row is not None and not row._state.adding
        venue = self.venue_of(row) if known else None
        shown = self._tariff(row.tariff, venue.zone, venue.currency) if venue else Preview(empty=self.without_tariff)
        return self._panel("tariff", shown, row if known else None)

    @admin.display(description=_("in words"))
    def pricing_preview(self, row: Any) -> SafeString:
        known = row is not None and not row._state.adding
        return self._panel("pricing", previewing.of_pricing(row.pricing if known else {}), row if known else None)

    def _panel(self, name: str, shown: Preview, row: Any) -> SafeString:
        if row is None:
            url = reverse(f"admin:{self._preview_name('new')}")
        else:
            url = reverse(f"admin:{self._preview_name('row')}", args=[row.pk]) if row.may_preview else ""
        said = {"name": name, "preview": shown, "url": url}
        return SafeString(render_to_string("admin/parking/preview_panel.html", said))
