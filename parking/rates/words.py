"""A tariff in sentences, for the quote and for the console."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from parking.rates.tariff import Base, Day, EventPrice, Flat, Interval, Tariff, Tiered
from trufan.lib.money import show


def describe(tariff: Tariff, currency: str) -> list[str]:
    """`$5.00 for the first hour, then $2.00 for each 30 minutes begun.` and whatever else holds."""
    said = [*_base(tariff.base, currency, tariff.day)]
    if tariff.grace_minutes:
        said.append(gettext("Free if you leave within {span}.").format(span=span(tariff.grace_minutes)))
    if tariff.free_minutes:
        said.append(gettext("The first {bare} free.").format(bare=_bare(tariff.free_minutes)))
    if tariff.minimum:
        said.append(gettext("At least {price}.").format(price=show(tariff.minimum, currency)))
    if tariff.daily_maximum is not None:
        text = gettext("At most {price} {per_day}.")
        said.append(text.format(price=show(tariff.daily_maximum, currency), per_day=_per_day(tariff.day)))
    if night := tariff.overnight:
        text = gettext("Overnight, from {start} to {end}, at most {price}.")
        start, end = f"{night.starts:%H:%M}", f"{night.ends:%H:%M}"
        said.append(text.format(start=start, end=end, price=show(night.price, currency)))
    if event := tariff.event:
        said.append(_during(event, currency))
    return said


def _during(event: EventPrice, currency: str) -> str:
    before, after = event.minutes_before_doors, event.minutes_after_end
    begins = gettext("from {span} before doors").format(span=span(before)) if before else gettext("from doors")
    ends = gettext("until {span} after the end").format(span=span(after)) if after else gettext("until the end")
    text = gettext("During an event, {begins} {ends}: {price}.")
    return text.format(begins=begins, ends=ends, price=show(event.price, currency))


def span(minutes: int) -> str:
    """`90 minutes`, `an hour`, `2 hours`, `a day`, `3 days`."""
    if minutes and minutes % 1440 == 0:
        return ngettext("a day", "{days} days", minutes // 1440).format(days=minutes // 1440)
    if minutes and minutes % 60 == 0:
        return ngettext("an hour", "{hours} hours", minutes // 60).format(hours=minutes // 60)
    return ngettext("a minute", "{minutes} minutes", minutes).format(minutes=minutes)


def _base(base: Base, currency: str, day: Day | None) -> list[str]:
    if isinstance(base, Flat):
        return [f"{show(base.flat, currency)} {_per_day(day) if day else gettext('however long you stay')}."]
    if isinstance(base, Tiered):
        text = gettext("{price} up to {span}")
        tiers = [text.format(price=show(tier.price, currency), span=span(tier.up_to_minutes)) for tier in base.tiers]
        return [gettext("{tiers}; then {each}.").format(tiers=", ".join(tiers), each=_each(base.then, currency))]
    if base.first is None:
        return [f"{_each(base.every, currency)}."]
    text = gettext("{price} for the first {bare}, then {each}.")
    price, bare = show(base.first.price, currency), _bare(base.first.minutes)
    return [text.format(price=price, bare=bare, each=_each(base.every, currency))]


def _each(interval: Interval, currency: str) -> str:
    return gettext("{price} for each {bare} begun").format(
        price=show(interval.price, currency), bare=_bare(interval.minutes)
    )


def _bare(minutes: int) -> str:
    """`hour` rather than `an hour`."""
    if minutes == 1440:
        return gettext("day")
    if minutes == 60:
        return gettext("hour")
    return gettext("minute") if minutes == 1 else span(minutes)


def _per_day(day: Day | None) -> str:
    return gettext("for each 24 hours") if day == Day.ROLLING else gettext("a day")
