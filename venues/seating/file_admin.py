"""A plan's files in the console: one is uploaded, with all that is wrong with it shown, and both come down again."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminFileFieldWidget

from trufan.lib.console import columns
from trufan.lib.console.sections import Section
from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _
from venues.seating import exporting, importing
from venues.seating.models import SeatingPlan
from venues.seating.responses import csv_of, picture_of


class SeatFileForm(forms.Form):
    """The file to replace the seats by."""

    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("JSON with all of the plan, or CSV with its seats, in UTF-8."),
    )


class SeatFilesMixin:
    """Gives the page of plans an upload, for who may change the plan, and its files and picture, for who sees it."""

    def get_urls(self) -> list[URLPattern]:
        routes = [
            ("seats/", self.seats_view, "seats"),
            ("seats.csv", self.csv_view, "csv"),
            ("seats.json", self.json_view, "json"),
            ("map.svg", self.map_view, "map"),
        ]
        mine = [
            path(f"<path:object_id>/{rest}", self._wrapped(view), name=f"venues_seatingplan_{name}")
            for rest, view, name in routes
        ]
        return [*mine, *super().get_urls()]

    def _wrapped(self, view: Any) -> Any:
        def wrapped(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.admin_site.admin_view(view)(request, object_id)

        return update_wrapper(wrapped, view)

    def _plan(self, request: HttpRequest, object_id: str) -> SeatingPlan:
        """The plan, of a venue whose plans the person sees."""
        plan = self.get_object(request, unquote(object_id))
        if plan is None:
            raise Http404
        if not self.has_view_permission(request, plan):
            raise PermissionDenied
        return plan

    def seats_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET asks for a file, POST replaces the seats by it or says what is wrong with it."""
        plan = self._plan(request, object_id)
        if not self.has_change_permission(request, plan):
            raise PermissionDenied
        form = SeatFileForm(request.POST or None, request.FILES or None)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                done = importing.replace_from_file(plan, form.cleaned_data["file"].read(), request.user)
            except DomainError as problem:
                refusal = problem
                form.add_error(None, problem.message)
            else:
                messages.success(
                    request,
                    gettext("The seats of {plan} are replaced: {seats:,} seats.").format(
                        plan=plan, seats=done.seats.count()
                    ),
                )
                return HttpResponseRedirect(columns.change_url(plan))
        return self._asked(request, plan, form, refusal)

    def _asked(
        self, request: HttpRequest, plan: SeatingPlan, form: SeatFileForm, refusal: DomainError | None
    ) -> HttpResponse:
        problems = refusal.details if refusal else []
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Replace the seats"),
            "subtitle": str(plan),
            "opts": self.opts,
            "plan": plan,
            "form": form,
            "media": self.media + form.media,
            "section": Section(
                gettext("What is wrong"),
                [gettext("where"), gettext("what")],
                [[each.field, each.message] for each in problems],
            ),
            "back": columns.change_url(plan),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/seating/seats.html", context)

    def csv_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The seats for a spreadsheet."""
        return csv_of(self._plan(request, object_id))

    def json_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All of the plan."""
        headers = {"Content-Disposition": 'attachment; filename="seats.json"', "Cache-Control": "no-store"}
        return JsonResponse(exporting.as_json(self._plan(request, object_id)), headers=headers)

    def map_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The picture."""
        return picture_of(request, self._plan(request, object_id))
