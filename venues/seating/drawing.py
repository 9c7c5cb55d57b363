"""A plan as a picture: outlines, names, seats, and the stage. SVG 1.1, in metres, without styles or scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from venues.seating.exporting import layout_of
from venues.seating.layouts import Area, Layout, Place
from venues.seating.models import SeatingPlan

#: Grows when the same plan is drawn differently.
_STYLE = 1
_MARGIN = 2.0
_RADIUS = 0.2
_STAGE = (6.0, 1.2)
_WORDS = 'text-anchor="middle" dominant-baseline="middle" font-family="sans-serif"'

Point = tuple[float, float]


def tag_of(plan: SeatingPlan) -> str:
    """The picture's ETag: another one as soon as anything of the plan changes."""
    return f'"{plan.pk.hex}-{_STYLE}-{plan.version}-{int(plan.updated_at.timestamp() * 1_000_000)}"'


def picture(plan: SeatingPlan) -> str:
    """The plan as SVG. Two queries."""
    return "".join(_drawn(plan.name, layout_of(plan), (plan.stage_x, plan.stage_y)))


def _drawn(name: str, layout: Layout, stage: Point) -> Iterator[str]:
    left, top, width, height = _bounds(layout, stage)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(left)} {_n(top)} {_n(width)} {_n(height)}" '
        f'role="img" aria-label={_quoted(name)}><title>{_text(name)}</title>'
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(height)}" fill="#ffffff"/>'
    )
    yield from _stage(stage)
    seats: dict[str, list[Place]] = {}
    for place in layout.places:
        seats.setdefault(place.section, []).append(place)
    for area in layout.areas:
        yield from _area(area, seats.get(area.name, []))
    yield "</svg>"


def _bounds(layout: Layout, stage: Point) -> tuple[float, float, float, float]:
    """Left, top, width and height of all that is drawn, with a margin."""
    wide, deep = _STAGE[0] / 2, _STAGE[1] / 2
    points = [(stage[0] - wide, stage[1] - deep), (stage[0] + wide, stage[1] + deep)]
    points += [(place.x, place.y) for place in layout.places]
    points += [(x, y) for area in layout.areas for x, y in area.outline]
    across, down = [x for x, _ in points], [y for _, y in points]
    left, top = min(across) - _MARGIN, min(down) - _MARGIN
    return left, top, max(across) + _MARGIN - left, max(down) + _MARGIN - top


def _stage(stage: Point) -> Iterator[str]:
    x, y = stage
    wide, deep = _STAGE
    yield (
        f'<rect x="{_n(x - wide / 2)}" y="{_n(y - deep / 2)}" width="{wide}" height="{deep}" rx="0.2" fill="#374151"/>'
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="0.7" fill="#ffffff" {_WORDS}>Stage</text>'
    )


def _area(area: Area, places: list[Place]) -> Iterator[str]:
    kind = f"{area.capacity} standing" if area.is_standing else f"{len(places)} seats"
    yield f"<g><title>{_text(area.name)}: {kind}</title>"
    if area.outline:
        corners = " ".join(f"{_n(x)},{_n(y)}" for x, y in area.outline)
        fill = "#fef3c7" if area.is_standing else "#eff6ff"
        yield f'<polygon points="{corners}" fill="{fill}" stroke="#9ca3af" stroke-width="0.08"/>'
    name = _name_at(area, places)
    if name:
        at = f'x="{_n(name[0])}" y="{_n(name[1])}"'
        yield f'<text {at} font-size="0.9" fill="#4b5563" {_WORDS}>{_text(area.name)}</text>'
    for place in places:
        yield _seat(place)
    yield "</g>"


def _name_at(area: Area, places: list[Place]) -> Point | None:
    """In the middle where people stand; above the seats, where they would cover it."""
    if area.is_standing:
        return _middle(area.outline) if area.outline else None
    if not places:
        return None
    top = min([place.y - _RADIUS for place in places] + [y for _, y in area.outline])
    return _middle([(place.x, place.y) for place in places])[0], top - 0.6


def _middle(points: Iterable[Iterable[float]]) -> Point:
    across, down = zip(*points, strict=True)
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def _seat(place: Place) -> str:
    """A dot; ringed where it is accessible, light for a companion, hollow where the view is restricted."""
    fill = "#ffffff" if place.restricted_view else "#93c5fd" if place.companion else "#2563eb"
    at = f'cx="{_n(place.x)}" cy="{_n(place.y)}"'
    marks = [
        word
        for word, is_so in (
            ("accessible", place.accessible),
            ("companion", place.companion),
            ("restricted view", place.restricted_view),
        )
        if is_so
    ]
    title = ", ".join([place.label, *marks])
    edge = ' stroke="#2563eb" stroke-width="0.05"' if place.restricted_view else ""
    ring = f'<circle {at} r="0.3" fill="none" stroke="#059669" stroke-width="0.08"/>' if place.accessible else ""
    return f'{ring}<circle {at} r="{_RADIUS}" fill="{fill}"{edge}><title>{_text(title)}</title></circle>'


def _n(value: float) -> str:
    """A length to the millimetre."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _text(words: str) -> str:
    return escape(words)


def _quoted(words: str) -> str:
    return quoteattr(words)
