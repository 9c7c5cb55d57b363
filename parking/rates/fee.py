"""What a stay costs under a tariff: pure arithmetic over integers and instants.

The stay is cut at the ends of days, nights and events. Each piece adds what the price of the whole stay grows by in it,
so that whatever a night or an event limits, no longer stay is ever cheaper:

1. Time runs from the entry plus the free period. Without `day` it runs on; with it, it begins anew with each day.
2. A piece of a night adds at most what is left of that night's price; a piece of an event adds the event's price once
   and nothing more. The clock of the base price runs on meanwhile. What was begun in a night or an event, and is used
   outside them as well, is paid in full: who comes a minute before the night ends does not buy the day with it.
3. The day's sum times the multiplier, rounded half up, is at most the daily maximum.
4. Who pays anything pays at least the minimum; who leaves within the grace period pays nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from parking.rates import days
from parking.rates.days import Window
from parking.rates.tariff import Tariff
from trufan.lib.money import share

ONE = 1_000_000
T = TypeVar("T")


@dataclass(frozen=True)
class EventWindow:
    """A show: from its doors until its end, both aware."""

    name: str
    doors_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Part:
    """One line of how a price came about; `amount` in minor units, below zero where something is taken off."""

    kind: str
    words: str
    amount: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Fee:
    """A price before tax, and its parts, which add up to it."""

    amount: int
    parts: tuple[Part, ...] = ()


def fee(
    tariff: Tariff,
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    *,
    multiplier_ppm: int = ONE,
    events: Sequence[EventWindow] = (),
) -> Fee:
    """What a stay from `starts_at` until `ends_at` costs, in minor units. Raises `ValueError` where it ends before it
    starts, where a time has no zone, and for a multiplier below zero."""
    starts_at, ends_at = _utc(starts_at), _utc(ends_at)
    if ends_at < starts_at:
        raise ValueError("a stay does not end before it starts")
    if multiplier_ppm < 0:
        raise ValueError("a multiplier is not below zero")
    if tariff.grace_minutes and ends_at - starts_at <= timedelta(minutes=tariff.grace_minutes):
        return Fee(0, (Part("grace", f"Free within {tariff.grace_minutes} minutes", 0, starts_at, ends_at),))
    begins = starts_at + timedelta(minutes=tariff.free_minutes)
    parts: list[Part] = []
    if tariff.free_minutes:
        free_until = min(begins, ends_at)
        parts.append(Part("free", f"The first {tariff.free_minutes} minutes are free", 0, starts_at, free_until))
    if ends_at > begins:
        stay = _Stay(tariff, zone, days.nights(tariff, begins, ends_at, zone), _windows(tariff, events))
        for day in days.of(tariff, begins, ends_at, zone):
            parts += stay.charge(day, multiplier_ppm)
    total = sum(part.amount for part in parts)
    if 0 < total < tariff.minimum:
        parts.append(Part("minimum", "At least the minimum", tariff.minimum - total, starts_at, ends_at))
    return Fee(max(total, tariff.minimum) if total else 0, tuple(parts))


def _utc(moment: datetime) -> datetime:
    """Refuses what Python would take for the time of the machine."""
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone is no instant")
    return moment.astimezone(UTC)


def _windows(tariff: Tariff, events: Sequence[EventWindow]) -> list[tuple[Window, str]]:
    """When the event's price holds, in order; where two overlap the first one counts until it is over."""
    if tariff.event is None:
        return []
    before = timedelta(minutes=tariff.event.minutes_before_doors)
    after = timedelta(minutes=tariff.event.minutes_after_end)
    spans = sorted((Window(_utc(event.doors_at) - before, _utc(event.ends_at) + after), event.name) for event in events)
    found: list[tuple[Window, str]] = []
    for window, name in spans:
        begins = max(window.starts_at, found[-1][0].ends_at) if found else window.starts_at
        if begins < window.ends_at:
            found.append((Window(begins, window.ends_at), name))
    return found


def _in_day(found: list[T], day: Window, window: Callable[[T], Window]) -> list[T]:
    """Those whose windows overlap the day. They are in order and apart, so a long stay need not look at all of them."""
    first = bisect_right(found, day.starts_at, key=lambda each: window(each).ends_at)
    return found[first : bisect_left(found, day.ends_at, key=lambda each: window(each).starts_at)]


#: Some of a day, the night and the event that it is in, if any.
Piece = tuple[Window, Window | None, tuple[Window, str] | None]


@dataclass
class _Stay:
    """What of nights and events was charged so far, from day to day."""

    tariff: Tariff
    zone: ZoneInfo
    nights: list[Window]
    events: list[tuple[Window, str]]
    charged_events: set[Window] = field(default_factory=set)
    night_left: dict[Window, int] = field(default_factory=dict)

    def charge(self, day: Window, multiplier_ppm: int) -> list[Part]:
        """The parts of one day's stay."""
        sums: dict[str, int] = {"base": 0, "overnight": 0}
        parts: list[Part] = []
        pieces = list(self._pieces(day))
        for (piece, night, event), grown in zip(pieces, self._growth(day, pieces), strict=True):
            if event is not None:
                parts += self._event(event, piece)
            elif night is not None:
                sums["overnight"] += self._night(night, grown)
            else:
                sums["base"] += grown
        words = {"base": self.tariff.base.words, "overnight": gettext_noop("Overnight")}
        parts += [Part(kind, words[kind], amount, *day) for kind, amount in sums.items() if amount]
        return self._bounded(parts, day, multiplier_ppm)

    def _growth(self, day: Window, pieces: Sequence[Piece]) -> list[int]:
        """What the price by time grows by in each piece. What was begun in a night or an event and still runs when
        they are over counts to where it is used then: that only ever moves from what is limited to what is not."""
        price, begun = self.tariff.base.price, self.tariff.base.begun
        starts = [(piece.starts_at - day.starts_at).total_seconds() for piece, _, _ in pieces]
        ends = (day.ends_at - day.starts_at).total_seconds()
        grown = [price(until) - price(at) for at, until in pairwise([*starts, ends])]
        unlimited = -1
        for at, (_, night, event) in enumerate(pieces):
            if night or event:
                continue
            since = begun(starts[at])
            source = bisect_right(starts, since) - 1
            # What began before the last unlimited piece was over is there already.
            if unlimited < source < at:
                running = price(starts[at]) - price(since)
                grown[source] -= running
                grown[at] += running
            unlimited = at
        return grown

    def _event(self, event: tuple[Window, str], piece: Window) -> list[Part]:
        window, name = event
        if window in self.charged_events or self.tariff.event is None:
            return []
        self.charged_events.add(window)
        return [Part("event", f"Event price, {name}", self.tariff.event.price, *piece)]

    def _night(self, night: Window, grown: int) -> int:
        price = self.tariff.overnight.price if self.tariff.overnight else 0
        left = self.night_left.setdefault(night, price)
        taken = min(grown, left)
        self.night_left[night] = left - taken
        return taken

    def _bounded(self, parts: list[Part], day: Window, multiplier_ppm: int) -> list[Part]:
        whole = sum(part.amount for part in parts)
        moved = share(whole, multiplier_ppm)
        if moved != whole:
            words = f"{multiplier_ppm / ONE:.4g} times, as demand has it"
            parts.append(Part("multiplier", words, moved - whole, *day))
        most = self.tariff.daily_maximum
        if most is not None and moved > most:
            parts.append(Part("daily_maximum", "No more than the daily maximum", most - moved, *day))
        return parts

    def _pieces(self, day: Window) -> Iterator[Piece]:
        """The day's stay, cut where a night or an event begins or ends."""
        nights = _in_day(self.nights, day, lambda night: night)
        events = _in_day(self.events, day, lambda event: event[0])
        cuts = {day.starts_at, day.ends_at}
        for window in (*nights, *(event[0] for event in events)):
            cuts |= {cut for cut in window if day.starts_at < cut < day.ends_at}
        ordered = sorted(cuts)
        for begins, ends in pairwise(ordered):
            piece = Window(begins, ends)
            night = next((each for each in nights if each.overlaps(piece)), None)
            event = next((each for each in events if each[0].overlaps(piece)), None)
            yield piece, night, event
