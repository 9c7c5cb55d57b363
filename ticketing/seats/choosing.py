"""What a cart may say of seats, and whether it can be had: asked of the whole cart, in one query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from rest_framework import serializers

from orders.cart import PricedCart, PricedLine
from orders.cart_rules import Buyer, Refused
from orders.line_fields import LineField
from orders.sellable import CartLine
from ticketing.errors import SeatTaken
from ticketing.models import EventSeat, TicketType
from ticketing.seats import layouts
from trufan.lib.errors import Detail, Invalid

#: Longest list of seats of one line; a line has at most so many pieces.
MOST = 1000
#: By event and label: how often a cart names a seat, and the seat.
Named = Counter[tuple[UUID | None, str]]
Found = Mapping[tuple[UUID | None, str], EventSeat]


class LabelField(serializers.CharField):
    """A seat by its label, in capitals, as on the map."""

    def to_internal_value(self, data: Any) -> str:
        return " ".join(super().to_internal_value(data).split()).upper()


class BestAvailableSerializer(serializers.Serializer):
    """What the best seats have to be."""

    section = serializers.CharField(required=False, max_length=40, help_text="Only in this section.")
    accessible = serializers.BooleanField(
        required=False, help_text="A wheelchair place, and beside it seats for the others."
    )
    together = serializers.BooleanField(
        required=False, help_text="Side by side in one row, or not at all. Without it they are if they can be."
    )


def _seats() -> serializers.Field:
    return serializers.ListField(
        child=LabelField(max_length=40),
        required=False,
        min_length=1,
        max_length=MOST,
        help_text="For a ticket type with numbered seats: the label of each. Without them the best free ones are "
        "chosen when the order is placed.",
    )


def _shown_seats(**kwargs: Any) -> serializers.Field:
    return serializers.ListField(child=serializers.CharField(), help_text="The seats of this line.", **kwargs)


SEATS = LineField("ticket", "seats", make=_seats, shown=_shown_seats)
BEST = LineField(
    "ticket",
    "best_available",
    make=lambda: BestAvailableSerializer(required=False, help_text="In place of `seats`: what the best ones are like."),
)


def kept(line: CartLine) -> dict[str, Any]:
    """What the order's line keeps of the seats it named. Raises `Invalid` for a list that contradicts the line."""
    seats: list[str] = list(line.asks.get("seats") or ())
    if not seats:
        return {}
    if line.asks.get("best_available"):
        raise Invalid.field("best_available", "Name the seats, or ask for the best. Not both.")
    if len(seats) != line.quantity:
        raise Invalid.field("seats", f"Name {line.quantity} seats, one for each ticket.", "wrong_number")
    return {"seats": seats}


def rule(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterator[Refused]:
    """Refuse seats that there are not, twice the same one, and wishes where people stand.

    In a preview also what is taken; when the order is placed the seats themselves say so.
    """
    lines = [(at, line) for at, line in enumerate(cart.lines) if _says_anything(line)]
    if not lines:
        return
    seated = _seated({line.line.id for _, line in lines})
    named: Named = Counter(
        (line.thing.for_event, label) for _, line in lines for label in line.line.asks.get("seats", ())
    )
    found = _found(named)
    for at, line in lines:
        if line.line.id not in seated:
            field = "seats" if line.line.asks.get("seats") else "best_available"
            yield at, Invalid.field(field, "This ticket has no numbered seat.", "not_offered")
            continue
        yield from ((at, refusal) for refusal in _wrong_section(line))
        if details := [*_wrong_labels(line, named, found)]:
            yield at, Invalid(gettext("Some of these seats cannot be had."), details=details)
        elif not placing and (taken := _taken(line, found)):
            message = f"Taken: {', '.join(taken)}."
            yield at, SeatTaken(details=[Detail("seats", SeatTaken.code, message)])


def _says_anything(line: PricedLine) -> bool:
    return bool(line.line.asks.get("seats") or line.line.asks.get("best_available"))


def _seated(types: set[UUID]) -> set[UUID]:
    with_seats = TicketType.objects.filter(Exists(EventSeat.objects.filter(ticket_type=OuterRef("pk"))))
    return set(with_seats.filter(pk__in=types).values_list("pk", flat=True))


def _found(named: Named) -> Found:
    if not named:
        return {}
    events, labels = zip(*named, strict=True)
    seats = EventSeat.objects.filter(event__in=set(events) - {None}, label__in=set(labels))
    return {(seat.event_id, seat.label): seat for seat in seats}


def _wrong_section(line: PricedLine) -> Iterator[Invalid]:
    section = (line.line.asks.get("best_available") or {}).get("section")
    event_id = line.thing.for_event
    if section and event_id and section not in layouts.of(event_id).sections:
        yield Invalid.field("best_available.section", f"There is no section {section}.", "not_found")


def _wrong_labels(line: PricedLine, named: Named, found: Found) -> Iterator[Detail]:
    for label in line.line.asks.get("seats", ()):
        seat = found.get((line.thing.for_event, label))
        if seat is None:
            yield Detail("seats", "not_found", gettext("There is no seat {label}.").format(label=label))
        elif seat.ticket_type_id != line.line.id:
            yield Detail(
                "seats",
                "other_ticket_type",
                gettext("Seat {label} is sold as another ticket type.").format(label=label),
            )
        elif named[line.thing.for_event, label] > 1:
            yield Detail("seats", "twice", gettext("Seat {label} is named twice.").format(label=label))


def _taken(line: PricedLine, found: Found) -> list[str]:
    seats = [found[line.thing.for_event, label] for label in line.line.asks.get("seats", ())]
    return [seat.label for seat in seats if seat.status != EventSeat.Status.FREE]
