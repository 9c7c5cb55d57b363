"""Moments as the active language writes them, by the clock of a place."""

from __future__ import annotations

from datetime import datetime, tzinfo

from babel.dates import format_datetime
from django.utils.translation import get_language

from trufan.lib.money import LOCALES


def on_paper(moment: datetime, zone: tzinfo, *, weekday: bool = False, names_zone: bool = False) -> str:
    """`20 November 2026, 19:30`, `20 de noviembre de 2026, 19:30`; with its weekday before and its zone behind."""
    locale = locale_of()
    local = moment.astimezone(zone)
    day = format_datetime(local, _DAYS[locale], tzinfo=zone, locale=locale)
    if weekday:
        day = f"{format_datetime(local, 'EEEE', tzinfo=zone, locale=locale)}, {day}"
    return f"{day}, {local:%H:%M}" + (f" {local:%Z}" if names_zone else "")


def locale_of() -> str:
    """Babel's locale of the active language."""
    return LOCALES.get(get_language() or "", LOCALES["en"])


#: How a paper writes a day, which is the same for its readers on either side of the ocean.
_DAYS = {LOCALES["en"]: "d MMMM yyyy", LOCALES["es"]: "d 'de' MMMM 'de' yyyy"}
