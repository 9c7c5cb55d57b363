"""What moves prices, in sentences that a fan understands."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from parking.lots.models import ONE
from parking.pricing.configuration import PERCENT, Configuration, Move


def times(ppm: int) -> str:
    """1,200,000 as `1.2 times the base price`."""
    return gettext("the base price") if ppm == ONE else gettext("{ppm:g} times the base price").format(ppm=ppm / ONE)


def percent(ppm: int) -> str:
    """100,000 as `10 %`."""
    return f"{ppm / PERCENT:g} %"


def band(configuration: Configuration, index: int) -> str:
    """`at or over 80 %`, `from 60 % to below 80 %`, `below 60 %`; empty for the only one."""
    begins = configuration.occupancy[index].from_percent
    ends = configuration.occupancy[index - 1].from_percent if index else None
    if ends is None:
        return gettext("at or over {begins} %").format(begins=begins) if begins else ""
    return (
        gettext("from {begins} % to below {ends} %").format(begins=begins, ends=ends)
        if begins
        else gettext("below {ends} %").format(ends=ends)
    )


def move(configuration: Configuration, direction: Move) -> str:
    """`10 % up`."""
    return gettext("no change") if direction is Move.HOLD else f"{configuration.step_percent} % {direction.value}"


def outcome(findings: Sequence[str], old_ppm: int, new_ppm: int) -> str:
    """The findings of one review and where they lead."""
    if len(findings) == 1 and new_ppm != old_ppm:
        return gettext("{findings}, to {times}.").format(findings=findings[0], times=times(new_ppm))
    ends = f"The price goes to {times(new_ppm)}" if new_ppm != old_ppm else f"The price stays at {times(old_ppm)}"
    return " ".join(f"{each}." for each in [*findings, ends])


def describe(configuration: Configuration | None) -> list[str]:
    """What a configuration says, for the console."""
    if configuration is None:
        return [gettext("Prices do not move: the base price is asked at all times.")]
    said = [
        gettext("Prices are looked at every {plural}.").format(plural=plural(configuration.review_minutes, "minute")),
        *(_band_sentence(configuration, index) for index in range(len(configuration.occupancy))),
    ]
    if rule := configuration.demand:
        said.append(
            f"One more step of {configuration.step_percent} % up when, in {plural(rule.window_minutes, 'minute')}, "
            f"reservations and cars that come without one are at or over {rule.up_from_percent} % of the spaces."
        )
    said += [
        f"Within {plural(rule.within_hours, 'hour')} of an event's doors, and until it starts: "
        f"at least {times(rule.at_least_percent * PERCENT)}."
        for rule in configuration.event
    ]
    said += [
        f"Never less than {times(configuration.floor_ppm)}, never more than {times(configuration.cap_ppm)}.",
        f"In any one hour at most {configuration.max_change_per_hour_percent} % of the base price, up and down added.",
    ]
    return said


def _band_sentence(configuration: Configuration, index: int) -> str:
    where = band(configuration, index) or "whatever it is"
    return gettext("Occupancy {where}: {move}.").format(
        where=where, move=move(configuration, configuration.occupancy[index].move)
    )


def plural(number: int, noun: str) -> str:
    """`1 hour`, `3 hours`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
