"""A simulation as one SVG: revenue, occupancy and multiplier over time, the base price beside the proposed ones.

The picture needs nothing else: no script, no style sheet and no font from anywhere. Times are those of the lot's clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, floor
from statistics import fmean
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pygal
from django.utils.translation import gettext, ngettext
from pygal.style import Style

from parking.lots.models import ONE
from parking.pricing.simulation import Row, Simulation
from trufan.lib.money import show, to_decimal

WIDTH = 1200
_TITLE, _PANEL = 96, 290
_SVG = "http://www.w3.org/2000/svg"
_FONT = "Helvetica, Arial, sans-serif"
_GREY, _BLUE = "#8a94a0", "#1262b3"
#: Of how many hours one point of a line is the average: so few that no more than `_POINTS` are drawn.
_HOURS, _POINTS = (1, 2, 3, 6, 12, 24, 168), 400
#: Every how many days one is named below the axis, so that no more than `_NAMES` are.
_EVERY, _NAMES = (1, 2, 7, 14, 28, 91), 10
#: How wide the widest number beside an axis is.
_DIGITS = 12
#: Longer than this, revenue is by week.
_DAILY = timedelta(days=120)


@dataclass(frozen=True)
class _Axis:
    """Spans of the clock, in order, each with the rows in it; `named` are the labels that are written out."""

    labels: list[str]
    named: list[str]
    rows: list[list[Row]]


def draw(simulation: Simulation, title: str) -> bytes:
    """The SVG. Raises `ValueError` where there is no row to draw."""
    if not simulation.rows:
        raise ValueError("nothing was simulated, so there is nothing to draw")
    panels = [_revenue(simulation), *_lines(simulation)]
    height = _TITLE + _PANEL * len(panels)
    root = ElementTree.Element(
        "svg", {"xmlns": _SVG, "viewBox": f"0 0 {WIDTH} {height}", "width": str(WIDTH), "height": str(height)}
    )
    ElementTree.SubElement(root, "title").text = title
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    _write(root, 28, 20, title, bold=True)
    _write(root, 52, 14, _subtitle(simulation))
    for x, colour, text in (
        (20, _GREY, gettext("as it was, at the base price")),
        (260, _BLUE, gettext("at the proposed prices")),
    ):
        ElementTree.SubElement(root, "rect", {"x": str(x), "y": "70", "width": "14", "height": "14", "fill": colour})
        _write(root, 82, 14, text, x=x + 22)
    for index, panel in enumerate(panels):
        root.append(_place(panel, index))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _subtitle(simulation: Simulation) -> str:
    base, proposed = simulation.revenue_base, simulation.revenue_proposed
    return gettext(
        "Base price {base}, proposed {proposed}{change}; {spaces:,} spaces, stays of {minutes} minutes, elasticity "
        "−{elasticity:g}, times of {zone}"
    ).format(
        base=show(base, simulation.currency),
        proposed=show(proposed, simulation.currency),
        change=f" ({(proposed - base) / base:+.1%})" if base else "",
        spaces=simulation.spaces,
        minutes=simulation.typical_minutes,
        elasticity=simulation.elasticity,
        zone=simulation.zone.key,
    )


def _write(root: ElementTree.Element, y: int, size: int, text: str, *, x: int = 20, bold: bool = False) -> None:
    look = {"font-family": _FONT, "font-size": str(size), "font-weight": "bold" if bold else "normal"}
    ElementTree.SubElement(root, "text", {"x": str(x), "y": str(y), "fill": "#222", **look}).text = text


def _place(panel: Any, index: int) -> ElementTree.Element:
    """The chart below those before it, without what pygal adds for its script and with names that are always the same.

    pygal's script, which fetches another from its own site, only shows values under the mouse.
    """
    panel.uuid = f"panel-{index}"
    chart = panel.render_tree()
    for parent in list(chart.iter()):
        for child in list(parent):
            if child.tag is ElementTree.Comment or child.tag == "script":
                parent.remove(child)
    chart.attrib.update(x="0", y=str(_TITLE + index * _PANEL), width=str(WIDTH), height=str(_PANEL))
    return chart


# -- The panels --


def _revenue(simulation: Simulation) -> Any:
    span = simulation.rows[-1].at - simulation.rows[0].at
    weekly = span > _DAILY
    axis = _axis(simulation, 168 if weekly else 24)
    title = gettext("Revenue by week, {currency}") if weekly else gettext("Revenue by day, {currency}")
    panel = _chart(pygal.Bar, axis, title.format(currency=simulation.currency))

    def sums(read: Callable[[Row], int]) -> list[float | None]:
        each = (sum(read(row) for row in rows) if rows else None for rows in axis.rows)
        return [None if total is None else float(to_decimal(total, simulation.currency)) for total in each]

    panel.add(gettext("at the base price"), sums(lambda row: row.revenue_base))
    panel.add(gettext("at the proposed prices"), sums(lambda row: row.revenue_proposed))
    return panel


def _lines(simulation: Simulation) -> list[Any]:
    """Occupancy and multiplier, averaged over as few hours as can be told apart."""
    span = simulation.rows[-1].at - simulation.rows[0].at
    hours = next((each for each in _HOURS if span / timedelta(hours=each) <= _POINTS), _HOURS[-1])
    axis = _axis(simulation, hours)
    of = ngettext("average of each hour", "average of {hours} hours", hours).format(hours=hours)
    occupancy = _chart(pygal.Line, axis, gettext("Occupancy, % of the spaces, {of}").format(of=of))
    occupancy.range, occupancy.y_labels = (0, 100), [0, 20, 40, 60, 80, 100]
    share = 100 / simulation.spaces
    occupancy.add(gettext("as it was"), _means(axis, lambda row: row.occupied_observed * share))
    occupancy.add(gettext("at the proposed prices"), _means(axis, lambda row: row.occupied_simulated * share))
    multiplier = _chart(pygal.Line, axis, gettext("Price, times the base price, {of}").format(of=of), decimals=1)
    multiplier.y_labels = _halves([row.multiplier_ppm / ONE for row in simulation.rows])
    multiplier.range = (multiplier.y_labels[0], multiplier.y_labels[-1])
    multiplier.add(gettext("base price"), _means(axis, lambda row: 1.0))
    multiplier.add(gettext("proposed price"), _means(axis, lambda row: row.multiplier_ppm / ONE))
    return [occupancy, multiplier]


def _halves(values: Sequence[float]) -> list[float]:
    """0.5, 1, 1.5 and so on, around the values and the base price."""
    first, last = floor(2 * min([*values, 0.9])), ceil(2 * max([*values, 1.1]))
    return [half / 2 for half in range(first, last + 1)]


def _means(axis: _Axis, read: Callable[[Row], float]) -> list[float | None]:
    return [fmean(read(row) for row in rows) if rows else None for rows in axis.rows]


def _chart(kind: Any, axis: _Axis, title: str, decimals: int = 0) -> Any:
    """Numbers are as wide in every panel, so that the same days stand below one another."""
    style = Style(
        background="white", plot_background="white", colors=(_GREY, _BLUE), font_family=_FONT, opacity=".9",
        stroke_width="2", title_font_size=15, label_font_size=12, major_label_font_size=12,
        foreground="#333", foreground_strong="#222", foreground_subtle="#bbb",
        guide_stroke_color="#e3e3e3", major_guide_stroke_color="#e3e3e3",
    )  # fmt: skip
    return kind(
        style=style, js=[], width=WIDTH, height=_PANEL, title=title, margin=16, show_legend=False,
        x_labels=axis.labels, x_labels_major=axis.named, show_minor_x_labels=False, truncate_label=-1,
        show_dots=False, allow_interruptions=True, max_scale=6, min_scale=3,
        value_formatter=f"{{:>{_DIGITS},.{decimals}f}}".format, include_x_axis=kind is pygal.Bar,
    )  # fmt: skip


# -- The axis of time --


def _axis(simulation: Simulation, hours: int) -> _Axis:
    """Spans of so many hours of the clock. That which a clock skips in spring is left out, the repeated one is one."""
    zone = simulation.zone
    first = _begin(simulation.rows[0].at, zone, hours)
    last = simulation.rows[-1].at.astimezone(zone).replace(tzinfo=None)
    filled: defaultdict[datetime, list[Row]] = defaultdict(list)
    for row in simulation.rows:
        filled[_begin(row.at, zone, hours)].append(row)
    spans = [first + timedelta(hours=hours) * n for n in range((last - first) // timedelta(hours=hours) + 1)]
    spans = [span for span in spans if span in filled or _exists(span, zone)]
    named = _named([span.date() for span in spans])
    labels = [_label(span, hours) for span in spans]
    return _Axis(
        labels, [label for span, label in zip(spans, labels, strict=True) if span in named],
        [filled.get(span, []) for span in spans],
    )  # fmt: skip


def _begin(at: datetime, zone: ZoneInfo, hours: int) -> datetime:
    """Where the span that holds `at` begins, on the wall: from midnight on, or from Monday's."""
    local = at.astimezone(zone).replace(tzinfo=None)
    midnight = datetime.combine(local.date(), time())
    if hours > 24:
        return midnight - timedelta(days=local.weekday())
    return midnight + (local - midnight) // timedelta(hours=hours) * timedelta(hours=hours)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    aware = wall.replace(tzinfo=zone)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def _label(span: datetime, hours: int) -> str:
    day = f"{span:%a} {span.day} {span:%b}"
    return f"{day} {span:%Y}" if hours > 24 else day if not span.hour else f"{day} {span:%H:%M}"


def _named(days: Sequence[date]) -> set[datetime]:
    """The midnights that are named: every day, every other, or Mondays, every so many weeks."""
    count = (days[-1] - days[0]).days + 1
    every = next((each for each in _EVERY if count / each <= _NAMES), _EVERY[-1])
    first = days[0] if every < 7 else days[0] + timedelta(days=-days[0].weekday() % 7)
    return {
        datetime.combine(day, time()) for day in set(days) if day >= first and not (day - first).days % every
    }  # fmt: skip
