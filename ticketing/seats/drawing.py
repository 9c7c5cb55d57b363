"""The event's seats as an SVG: a colour for each ticket type, grey what is taken, and each seat's name on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as escaped

from ticketing.models import EventSeat, EventSeating, TicketType
from trufan.lib.money import show
from venues.models import SeatSection

#: Told apart by most people, also without red or green.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a5195", "#8c6d31")
TAKEN, NOT_SOLD = "#c4c4c4", "#ececec"
#: What XML has no place for, not even escaped: one of it in a name, and no reader shows the picture.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RADIUS, _MARGIN = 0.22, 2.0
_WORDS = {"free": "free", "held": "in a cart", "sold": "sold", "blocked": "blocked", "house": "for the house"}


def drawn(seating: EventSeating, for_staff: bool) -> str:
    """The drawing; staff are told why a seat is not free. Three queries."""
    seats = list(EventSeat.objects.filter(event=seating.event_id).order_by("position"))
    areas = list(SeatSection.objects.filter(plan=seating.plan_id).in_order())
    types = {row.pk: row for row in TicketType.objects.with_fees().filter(event=seating.event_id).order_by("position")}
    colours = {pk: COLOURS[at % len(COLOURS)] for at, pk in enumerate(types)}
    names = {pk: _name(row) for pk, row in types.items() if for_staff or row.visibility == row.Visibility.OPEN}
    corners = [(x, y) for area in areas for x, y in area.outline]
    corners += [(seat.x, seat.y) for seat in seats] + [(seating.plan.stage_x, seating.plan.stage_y)]
    left, top = min(x for x, _ in corners) - _MARGIN, min(y for _, y in corners) - _MARGIN
    wide, high = max(x for x, _ in corners) + _MARGIN - left, max(y for _, y in corners) + _MARGIN - top
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.2f} {top:.2f} {wide:.2f} {high:.2f}" '
            f'role="img" aria-label="{escape(seating.plan.name)}">',
            f"<title>{escape(str(seating))}</title>",
            *_areas(areas),
            f'<rect x="{seating.plan.stage_x - 2:.2f}" y="{seating.plan.stage_y - 0.5:.2f}" width="4" height="1" '
            'fill="#333"><title>Stage</title></rect>',
            *(_seat(seat, colours, names, for_staff) for seat in seats),
            "</svg>",
        ]
    )


def escape(words: str) -> str:
    """The words as text or an attribute of the drawing."""
    return escaped(_NO_XML.sub("", words))


def _name(row: TicketType) -> str:
    return f"{row.name}, {show(row.price, row.event.venue.currency)}"


def _areas(areas: list[SeatSection]) -> Iterator[str]:
    for area in areas:
        if area.outline:
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in area.outline)
            yield (
                f'<polygon points="{points}" fill="none" stroke="#999" stroke-width=".05">'
                f"<title>{escape(area.name)}</title></polygon>"
            )


def _seat(seat: EventSeat, colours: dict, names: dict, for_staff: bool) -> str:
    kept = seat.ticket_type_id is None
    colour = NOT_SOLD if kept else colours[seat.ticket_type_id] if seat.status == "free" else TAKEN
    ring = ' stroke="#000" stroke-width=".06"' if seat.accessible else ""
    return (
        f'<circle cx="{round(seat.x, 2):g}" cy="{round(seat.y, 2):g}" r="{_RADIUS}" fill="{colour}"{ring}>'
        f"<title>{escape(', '.join(filter(None, _words(seat, names, for_staff))))}</title></circle>"
    )


def _words(seat: EventSeat, names: dict, for_staff: bool) -> Iterator[str]:
    yield seat.label
    yield "not sold" if seat.ticket_type_id is None else names.get(seat.ticket_type_id, "")
    if seat.accessible:
        yield "for a wheelchair"
    if seat.companion:
        yield "for who comes along with a wheelchair"
    if seat.restricted_view:
        yield "restricted view"
    if for_staff and seat.status != "free":
        yield _WORDS[seat.status] + (f": {seat.reason}" if seat.reason else "")
    elif seat.status != "free":
        yield "taken"
