"""A tariff in sentences, for the quote and for the console."""

from __future__ import annotations

from django.utils.translation import gettext

from parking.rates.tariff import Base, Day, Flat, Interval, Tariff, Tiered
from trufan.lib.money import show


def describe(tariff: Tariff, currency: str) -> list[str]:
    """`$5.00 for the first hour, then $2.00 for each 30 minutes begun.` and whatever else holds."""
    said = [*_base(tariff.base, currency, tariff.day)]
    if tariff.grace_minutes:
        said.append(f"Free if you leave within {span(tariff.grace_minutes)}.")
    if tariff.free_minutes:
        said.append(f"The first {_bare(tariff.free_minutes)} free.")
    if tariff.minimum:
        said.append(f"At least {show(tariff.minimum, currency)}.")
    if tariff.daily_maximum is not None:
        said.append(f"At most {show(tariff.daily_maximum, currency)} {_per_day(tariff.day)}.")
    if night := tariff.overnight:
        hours = f"from {night.starts:%H:%M} to {night.ends:%H:%M}"
        said.append(f"Overnight, {hours}, at most {show(night.price, currency)}.")
    if event := tariff.event:
        before, after = event.minutes_before_doors, event.minutes_after_end
        begins = f"from {span(before)} before doors" if before else "from doors"
        ends = f"until {span(after)} after the end" if after else "until the end"
        said.append(f"During an event, {begins} {ends}: {show(event.price, currency)}.")
    return said


def span(minutes: int) -> str:
    """`90 minutes`, `an hour`, `2 hours`, `a day`, `3 days`."""
    for size, one, many in ((1440, "a day", "days"), (60, "an hour", "hours")):
        if minutes >= size and minutes % size == 0:
            return one if minutes == size else f"{minutes // size} {many}"
    return gettext("a minute") if minutes == 1 else gettext("{minutes} minutes").format(minutes=minutes)


def _base(base: Base, currency: str, day: Day | None) -> list[str]:
    if isinstance(base, Flat):
        return [f"{show(base.flat, currency)} {_per_day(day) if day else 'however long you stay'}."]
    if isinstance(base, Tiered):
        tiers = [f"{show(tier.price, currency)} up to {span(tier.up_to_minutes)}" for tier in base.tiers]
        return [f"{', '.join(tiers)}; then {_each(base.then, currency)}."]
    if base.first is None:
        return [f"{_each(base.every, currency)}."]
    first = f"{show(base.first.price, currency)} for the first {_bare(base.first.minutes)}"
    return [f"{first}, then {_each(base.every, currency)}."]


def _each(interval: Interval, currency: str) -> str:
    return gettext("{price} for each {bare} begun").format(
        price=show(interval.price, currency), bare=_bare(interval.minutes)
    )


def _bare(minutes: int) -> str:
    """`hour` rather than `an hour`."""
    return span(minutes).removeprefix("an ").removeprefix("a ")


def _per_day(day: Day | None) -> str:
    return gettext("for each 24 hours") if day == Day.ROLLING else gettext("a day")
