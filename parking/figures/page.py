"""The figures of a lot in the console: a week by the hour as a picture, and each day as a bar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import update_wrapper
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.grants import Permission
from parking.figures.reading import Figures, Period, figures
from parking.lots.models import ParkingLot
from trufan.lib.console import columns
from trufan.lib.errors import DomainError
from trufan.lib.money import minor_digits
from trufan.lib.words import lazy as _

WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
NAME = "parking_parkinglot_figures"


class DayWidget(UnfoldAdminTextInputWidget):
    """The browser's own calendar."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else super().format_value(value)


class PeriodForm(forms.Form):
    """The days to look at, by the venue's clock."""

    first = forms.DateField(required=False, label=_("From"), widget=DayWidget)
    last = forms.DateField(required=False, label=_("To"), widget=DayWidget)


@dataclass(frozen=True)
class Cell:
    """One hour of the week. `percent` is of the spaces; None where the period holds no such hour."""

    percent: int | None
    words: str


class FiguresMixin:
    """Gives the page of lots the figures of each, for who runs or manages them; money for who may see payments."""

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.admin_site.admin_view(self.figures_view)(request, object_id)

        return [path("<path:object_id>/figures/", update_wrapper(view, self.figures_view), name=NAME),
                *super().get_urls()]  # fmt: skip

    def figures_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The days come as `first` and `last`."""
        lot = self.get_object(request, unquote(object_id))
        if lot is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, lot):
            raise PermissionDenied
        now = timezone.now()
        form, period = _period(request, lot, now)
        sees_money = self.may(request, Permission.VIEW_PAYMENTS, lot)
        found = figures(lot, period, now, with_money=sees_money)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Figures of {lot}").format(lot=lot),
            "opts": self.opts,
            "lot": lot,
            "form": form,
            "period": period,
            "media": self.media,
            "figures": found,
            "cards": cards(lot, found),
            "week": week(found),
            "charts": charts(lot, found),
            "days": days(lot, found),
            "back": columns.change_url(lot),
            "board": reverse("admin:parking_parkinglot_board_lot", args=[lot.pk]),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/parking/figures.html", context)


def _period(request: HttpRequest, lot: ParkingLot, now: datetime) -> tuple[PeriodForm, Period]:
    """The days that were asked for; the usual ones where they make no period, which the form then says."""
    today = now.astimezone(lot.zone).date()
    form = PeriodForm(request.GET)
    if form.is_valid():
        try:
            period = Period.of(form.cleaned_data["first"], form.cleaned_data["last"], today)
        except DomainError as refusal:
            for detail in refusal.details:
                form.add_error(detail.field, detail.message)
        else:
            return PeriodForm(initial={"first": period.first, "last": period.last}), period
    return form, Period.of(None, None, today)


# -- What is shown --


def cards(lot: ParkingLot, found: Figures) -> list[dict[str, str]]:
    """The figures of the whole period."""
    occupancy = found.occupancy
    by_day = occupancy.by_day
    hours = sum(day.hours for day in by_day.values())
    average = sum(day.average * day.hours for day in by_day.values()) / hours if hours else 0.0
    shown = [
        {
            "title": gettext("Occupancy"),
            "value": f"{percent(average, found.spaces)} %" if found.spaces else "–",
            "note": gettext("{average:.1f} of {spaces} spaces on average, {values:.0f} at most").format(
                average=average, spaces=found.spaces, values=max((day.most for day in by_day.values()), default=0)
            ),
        },
        {
            "title": gettext("Stays"),
            "value": f"{occupancy.stays:,}",
            "note": gettext("{turnover:.2f} for each space and day").format(turnover=found.turnover),
        },
        {
            "title": gettext("Average stay"),
            "value": span(occupancy.average_stay),
            "note": gettext("half of them shorter than {span}").format(span=span(occupancy.middle_stay))
            if occupancy.stays
            else gettext("none yet"),
        },
    ]
    if found.takings is not None:
        each = found.taken / found.space_hours if found.space_hours else 0
        shown.append(
            {
                "title": gettext("For a space and hour"),
                "value": columns.show(round(each), lot.currency),
                "note": gettext("{taken} taken in all, with taxes and fees, without tips").format(
                    taken=columns.show(found.taken, lot.currency)
                ),
            }
        )
    return shown


def week(found: Figures) -> list[dict[str, Any]]:
    """A row for each weekday, a cell for each hour of the clock."""
    by_hour = found.occupancy.by_hour
    return [
        {"weekday": name, "cells": [_cell(found, name, hour, by_hour.get((day, hour))) for hour in range(24)]}
        for day, name in enumerate(WEEKDAYS)
    ]


def _cell(found: Figures, weekday: str, hour: int, cars: float | None) -> Cell:
    when = gettext("{weekday}, {begins} to {ends}").format(
        weekday=weekday, begins=f"{hour:02}:00", ends=f"{(hour + 1) % 24:02}:00"
    )
    if cars is None:
        return Cell(None, gettext("{when}: not in these days").format(when=when))
    share = percent(cars, found.spaces)
    taken = gettext("{when}: {cars} of {spaces} spaces, {share} %")
    return Cell(share, taken.format(when=when, cars=f"{cars:.1f}", spaces=found.spaces, share=share))


def percent(cars: float, spaces: int) -> int:
    return round(100 * cars / spaces) if spaces else 0


def span(length: timedelta | None) -> str:
    """`2 h 05 min`."""
    if length is None:
        return "–"
    minutes = round(length.total_seconds() / 60)
    return (
        gettext("{minutes} h {minutes2:02} min").format(minutes=minutes // 60, minutes2=minutes % 60)
        if minutes >= 60
        else gettext("{minutes} min").format(minutes=minutes)
    )


def charts(lot: ParkingLot, found: Figures) -> list[dict[str, str]]:
    """A bar for each day, drawn by the charts that the console ships."""
    by_day = found.occupancy.by_day
    shown = []
    if found.takings is not None:
        digits = minor_digits(lot.currency)
        each = {day: round(found.per_space_hour(day) / 10**digits, digits + 1) for day in by_day}
        shown.append(
            _chart(gettext("Taken for a space and hour, by day"), each, lot.currency, "var(--color-primary-600)")
        )
    most = {day: percent(seen.average, found.spaces) for day, seen in by_day.items()}
    shown.append(_chart(gettext("Occupancy by day"), most, "%", "var(--color-primary-400)"))
    return shown


def _chart(title: str, values: Mapping[date, float], unit: str, colour: str) -> dict[str, str]:
    data = {
        "labels": [date_format(day, "D j M") for day in values],
        "datasets": [{
            "label": title, "data": list(values.values()), "backgroundColor": colour, "displayYAxis": True,
            "suffixYAxis": unit, "maxTicksXLimit": 10, "maxBarThickness": 24, "borderRadius": 3,
        }],
    }  # fmt: skip
    return {"title": title, "data": json.dumps(data)}


def days(lot: ParkingLot, found: Figures) -> dict[str, Any]:
    """The same as numbers, the latest day first."""
    sees_money = found.takings is not None
    rows = []
    for day, seen in sorted(found.occupancy.by_day.items(), reverse=True):
        row = [date_format(day, "D j M Y"), f"{percent(seen.average, found.spaces)} %", f"{seen.most:.0f}"]
        if sees_money:
            row += [
                columns.show((found.takings or {}).get(day, 0), lot.currency),
                columns.show(round(found.per_space_hour(day)), lot.currency),
            ]
        rows.append(row)
    headers = [
        gettext("day"),
        gettext("occupancy"),
        gettext("most cars"),
        *([gettext("taken"), gettext("for a space and hour")] if sees_money else []),
    ]
    return {"headers": headers, "rows": rows}
