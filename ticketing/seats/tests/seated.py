"""An event with numbered seats, and carts for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from events.models import Event
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order
from payments import charges
from ticketing.models import EventSeat, EventSeating, Ticket, TicketType
from ticketing.seats import planning
from trufan.testing import TicketTypeFactory
from venues.models import Seat, SeatingPlan, SeatSection, Venue


def plan_of(venue: Venue, sections: dict[str, tuple[int, int]], name: str = "Concert") -> SeatingPlan:
    """A plan with sections of so many rows of so many seats, side by side before the stage.

    In the last row the first seat is a wheelchair place, and the second is for who comes with it.
    """
    plan = SeatingPlan.objects.create(venue=venue, name=name, stage_x=0, stage_y=-5, version=1)
    for at, (section_name, (rows, seats)) in enumerate(sections.items()):
        section = SeatSection.objects.create(plan=plan, name=section_name, position=at, kind="seated")
        made = [
            Seat(
                plan=plan, section=section, row=_letters(row), number=str(number), row_order=row, seat_order=number,
                label=f"{section_name}-{_letters(row)}-{number}".upper(), x=at * (seats + 2) + number - 1, y=row,
            )
            for row in range(1, rows + 1)
            for number in range(1, seats + 1)
        ]  # fmt: skip
        place, companion = made[-seats], made[-seats + 1]
        place.accessible, companion.companion, companion.companion_of = True, True, place
        Seat.objects.bulk_create(made)
    return plan


def _letters(row: int) -> str:
    """A to Z, then AA."""
    return chr(64 + row) if row <= 26 else "A" + _letters(row - 26)


def seat_by(event: Event, plan: SeatingPlan, by: Any, **types: TicketType) -> EventSeating:
    """Section → ticket type, all rows."""
    prices = [{"section": name.removeprefix("_"), "ticket_type": row.pk} for name, row in types.items()]
    return planning.assign(event, plan, prices, by)


def seated_type(event: Event, name: str = "Gold") -> TicketType:
    return TicketTypeFactory(event=event, name=name, quantity=0)


def asking(ticket_type: TicketType, quantity: int = 1, *seats: str, **best: Any) -> tuple[Any, ...]:
    """A line of a cart, with its seats or with what the best are to be like."""
    asks: dict[str, Any] = {"seats": list(seats)} if seats else {}
    if best:
        asks["best_available"] = best
    return TicketType.sellable_type, ticket_type.pk, quantity, (), "", asks


def order(user: Any, *lines: tuple[Any, ...]) -> Order:
    return place_order(cart_lines(lines), user=user, contact=Contact(), now=timezone.now())


def pay(placed: Order, user: Any) -> list[Ticket]:
    charges.start(placed, payer=user, payment_method="pm_card_visa", now=timezone.now())
    return list(Ticket.objects.filter(order=placed).order_by("order_item__position", "ordinal"))


def statuses(event: Event | UUID) -> dict[str, str]:
    """Label → status, of all that are not free."""
    seats = EventSeat.objects.filter(event=event).exclude(status="free")
    return dict(seats.values_list("label", "status"))


def labels(placed: Order) -> list[list[str]]:
    """What each line of the order says of its seats."""
    return [item.options.get("seats", []) for item in placed.items.order_by("position")]
