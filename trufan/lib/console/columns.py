"""Columns and read-only fields that print what the database keeps as bare numbers and UTC times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.utils import display_for_label

from trufan.lib import words as language
from trufan.lib.console import venue_labels
from trufan.lib.money import show as show
from trufan.lib.spreadsheets import Money

Column = Callable[[Any, Any], Any]
UTC = ZoneInfo("UTC")
#: The colour of every status that any table knows.
STATUS_COLOURS = {
    "draft": "info", "published": "success", "cancelled": "danger", "completed": "primary",
    "pending": "warning", "paid": "success", "expired": "default", "refunded": "info",
    "created": "default", "requires_action": "warning", "processing": "warning", "succeeded": "success",
    "failed": "danger", "withheld": "info", "came_back": "danger", "sending": "warning", "sent": "success",
    "valid": "success", "used": "primary", "accepted": "success", "refused": "danger",
    "held": "warning", "fulfilled": "success", "released": "default", "revoked": "info",
    "open": "success", "hidden": "default", "disputed": "danger", "busy": "warning", "closed": "danger",
    "placed": "info", "preparing": "warning", "ready": "success", "picked_up": "primary",
    "out_for_delivery": "warning", "delivered": "primary",
    "active": "success", "ended": "primary", "void": "default", "confirmed": "info", "inside": "success",
    "outside": "warning", "no_show": "danger", "applied": "success", "lapsed": "default",
}  # fmt: skip


def reach(row: Any, path: str) -> Any:
    """Follow a path such as `event.venue.currency` or `event__venue_id`; None where it ends early."""
    for name in path.replace("__", ".").split("."):
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _also(shown: Column, plain: Callable[[Any], Any]) -> Column:
    """Let a column know its value as well, for files (`exporting`)."""
    shown.plain = plain  # type: ignore[attr-defined]
    return shown


def money(field: str, description: str, currency: str = "currency") -> Column:
    """A column that prints the minor units of `field` in the currency found at the path `currency`."""

    @admin.display(description=description, ordering=field)
    def shown(self: Any, row: Any) -> str:
        amount = reach(row, field)
        return "–" if amount is None else show(amount, reach(row, currency))

    def plain(row: Any) -> Money | None:
        amount = reach(row, field)
        return None if amount is None else Money(amount, reach(row, currency))

    shown.currency_of = lambda row: reach(row, currency)  # type: ignore[attr-defined]
    return _also(shown, plain)


def local_time(moment: datetime | None, zone: ZoneInfo = UTC) -> str:
    """`Fri 20 Nov 2026, 19:30 EST`: the wall clock of the zone, with its name."""
    if moment is None:
        return "–"
    local = moment.astimezone(zone)
    return f"{date_format(local, 'D j M Y, H:i')} {local:%Z}"


def moment(field: str, description: str) -> Column:
    """A column that prints the time of `field` by the clock of the row's venue; by UTC where there is none."""

    @admin.display(description=description, ordering=field)
    def shown(self: Any, row: Any) -> str:
        return local_time(reach(row, field), zone_of(row))

    def plain(row: Any) -> datetime | None:
        at = reach(row, field)
        return at.astimezone(zone_of(row)) if at else None

    return _also(shown, plain)


def venue_name(description: str = language.lazy("venue")) -> Column:
    """A column that names the row's venue."""

    @admin.display(description=description)
    def shown(self: Any, row: Any) -> str:
        label = venue_labels.of_row(row)
        return label.name if label else "–"

    return shown


def zone_of(row: Any) -> ZoneInfo:
    """The clock of the row's venue; UTC where there is none."""
    label = venue_labels.of_row(row)
    return label.zone if label else UTC


def badge(field: str, description: str, colours: Mapping[str, str] = STATUS_COLOURS) -> Column:
    """A column that prints a choice as a coloured label."""

    @admin.display(description=description, ordering=field)
    def shown(self: Any, row: Any) -> SafeString:
        return label(reach(row, field), colours)

    return _also(shown, lambda row: str(reach(row, field) or "").replace("_", " ") or None)


def label(value: str, colours: Mapping[str, str] = STATUS_COLOURS) -> SafeString:
    """The same coloured label, for a cell of a section."""
    # A status without a colour gets the plain one: unfold would print its bare name otherwise.
    known = {value: "default", **colours}
    return display_for_label((value, language.within(value)), "–", known) if value else SafeString("–")


def words(value: str) -> str:
    """A choice as people read it: `already_used` as `Already used`."""
    return language.of_choice(value) or "–"


def change_url(row: Any) -> str:
    """The row's page in the console."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def anchor(url: str, text: str) -> SafeString:
    """A link."""
    return format_html('<a href="{}" class="font-medium text-primary-600 dark:text-primary-500">{}</a>', url, text)
