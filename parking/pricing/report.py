"""A simulation in lines of text: a table by day, the totals, and what stands behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parking.lots.models import ONE
from parking.pricing.simulation import STALE, Row, Simulation
from parking.pricing.words import plural
from trufan.lib.money import show

HEADERS = (_("day"), _("occupancy"), _("at its fullest"), _("price"), _("base price"), _("proposed"), _("difference"))


@dataclass(frozen=True)
class Figures:
    """Of some reviews. Shares are of the spaces; revenue is in minor units."""

    occupancy: float
    occupancy_proposed: float
    fullest: float
    fullest_proposed: float
    lowest_ppm: int
    highest_ppm: int
    revenue_base: int
    revenue_proposed: int


def figures(rows: Sequence[Row], spaces: int) -> Figures:
    """Raises `ValueError` without a row."""
    return Figures(
        occupancy=fmean(row.occupied_observed for row in rows) / spaces,
        occupancy_proposed=fmean(row.occupied_simulated for row in rows) / spaces,
        fullest=max(row.occupied_observed for row in rows) / spaces,
        fullest_proposed=max(row.occupied_simulated for row in rows) / spaces,
        lowest_ppm=min(row.multiplier_ppm for row in rows),
        highest_ppm=max(row.multiplier_ppm for row in rows),
        revenue_base=sum(row.revenue_base for row in rows),
        revenue_proposed=sum(row.revenue_proposed for row in rows),
    )


def by_day(simulation: Simulation) -> dict[date, list[Row]]:
    """By the day of the lot's clock."""
    days: defaultdict[date, list[Row]] = defaultdict(list)
    for row in simulation.rows:
        days[row.at.astimezone(simulation.zone).date()].append(row)
    return dict(days)


def lines(simulation: Simulation) -> Iterator[str]:
    """The whole report."""
    yield from table(simulation)
    yield ""
    yield from totals(simulation)
    yield ""
    yield from assumptions(simulation)


def rows(simulation: Simulation) -> list[tuple[str, ...]]:
    """The headers, a row for each day, and one for all: each pair is what was, and what would have been."""
    found = [
        (date_format(day, "D j M Y"), *_cells(figures(rows_of_day, simulation.spaces), simulation.currency))
        for day, rows_of_day in by_day(simulation).items()
    ]
    in_all = (gettext("in all"), *_cells(figures(simulation.rows, simulation.spaces), simulation.currency))
    return [tuple(map(str, HEADERS)), *found, in_all]


def table(simulation: Simulation) -> Iterator[str]:
    """The same rows in columns of text."""
    found = rows(simulation)
    widths = [max(len(row[column]) for row in found) for column in range(len(HEADERS))]
    for row in found:
        yield "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()


def _cells(found: Figures, currency: str) -> tuple[str, ...]:
    return (
        _pair(found.occupancy, found.occupancy_proposed),
        _pair(found.fullest, found.fullest_proposed),
        _range(found),
        show(found.revenue_base, currency),
        show(found.revenue_proposed, currency),
        change(found.revenue_base, found.revenue_proposed),
    )


def _range(found: Figures) -> str:
    lowest, highest = f"{found.lowest_ppm / ONE:g}", f"{found.highest_ppm / ONE:g}"
    return f"× {lowest}" if lowest == highest else f"× {lowest} – {highest}"


def _pair(was: float, would_be: float) -> str:
    return f"{was:.0%} → {would_be:.0%}"


def change(base: int, proposed: int) -> str:
    """`+4.2 %`; a dash where there was nothing to compare with."""
    return f"{100 * (proposed - base) / base:+.1f} %" if base else "–"


def totals(simulation: Simulation) -> Iterator[str]:
    """Revenue, moves, and how much of the time the lot was nearly full or far from it."""
    base, proposed = simulation.revenue_base, simulation.revenue_proposed
    yield gettext("Revenue: {base} at the base price, {proposed} proposed ({change}).").format(
        base=show(base, simulation.currency),
        proposed=show(proposed, simulation.currency),
        change=change(base, proposed),
    )
    yield gettext("Prices moved {times} in {reviews}.").format(
        times=plural(simulation.moves, "time"), reviews=plural(len(simulation.rows), "review")
    )
    for words, least, most in (
        (gettext("Occupancy at or over 80 %: {pair} of the time."), 0.8, 9.9),
        (gettext("Occupancy from 60 to 80 %: {pair} of the time."), 0.6, 0.8),
        (gettext("Occupancy below 60 %: {pair} of the time."), -1.0, 0.6),
    ):
        was = _share((row.occupied_observed for row in simulation.rows), simulation, least, most)
        would_be = _share((row.occupied_simulated for row in simulation.rows), simulation, least, most)
        yield words.format(pair=_pair(was, would_be))
    if simulation.skipped:
        yield gettext("{reviews} left out: no reading for more than {hours}.").format(
            reviews=plural(len(simulation.skipped), "review"), hours=plural(int(STALE.total_seconds() // 3600), "hour")
        )


def _share(occupied: Iterable[float], simulation: Simulation, least: float, most: float) -> float:
    return sum(least <= cars / simulation.spaces < most for cars in occupied) / len(simulation.rows)


def assumptions(simulation: Simulation) -> list[str]:
    """What the result stands on."""
    return [
        gettext("What is assumed:"),
        gettext(
            "- the cars that were seen came at the base price; one percent on the price takes {elasticity:g} percent "
            "of them away (constant elasticity −{elasticity:g})"
        ).format(elasticity=simulation.elasticity),
        gettext("- cars stay {minutes} and keep the price at which they came").format(
            minutes=plural(simulation.typical_minutes, "minute")
        ),
        gettext("- a full lot turned nobody away: its readings do not tell how many drove on"),
    ]
