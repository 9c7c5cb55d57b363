"""The rules of a tariff reckoned minute by minute: slow, plain, and not the arithmetic that is held against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.rates.fee import EventWindow
from parking.rates.tariff import Base, Day, Flat, Overnight, Tariff, Tiered
from trufan.lib.money import share

MINUTE = timedelta(minutes=1)


def by_the_minute(
    tariff: Tariff, entry: datetime, ends: datetime, zone: ZoneInfo, ppm: int, events: Sequence[EventWindow]
) -> int:
    """What the stay costs; everything begins and ends with a whole minute."""
    if tariff.grace_minutes and ends - entry <= tariff.grace_minutes * MINUTE:
        return 0
    begins = entry + tariff.free_minutes * MINUTE
    days: defaultdict[object, list[datetime]] = defaultdict(list)
    for count in range(max((ends - begins) // MINUTE, 0)):
        at = begins + count * MINUTE
        days[_day(tariff, begins, at, zone)].append(at)
    shown, night_sums, total = set(), defaultdict(int), 0
    for minutes in days.values():
        whole, starts = 0, _starts(tariff.base, len(minutes))
        used: defaultdict[int, list[object]] = defaultdict(list)
        costs: dict[int, int] = {}
        step = 0
        for count, at in enumerate(minutes):
            grown = tariff.base.price(60 * (count + 1)) - tariff.base.price(60 * count)
            step = count if count in starts else step
            costs.setdefault(step, grown)
            place = _place(tariff, at, zone, events)
            used[step].append(place)
            if isinstance(place, int) and place not in shown:
                shown.add(place)
                whole += tariff.event.price
        for step, places in used.items():
            if None in places:
                whole += costs[step]
            elif not isinstance(places[0], int):
                had = min(night_sums[places[0]], tariff.overnight.price)
                night_sums[places[0]] += costs[step]
                whole += min(night_sums[places[0]], tariff.overnight.price) - had
        moved = share(whole, ppm)
        total += moved if tariff.daily_maximum is None else min(moved, tariff.daily_maximum)
    return max(total, tariff.minimum) if total else 0


def _starts(base: Base, minutes: int) -> set[int]:
    """The minutes in which something new begins to be paid for."""
    if isinstance(base, Flat):
        return {0}
    if isinstance(base, Tiered):
        tiers, then = [tier.up_to_minutes for tier in base.tiers], base.then
    else:
        tiers, then = [base.first.minutes] if base.first else [0], base.every
    return {0, *tiers, *range(tiers[-1], minutes, then.minutes)}


def _day(tariff: Tariff, begins: datetime, at: datetime, zone: ZoneInfo) -> object:
    if tariff.day is None:
        return None
    return at.astimezone(zone).date() if tariff.day == Day.CALENDAR else (at - begins) // timedelta(days=1)


def _place(tariff: Tariff, at: datetime, zone: ZoneInfo, events: Sequence[EventWindow]) -> object:
    """The number of the event that the minute is in, the night that it is in, or None."""
    if tariff.event:
        before, after = tariff.event.minutes_before_doors * MINUTE, tariff.event.minutes_after_end * MINUTE
        until = datetime.min.replace(tzinfo=UTC)
        for number, event in enumerate(sorted(events, key=lambda each: (each.doors_at, each.ends_at))):
            if max(event.doors_at - before, until) <= at < event.ends_at + after:
                return number
            until = max(until, event.ends_at + after)
    return _night(tariff.overnight, at, zone) if tariff.overnight else None


def _night(overnight: Overnight, at: datetime, zone: ZoneInfo) -> object:
    """The night, by the date of its evening, that the wall shows; a time that comes twice counts the first time."""
    local = at.astimezone(zone).replace(tzinfo=None)
    for back in (0, 1):
        evening = local.date() - timedelta(days=back)
        morning = evening if overnight.starts < overnight.ends else evening + timedelta(days=1)
        begins, ends = datetime.combine(evening, overnight.starts), datetime.combine(morning, overnight.ends)
        if _reached(begins, at, zone) and not _reached(ends, at, zone):
            return str(evening)
    return None


def _reached(wall: datetime, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the wall has shown that time, or a later one, by then: three hours are more than clocks are put back."""
    return any((at - back * 15 * MINUTE).astimezone(zone).replace(tzinfo=None) >= wall for back in range(13))
