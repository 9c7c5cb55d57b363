"""One review of one kind of space: from what is seen to the multiplier, pure arithmetic over integers.

The rule of occupancy is that of San Francisco: at or over 80 % up, from 60 to 80 % unchanged, below 60 % down (SFMTA,
“SFpark: Pilot Project Evaluation”, 2014), with the operator's own bands. SFpark moved prices every few weeks, by street
and time of day; here they move within the day, which is why floor, cap and hourly limit must be given.

A step is a share of the base price, added or taken away, so that as many steps down undo as many up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parking.lots.models import ONE
from parking.pricing import words
from parking.pricing.configuration import PERCENT, Configuration


@dataclass(frozen=True)
class Signals:
    """What a review sees. `arrivals` of the window of demand; `changed_last_hour_ppm`: all |changes| of it together.

    `hours_to_doors`: of the next event; 0 while doors are open and it has not started; None without one.
    """

    occupied: int
    spaces: int
    hours_to_doors: float | None = None
    arrivals: int = 0
    changed_last_hour_ppm: int = 0


@dataclass(frozen=True)
class Decision:
    """The multiplier from now on, and why. A cause stands here only where it moved, or held back, the price."""

    ppm: int
    causes: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class _Case:
    configuration: Configuration
    current_ppm: int
    signals: Signals


@dataclass(frozen=True)
class _Finding:
    """Where one rule leads. Without a cause it changed nothing, and only says so."""

    ppm: int
    cause: str
    words: str


def decide(configuration: Configuration | None, current_ppm: int, signals: Signals) -> Decision:
    """One review. Without a configuration the base price, at once.

    Floor and cap go before the hourly limit: where the operator narrowed them, the price is within them at once.
    """
    if configuration is None:
        return _without_configuration(current_ppm)
    case = _Case(configuration, current_ppm, signals)
    ppm, findings = current_ppm, []
    for rule in _RULES:
        if found := rule(case, ppm):
            ppm = found.ppm
            findings.append(found)
    causes = tuple(found.cause for found in findings if found.cause)
    return Decision(ppm, causes, words.outcome([found.words for found in findings], current_ppm, ppm))


def _without_configuration(current_ppm: int) -> Decision:
    causes = ("switched_off",) if current_ppm != ONE else ()
    return Decision(ONE, causes, "Prices do not follow demand here: the base price is asked.")


# -- The rules, in the order in which they are asked --


def _by_occupancy(case: _Case, ppm: int) -> _Finding | None:
    signals, configuration = case.signals, case.configuration
    if signals.spaces <= 0:
        return None
    percent = 100 * signals.occupied // signals.spaces
    # The thresholds are whole percents, so the part that is cut off decides nothing.
    index = next(i for i, each in enumerate(configuration.occupancy) if percent >= each.from_percent)
    direction = configuration.occupancy[index].move
    where = words.band(configuration, index)
    said = f"Occupancy is {percent} %{', ' if where else ''}{where}: {words.move(configuration, direction)}"
    cause = {1: "occupancy_high", 0: "", -1: "occupancy_low"}[direction.steps]
    return _Finding(ppm + direction.steps * configuration.step_ppm, cause, said)


def _by_demand(case: _Case, ppm: int) -> _Finding | None:
    rule, signals = case.configuration.demand, case.signals
    if rule is None or signals.spaces <= 0 or 100 * signals.arrivals < rule.up_from_percent * signals.spaces:
        return None
    said = (
        f"In the last {words.plural(rule.window_minutes, 'minute')} {signals.arrivals} of {signals.spaces} spaces were "
        f"reserved or driven to, at or over {rule.up_from_percent} %: another {case.configuration.step_percent} % up"
    )
    return _Finding(ppm + case.configuration.step_ppm, "demand", said)


def _by_event(case: _Case, ppm: int) -> _Finding | None:
    hours = case.signals.hours_to_doors
    if hours is None:
        return None
    rule = next((each for each in case.configuration.event if hours < each.within_hours), None)
    if rule is None or ppm >= rule.at_least_percent * PERCENT:
        return None
    least = rule.at_least_percent * PERCENT
    when = f"An event's doors open in less than {words.plural(rule.within_hours, 'hour')}"
    said = f"{when if hours else 'An event is about to start'}: at least {words.times(least)}"
    return _Finding(least, "event_near", said)


def _by_limits(case: _Case, ppm: int) -> _Finding | None:
    limited = case.configuration.within_limits(ppm)
    if limited == ppm:
        return None
    if limited < ppm:
        return _Finding(limited, "cap", f"More than {words.times(limited)} is never asked")
    return _Finding(limited, "floor", f"Less than {words.times(limited)} is never asked")


def _by_hourly_limit(case: _Case, ppm: int) -> _Finding | None:
    """What the other rules want is limited to what is left of the hour, counted from within floor and cap."""
    begins = case.configuration.within_limits(case.current_ppm)
    left = max(case.configuration.hourly_ppm - case.signals.changed_last_hour_ppm, 0)
    if abs(ppm - begins) <= left:
        return None
    most = words.percent(case.configuration.hourly_ppm)
    rest = f"only {words.percent(left)} of that was left" if left else "nothing of that was left"
    said = f"In one hour the price moves by at most {most}: {rest}"
    return _Finding(begins + (left if ppm > begins else -left), "hourly_limit", said)


_RULES: tuple[Callable[[_Case, int], _Finding | None], ...] = (
    _by_occupancy, _by_demand, _by_event, _by_limits, _by_hourly_limit,
)  # fmt: skip
