"""Seating an event by a plan of its venue, and giving each seat its ticket type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from ticketing import ticket_types
from ticketing.models import EventSeat, EventSeating
from ticketing.seats import changes, price_rules, quantities
from ticketing.seats.errors import NoSeating, StandingTicketsSold
from ticketing.seats.locking import lock_types
from ticketing.seats.price_rules import Where
from trufan.lib.errors import Detail, Invalid
from venues.models import Seat, SeatingPlan, SeatSection
from venues.seating.errors import SeatsInUse

#: More than any position: seats move there before they take their new places.
_ASIDE = 1_000_000
_BATCH = 1_000
#: What a seat of an event copies of the plan's.
_COPIED = (
    "label", "row", "number", "row_order", "seat_order", "x", "y", "accessible", "companion", "restricted_view",
)  # fmt: skip
Rules = Sequence[Mapping[str, Any]]


def assign(event: Event, plan: SeatingPlan, prices: Rules, by: Any) -> EventSeating:
    """Seat the event by the plan as it now is, each seat sold as the last rule that speaks of it says.

    What is held, sold or kept stays so; a seat that no rule speaks of is not sold. Raises `SeatsInUse` where somebody
    has a seat that would go or become another ticket type, `StandingTicketsSold`, `CapacityExceeded`, `EventClosed`,
    `Invalid`.
    """
    with transaction.atomic():
        event = ticket_types.opened(event)
        lock_types(event.ticket_types.values_list("pk", flat=True))
        seating = EventSeating.objects.select_for_update().select_related("plan").filter(event=event).first()
        _refuse_plan(event, plan, seating)
        seats = list(Seat.objects.filter(plan=plan).in_order().select_related("section"))
        types = _types(event, plan, prices, seats)
        had_seats = _seated(event)
        _refuse_sold_standing(event, set(types.values()) - had_seats)
        old = {"plan": seating and seating.plan_id, "prices": seating and seating.prices}
        seating = _write(event, plan, prices, seating)
        _place(event, seats, types)
        quantities.recount(event, had_seats | set(types.values()), by)
        new = {"plan": plan.pk, "prices": seating.prices}
        record("event.seating_changed", event, old=old, new=new, actor=by, venue_id=event.venue_id)
        changes.announce({event.pk})
    return seating


def remove(event: Event, by: Any) -> None:
    """The event has no numbered seats any more; its ticket types keep their quantities, and people stand.

    Raises `SeatsInUse` where somebody has one, `NoSeating`, `EventClosed`.
    """
    with transaction.atomic():
        event = ticket_types.opened(event)
        lock_types(event.ticket_types.values_list("pk", flat=True))
        seating = EventSeating.objects.select_for_update().filter(event=event).first()
        if seating is None:
            raise NoSeating
        _clear(event)
        old = {"plan": seating.plan_id, "prices": seating.prices}
        record("event.seating_removed", event, old=old, actor=by, venue_id=event.venue_id)
        seating.delete()


def in_use(plan_id: UUID, seat_ids: set[UUID]) -> set[UUID]:
    """Those seats of the plan that events have taken over: they may move, and not go. One query."""
    return set(EventSeat.objects.filter(seat__plan=plan_id).values_list("seat", flat=True)) & seat_ids


def _refuse_plan(event: Event, plan: SeatingPlan, seating: EventSeating | None) -> None:
    if plan.venue_id != event.venue_id:
        raise Invalid.field("plan", "The venue has no such seating plan.", "not_found")
    if seating is None or seating.plan_id != plan.pk:
        if not plan.is_active:
            raise Invalid.field("plan", "This seating plan is retired.", "retired")
        _clear(event)


def _clear(event: Event) -> None:
    if EventSeat.objects.taken().filter(event=event).exists():
        raise SeatsInUse(gettext("Some of the event's seats are held or sold. Nothing was changed."))
    EventSeat.objects.filter(event=event).delete()


def _types(event: Event, plan: SeatingPlan, prices: Rules, seats: Sequence[Seat]) -> dict[str, UUID]:
    """Label → ticket type. Raises `Invalid` with every problem of the rules."""
    where = [Where(seat.label, seat.section.name, seat.row) for seat in seats]
    standing = SeatSection.objects.filter(plan=plan, kind=SeatSection.Kind.STANDING).values_list("name", flat=True)
    types = frozenset(event.ticket_types.values_list("pk", flat=True))
    found = price_rules.problems(prices, where, frozenset(standing), types)
    if found:
        raise Invalid(gettext("These prices do not fit the plan."), details=found)
    return price_rules.applied(prices, where)


def _seated(event: Event) -> set[UUID]:
    seats = EventSeat.objects.filter(event=event).exclude(ticket_type=None).order_by()
    return set(seats.values_list("ticket_type", flat=True).distinct())


def _refuse_sold_standing(event: Event, types: set[UUID]) -> None:
    sold = event.ticket_types.filter(pk__in=types).exclude(held=0, sold=0).first()
    if sold is not None:
        raise StandingTicketsSold(
            gettext("Tickets of {sold} were sold without a seat. Make another type for the seats.").format(sold=sold)
        )


def _write(event: Event, plan: SeatingPlan, prices: Rules, seating: EventSeating | None) -> EventSeating:
    seating = seating or EventSeating(event=event, version=0)
    seating.plan, seating.plan_version = plan, plan.version
    seating.prices = [{**rule, "ticket_type": str(rule["ticket_type"])} for rule in prices]
    seating.version += 1
    seating.save()
    return seating


def _place(event: Event, seats: Sequence[Seat], types: Mapping[str, UUID]) -> None:
    """One row for each seat of the plan, in the order of the map."""
    rows = {row.seat_id: row for row in EventSeat.objects.filter(event=event)}
    positions = {seat.pk: at for at, seat in enumerate(seats)}
    added, moved = list[EventSeat](), list[EventSeat]()
    changed: set[str] = set()
    for seat in seats:
        values = _values(seat, positions)
        row = rows.get(seat.pk)
        if row is None:
            added.append(EventSeat(event=event, seat=seat, ticket_type_id=types.get(seat.label), **values))
        elif other := {name: value for name, value in values.items() if getattr(row, name) != value}:
            for name, value in other.items():
                setattr(row, name, value)
            moved.append(row)
            changed |= set(other)
    _retype(event, list(rows.values()), types)
    if "position" in changed:
        # No two seats have one position, not even between two statements.
        for start in range(0, len(moved), _BATCH):
            keys = [row.pk for row in moved[start : start + _BATCH]]
            EventSeat.objects.filter(pk__in=keys).update(position=F("position") + _ASIDE)
    if moved:
        EventSeat.objects.bulk_update(moved, sorted(changed), batch_size=_BATCH)
    EventSeat.objects.bulk_create(added, batch_size=_BATCH)


def _values(seat: Seat, positions: Mapping[UUID, int]) -> dict[str, Any]:
    copied = {name: getattr(seat, name) for name in _COPIED}
    place = positions.get(seat.companion_of_id) if seat.companion_of_id else None
    return {**copied, "section": seat.section.name, "position": positions[seat.pk], "goes_with": place}


def _retype(event: Event, rows: Sequence[EventSeat], types: Mapping[str, UUID]) -> None:
    """Give the seats there were the types that the rules give them now."""
    changed: dict[UUID | None, list[UUID]] = {}
    stuck = []
    for row in rows:
        to = types.get(row.label)
        if row.ticket_type_id == to:
            continue
        if row.status in (EventSeat.Status.HELD, EventSeat.Status.SOLD):
            stuck.append(
                Detail(
                    "prices",
                    SeatsInUse.code,
                    gettext("Seat {row_label} is {status}.").format(row_label=row.label, status=row.status),
                )
            )
        row.ticket_type_id = to
        changed.setdefault(to, []).append(row.pk)
    if stuck:
        raise SeatsInUse(
            gettext("Some seats that would become another ticket type are held or sold."), details=stuck[:20]
        )
    for to, keys in changed.items():
        for start in range(0, len(keys), _BATCH):
            EventSeat.objects.filter(pk__in=keys[start : start + _BATCH]).update(ticket_type=to)
