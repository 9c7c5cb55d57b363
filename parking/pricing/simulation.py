"""What a configuration would have done to a lot's past: its readings replayed, review by review.

What is assumed, and shown beside every result:

- The cars that were seen came at the base price.
- Cars stay `typical_minutes`, so that each minute one in `typical_minutes` of them is replaced by one that comes in
  and pays what such a stay costs at that moment (Little's law).
- Of the cars that would come at the base price, `multiplier ** -elasticity` come: constant elasticity. A car keeps the
  price at which it came, so occupancy follows prices within one typical stay. Around 0.4 was found in San Francisco
  (Pierce and Shoup, “Getting the Prices Right”, Journal of the American Planning Association 79:1, 2013), with a wide
  range from place to place and hour to hour.
- A full lot turns nobody else away: how many drove on is not in its readings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.lots.models import ONE
from parking.pricing.configuration import Configuration
from parking.pricing.multiplier import Signals, decide
from parking.pricing.shows import Show, hours_to_doors
from parking.rates.fee import EventWindow, fee
from parking.rates.tariff import Tariff

#: After so long without a reading nothing is known: counters are read when the number changes, and nights are quiet.
STALE = timedelta(hours=6)
#: How often a lot is looked at whose prices never move.
USUAL_MINUTES = 15
HOUR = timedelta(hours=1)
#: So far from a stay an event may still touch its price.
_NEAR = timedelta(days=7)


@dataclass(frozen=True)
class Reading:
    """So many cars from this moment until the next reading."""

    at: datetime
    occupied: int


@dataclass(frozen=True)
class Row:
    """One review, and the span until the next. Revenue is in minor units, of the cars that come in that span."""

    at: datetime
    occupied_observed: int
    occupied_simulated: float
    multiplier_ppm: int
    revenue_base: int
    revenue_proposed: int
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Simulation:
    """The rows stand in order of time; `skipped` are the moments at which nothing was known."""

    rows: tuple[Row, ...]
    skipped: tuple[datetime, ...]
    spaces: int
    zone: ZoneInfo
    currency: str
    elasticity: float
    typical_minutes: int

    @property
    def revenue_base(self) -> int:
        """Minor units, as all revenue."""
        return sum(row.revenue_base for row in self.rows)

    @property
    def revenue_proposed(self) -> int:
        return sum(row.revenue_proposed for row in self.rows)

    @property
    def moves(self) -> int:
        """How often the price changed."""
        before = [ONE, *(row.multiplier_ppm for row in self.rows)]
        return sum(row.multiplier_ppm != old for row, old in zip(self.rows, before, strict=False))


def simulate(
    readings: Iterable[Reading],
    spaces: int,
    configuration: Configuration | None,
    tariff: Tariff,
    *,
    zone: ZoneInfo,
    elasticity: float,
    typical_minutes: int,
    currency: str,
    shows: Sequence[Show] = (),
) -> Simulation:
    """Replay the readings, which are in order of time, from the base price on.

    Raises `ValueError` for readings out of order, no spaces, no minutes, or an elasticity below zero.
    """
    if spaces < 1 or typical_minutes < 1 or elasticity < 0:
        raise ValueError("a simulation needs spaces, a stay of some minutes and an elasticity of zero or more")
    minutes = configuration.review_minutes if configuration else USUAL_MINUTES
    lot = _Lot(spaces, configuration, tariff, zone, elasticity, timedelta(minutes=typical_minutes), shows)
    rows: list[Row] = []
    skipped: list[datetime] = []
    for at, observed in reviews(readings, timedelta(minutes=minutes)):
        if observed is None:
            skipped.append(at)
        else:
            rows.append(lot.review(at, observed, timedelta(minutes=minutes)))
    return Simulation(tuple(rows), tuple(skipped), spaces, zone, currency, elasticity, typical_minutes)


def reviews(readings: Iterable[Reading], every: timedelta) -> Iterator[tuple[datetime, int | None]]:
    """Each moment of review from the first reading to the last, and what was known then; None where it was too old.

    Moments are multiples of `every` on the clock of UTC. Raises `ValueError` for readings out of order.
    """
    last: Reading | None = None
    due = datetime.min.replace(tzinfo=UTC)
    for reading in readings:
        if last is None:
            due = at_or_after(reading.at, every)
        elif reading.at < last.at:
            raise ValueError("readings must be in order of time")
        while last is not None and due < reading.at:
            yield due, last.occupied if due - last.at <= STALE else None
            due += every
        last = reading
    if last is not None and due == last.at:
        yield due, last.occupied


def at_or_after(moment: datetime, every: timedelta) -> datetime:
    """The next multiple of `every` on the clock of UTC."""
    epoch = datetime.fromtimestamp(0, UTC)
    return epoch - (epoch - moment) // every * every


@dataclass(frozen=True)
class _Slot:
    """The span after a review: cars that would come at the base price, and those that come."""

    at: datetime
    wanted: float
    came: float


class _Lot:
    """What the simulated lot remembers from review to review."""

    def __init__(
        self,
        spaces: int,
        configuration: Configuration | None,
        tariff: Tariff,
        zone: ZoneInfo,
        elasticity: float,
        stay: timedelta,
        shows: Sequence[Show],
    ) -> None:
        self.spaces, self.configuration, self.tariff, self.zone = spaces, configuration, tariff, zone
        self.elasticity, self.stay, self.shows = elasticity, stay, shows
        self.ppm = ONE
        self.slots: deque[_Slot] = deque()
        self.changes: deque[tuple[datetime, int]] = deque()

    def review(self, at: datetime, observed: int, every: timedelta) -> Row:
        """Look, move the price, and let the cars of the next span come."""
        occupied = self._occupied(at, observed, every)
        decision = decide(self.configuration, self.ppm, self._signals(at, occupied))
        if decision.ppm != self.ppm:
            self.changes.append((at, abs(decision.ppm - self.ppm)))
            self.ppm = decision.ppm
        replaced = every / self.stay
        wanted = observed * replaced
        # A lot that was seen fuller than its spaces has room for so many.
        room = max(self.spaces, observed) * replaced
        came = min(wanted * (self.ppm / ONE) ** -self.elasticity, room)
        self.slots.append(_Slot(at, wanted, came))
        base, proposed = self._stay_costs(at)
        return Row(at, observed, occupied, self.ppm, round(wanted * base), round(came * proposed), decision.causes)

    def _occupied(self, at: datetime, observed: int, every: timedelta) -> float:
        """Of the cars seen, as many as really came during the last stay's time."""
        since = at - max(self.stay, every)
        there = [slot for slot in self.slots if slot.at >= since]
        wanted = sum(slot.wanted for slot in there)
        came = sum(slot.came for slot in there)
        return min(observed * came / wanted, float(max(self.spaces, observed))) if wanted else float(observed)

    def _signals(self, at: datetime, occupied: float) -> Signals:
        while self.changes and self.changes[0][0] <= at - HOUR:
            self.changes.popleft()
        demand = self.configuration.demand if self.configuration else None
        window = timedelta(minutes=demand.window_minutes) if demand else timedelta()
        while self.slots and self.slots[0].at < at - max(self.stay, window, HOUR * 24):
            self.slots.popleft()
        return Signals(
            occupied=round(occupied),
            spaces=self.spaces,
            hours_to_doors=hours_to_doors(self.shows, at),
            arrivals=round(sum(slot.came for slot in self.slots if slot.at >= at - window)) if demand else 0,
            changed_last_hour_ppm=sum(change for _, change in self.changes),
        )

    def _stay_costs(self, at: datetime) -> tuple[int, int]:
        """A typical stay from this moment, at the base price and at the present one, in minor units."""
        ends = at + self.stay
        events = [
            EventWindow(show.name, show.doors_at, show.ends_at)
            for show in self.shows
            if show.doors_at - _NEAR < ends and show.ends_at + _NEAR > at
        ]
        base = fee(self.tariff, at, ends, self.zone, events=events).amount
        if self.ppm == ONE:
            return base, base
        return base, fee(self.tariff, at, ends, self.zone, multiplier_ppm=self.ppm, events=events).amount
