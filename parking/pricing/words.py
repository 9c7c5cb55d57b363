"""What moves prices, in sentences that a fan understands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext, ngettext

from parking.lots.models import ONE
from parking.pricing.configuration import PERCENT, Configuration, Move

#: What is counted here.
_COUNTED: dict[str, Callable[[int], str]] = {
    "gap": lambda n: ngettext("{n:,} gap", "{n:,} gaps", n),
    "hour": lambda n: ngettext("{n:,} hour", "{n:,} hours", n),
    "minute": lambda n: ngettext("{n:,} minute", "{n:,} minutes", n),
    "review": lambda n: ngettext("{n:,} review", "{n:,} reviews", n),
    "row": lambda n: ngettext("{n:,} row", "{n:,} rows", n),
    "time": lambda n: ngettext("{n:,} time", "{n:,} times", n),
}


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
    said = {Move.UP: gettext("{n} % up"), Move.HOLD: gettext("no change"), Move.DOWN: gettext("{n} % down")}
    return said[direction].format(n=configuration.step_percent)


def outcome(findings: Sequence[str], old_ppm: int, new_ppm: int) -> str:
    """The findings of one review and where they lead."""
    if len(findings) == 1 and new_ppm != old_ppm:
        return gettext("{findings}, to {times}.").format(findings=findings[0], times=times(new_ppm))
    ends = gettext("The price goes to {times}") if new_ppm != old_ppm else gettext("The price stays at {times}")
    ends = ends.format(times=times(new_ppm))
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
            gettext(
                "One more step of {step_percent} % up when, in {minutes}, reservations and cars that come without one "
                "are at or over {up_from_percent} % of the spaces."
            ).format(
                step_percent=configuration.step_percent,
                minutes=plural(rule.window_minutes, "minute"),
                up_from_percent=rule.up_from_percent,
            )
        )
    said += [
        gettext("Within {hours} of an event's doors, and until it starts: at least {times}.").format(
            hours=plural(rule.within_hours, "hour"), times=times(rule.at_least_percent * PERCENT)
        )
        for rule in configuration.event
    ]
    said += [
        gettext("Never less than {floor}, never more than {cap}.").format(
            floor=times(configuration.floor_ppm), cap=times(configuration.cap_ppm)
        ),
        gettext("In any one hour at most {max_change_per_hour_percent} % of the base price, up and down added.").format(
            max_change_per_hour_percent=configuration.max_change_per_hour_percent
        ),
    ]
    return said


def _band_sentence(configuration: Configuration, index: int) -> str:
    where = band(configuration, index) or gettext("whatever it is")
    return gettext("Occupancy {where}: {move}.").format(
        where=where, move=move(configuration, configuration.occupancy[index].move)
    )


def plural(number: int, noun: str) -> str:
    """`1 hour`, `3 hours`."""
    return _COUNTED[noun](number).format(n=number)
