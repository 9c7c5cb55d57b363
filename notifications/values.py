"""Values of a message that read differently in each language: money and moments, kept as facts until it is rendered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time

from trufan.lib.money import show

_MONEY, _MOMENT, _CLOCK = "_money", "_moment", "_clock"
#: Language → Babel's locale, how a moment is written, how a clock is.
_FORMS = {
    "en": ("en_US", "EEEE, MMMM d, h:mm a", "h:mm a"),
    "es": ("es_ES", "EEEE d 'de' MMMM, H:mm", "H:mm"),
}


def money(amount: int, currency: str) -> dict[str, Any]:
    """An amount in minor units, for a context: `$12.50`, `12,50 US$`."""
    return {_MONEY: [amount, currency]}


def moment(at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """A moment by the clock of a place, for a context: `Friday, July 3, 7:30 PM`, `viernes 3 de julio, 19:30`."""
    return {_MOMENT: at.astimezone(zone).isoformat()}


def clock(at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The same without the day: `7:30 PM`, `19:30`."""
    return {_CLOCK: at.astimezone(zone).isoformat()}


def spoken(value: Any, language: str) -> Any:
    """The value in words of the language, and so whatever stands within it; the default's where we know none."""
    if isinstance(value, list):
        return [spoken(each, language) for each in value]
    if not isinstance(value, dict):
        return value
    locale, long, short = _FORMS.get(language, _FORMS["en"])
    if value.keys() == {_MONEY}:
        amount, currency = value[_MONEY]
        return _plain(show(amount, currency, locale))
    if value.keys() == {_MOMENT}:
        return _plain(format_datetime(datetime.fromisoformat(value[_MOMENT]), long, locale=locale))
    if value.keys() == {_CLOCK}:
        return _plain(format_time(datetime.fromisoformat(value[_CLOCK]), short, locale=locale))
    return {name: spoken(each, language) for name, each in value.items()}


def _plain(text: str) -> str:
    """Spaces that do not break would make a short message twice as long: they are in no SMS alphabet."""
    return text.replace("\xa0", " ").replace("\u202f", " ")
