"""The lot's page that tries prices on its past: which days, which rules, how much demand gives way. Changes nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import update_wrapper
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.grants import Permission
from parking.figures.page import DayWidget
from parking.lots.models import ParkingLot
from parking.pricing import configuration, picture, replaying, report
from parking.pricing.simulation import Simulation
from parking.rates import tariff
from parking.rates.days import at_wall
from trufan.lib.console import columns
from trufan.lib.console.forms import PlainJSON, in_full
from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _

NAME = "parking_parkinglot_simulation"
#: So many days at most, and so many to begin with.
MOST_DAYS, USUAL_DAYS = 31, 7


class SimulationForm(forms.Form):
    """What is tried. The rules begin as the lot has them."""

    kind = forms.ChoiceField(label=_("Kind of space"), widget=UnfoldAdminSelectWidget)
    first = forms.DateField(label=_("From"), widget=DayWidget)
    last = forms.DateField(label=_("To"), widget=DayWidget)
    elasticity = forms.DecimalField(
        label=_("Percent of cars lost for one percent of price"), min_value=0, max_value=5, max_digits=4,
        decimal_places=2, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    tariff = PlainJSON(label=_("Tariff"), widget=UnfoldAdminTextareaWidget({"rows": 12, "spellcheck": "false"}))
    pricing = PlainJSON(
        label=_("Dynamic prices"), required=False, help_text=_("Empty: prices do not move."),
        widget=UnfoldAdminTextareaWidget({"rows": 12, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, lot: ParkingLot, today: date, given: Any = None) -> None:
        begun = {
            "first": today - timedelta(days=USUAL_DAYS), "last": today - timedelta(days=1), "elasticity": "0.4",
            "tariff": lot.tariff, "pricing": lot.pricing,
        }  # fmt: skip
        super().__init__(given, initial=begun)
        kinds = lot.capacities.order_by("-spaces", "kind")
        self.fields["kind"].choices = [(str(each.pk), each.get_kind_display()) for each in kinds]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not self.errors and not 0 <= (given["last"] - given["first"]).days < MOST_DAYS:
            raise ValidationError(
                gettext("From one to {MOST_DAYS} days, the first one first.").format(MOST_DAYS=MOST_DAYS)
            )
        return given


class SimulationMixin:
    """Gives the page of lots the screen, for who manages parking there and may see its money."""

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.admin_site.admin_view(self.simulation_view)(request, object_id)

        wrapped = update_wrapper(view, self.simulation_view)
        return [path("<path:object_id>/simulate/", wrapped, name=NAME), *super().get_urls()]

    def simulation_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST tries; nothing is written."""
        lot = self.get_object(request, unquote(object_id))
        if lot is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not all(self.may(request, each, lot) for each in (Permission.MANAGE_PARKING, Permission.VIEW_PAYMENTS)):
            raise PermissionDenied
        now = timezone.now()
        form = SimulationForm(lot, now.astimezone(lot.zone).date(), request.POST if request.method == "POST" else None)
        result: dict[str, Any] = {}
        if form.is_valid():
            try:
                result = _tried(lot, form.cleaned_data, now)
            except DomainError as refusal:
                form.add_error(None, in_full(refusal))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Try prices on the past of {lot}").format(lot=lot),
            "opts": self.opts,
            "lot": lot,
            "form": form,
            "media": self.media,
            "back": columns.change_url(lot),
            **result,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/parking/simulation.html", context)


def _tried(lot: ParkingLot, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The table, what it stands on, and the picture. Raises `Invalid`."""
    capacity = lot.capacities.select_related("lot__venue").get(pk=given["kind"])
    terms = replaying.Terms(
        configuration=configuration.parse(given["pricing"], "pricing") if given["pricing"] else None,
        tariff=tariff.parse(given["tariff"], "tariff"),
        spaces=capacity.spaces,
        zone=lot.zone,
        currency=lot.venue.currency,
        elasticity=float(given["elasticity"]),
        since=at_wall(given["first"], time(0), lot.zone),
        until=at_wall(given["last"] + timedelta(days=1), time(0), lot.zone),
    )
    found, notes = replaying.of_stays(capacity, terms, now)
    if not found.rows:
        return {"nothing": True}
    headers, *rows = report.rows(found)
    told = [*notes, *report.totals(found), *(line.removeprefix("- ") for line in report.assumptions(found)[1:])]
    return {"headers": headers, "rows": rows, "told": told, "picture": _picture(found, str(lot))}


def _picture(found: Simulation, name: str) -> SafeString:
    """Drawn by us; what it says is escaped as it is written."""
    drawn = picture.draw(found, name).decode()
    return mark_safe(drawn[drawn.index("<svg") :])  # noqa: S308
