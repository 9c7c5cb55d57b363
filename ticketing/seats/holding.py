"""The seats of an order: held with its lines, let go with them, kept when the order is changed.

Whoever takes seats first locks the rows of the ticket types of the order, in key order, as its counters do right after.
So a type's seats go to one buyer at a time, who sees what the one before took: nobody chooses a seat that is gone by
the time it is claimed, and nobody waits for a seat while holding one. The conditional UPDATE stands behind it, and
behind that the constraints of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext

from orders.cart import sold_out
from orders.models import OrderItem
from ticketing import rarities
from ticketing.errors import SeatTaken
from ticketing.models import EventSeat, TicketType
from ticketing.seats import changes, layouts
from ticketing.seats.best_available import best_available
from ticketing.seats.errors import SeatsUnavailable
from ticketing.seats.locking import lock_types
from trufan.lib.errors import Detail

Status = EventSeat.Status
#: Ticket type with seats → its event.
Seated = Mapping[UUID, UUID]


def reserve(items: Sequence[OrderItem], now: datetime) -> None:
    """Hold the seats that the lines name, and the best for those that name none; or raise and hold nothing.

    Raises `SeatTaken` with the labels, `SeatsUnavailable`, `SoldOut`.
    """
    seated = seated_types(items)
    if seated:
        lock_types(item.item_id for item in items)
        _seat([item for item in items if item.item_id in seated], seated)


def release(items: Sequence[OrderItem], now: datetime) -> None:
    """What these lines held is free again."""
    held = EventSeat.objects.filter(order_item__in=[item.pk for item in items], status=Status.HELD)
    events = set(held.order_by().values_list("event_id", flat=True).distinct())
    if events:
        lock_types(item.item_id for item in items)
        held.update(status=Status.FREE, order_item=None)
        changes.announce(events)


def rehold(before: Sequence[OrderItem], after: Sequence[OrderItem], now: datetime) -> None:
    """Hold what the lines `after` need. Seats named again stay; so do those of a line that names none, if it may."""
    seated = seated_types([*before, *after])
    if not seated:
        return
    # As the rest of a change does, and not less: a lock that grows may meet another that does.
    TicketType.lock({item.item_id for item in (*before, *after)})
    had = list(EventSeat.objects.of_lines(before))
    lines = [item for item in after if item.item_id in seated]
    keeping = _kept_by_line(lines, had)
    stays = {seat.pk for seats in keeping.values() for seat in seats}
    gone = [seat.pk for seat in had if seat.pk not in stays]
    EventSeat.objects.filter(pk__in=gone, status=Status.HELD).update(status=Status.FREE, order_item=None)
    for item in lines:
        # Whose line it was is none of the seat's business: two lines may have changed places.
        EventSeat.objects.filter(pk__in=[seat.pk for seat in keeping[item.pk]]).update(order_item=item.pk)
    _seat(lines, seated, {item.pk: [seat.label for seat in keeping[item.pk]] for item in lines})


def seated_types(items: Iterable[OrderItem]) -> dict[UUID, UUID]:
    """Those ticket types of the lines that have seats, with their events. At most one query."""
    items = [item for item in items if rarities.may_have([item], "has_seats")]
    if not items:
        return {}
    types = TicketType.objects.filter(Exists(EventSeat.objects.filter(ticket_type=OuterRef("pk"))))
    return dict(types.filter(pk__in={item.item_id for item in items}).values_list("pk", "event_id"))


def _kept_by_line(lines: Sequence[OrderItem], had: Sequence[EventSeat]) -> dict[UUID, list[EventSeat]]:
    """Line → the seats it keeps of those the order had."""
    left = {seat.pk: seat for seat in had}
    keeping: dict[UUID, list[EventSeat]] = {item.pk: [] for item in lines}

    def keep(item: OrderItem, seats: Iterable[EventSeat], most: int) -> None:
        for seat in list(seats):
            if seat.ticket_type_id == item.item_id and len(keeping[item.pk]) < most:
                keeping[item.pk].append(left.pop(seat.pk))

    for item in lines:
        labels = item.options.get("seats") or ()
        keep(item, [seat for seat in left.values() if seat.label in labels], len(labels))
    for item in (item for item in lines if _chooses_none(item)):
        own = [seat for seat in left.values() if seat.order_item_id == item.pk]
        if len(own) >= item.quantity or not _belongs_together(item):
            keep(item, own, item.quantity)
    return keeping


def _belongs_together(item: OrderItem) -> bool:
    """Whether more people cannot simply be seated elsewhere."""
    wish = item.asked.get("best_available") or {}
    return bool(wish.get("together") or wish.get("accessible"))


def _chooses_none(item: OrderItem) -> bool:
    return not item.options.get("seats")


def _seat(lines: Sequence[OrderItem], seated: Seated, has: Mapping[UUID, Sequence[str]] | None = None) -> None:
    """Claim what each line still lacks; those that name their seats come first, so that nobody else gets these."""
    has = has or {}
    _claim_named([item for item in lines if not _chooses_none(item)], has)
    for item in (item for item in lines if _chooses_none(item)):
        own = has.get(item.pk, ())
        if len(own) < item.quantity:
            _claim_best(item, seated[item.item_id], item.quantity - len(own))
    _write_labels(lines)
    changes.announce(set(seated.values()))


def _claim_named(lines: Sequence[OrderItem], has: Mapping[UUID, Sequence[str]]) -> None:
    taken: list[Detail] = []
    for item in lines:
        wanted = [label for label in item.options["seats"] if label not in has.get(item.pk, ())]
        free = EventSeat.objects.free().filter(ticket_type=item.item_id, label__in=wanted)
        if free.update(status=Status.HELD, order_item=item.pk) != len(wanted):
            got = set(EventSeat.objects.of_lines([item]).values_list("label", flat=True))
            gone = [label for label in wanted if label not in got]
            taken.append(
                Detail(
                    f"items[{item.position}].seats",
                    SeatTaken.code,
                    gettext("Taken: {gone}.").format(gone=", ".join(gone)),
                )
            )
    if taken:
        raise SeatTaken(gettext("Somebody else has some of these seats. Choose others."), details=taken)


def _claim_best(item: OrderItem, event_id: UUID, count: int) -> None:
    layout, wish = layouts.of(event_id), item.asked.get("best_available") or {}
    free = bytearray(len(layout))
    for position in EventSeat.objects.free().filter(ticket_type=item.item_id).positions():
        free[position] = 1
    left = sum(free)
    if left < count:
        raise sold_out([(item.position, item.description, left)])
    places = best_available(
        count,
        layout,
        layout.within(bytes(free), wish.get("section", "")),
        accessible=wish.get("accessible", False),
        together=wish.get("together", False),
    )
    rows = EventSeat.objects.free().filter(event=event_id, ticket_type=item.item_id, position__in=places or ())
    if places is None or rows.update(status=Status.HELD, order_item=item.pk) != count:
        raise _unavailable(item, wish)


def _unavailable(item: OrderItem, wish: Mapping[str, Any]) -> SeatsUnavailable:
    wanted = [
        gettext("for a wheelchair and its company") if wish.get("accessible") else "",
        gettext("in {section}").format(section=wish["section"]) if wish.get("section") else "",
        gettext("together") if wish.get("together") else "",
    ]
    said = ", ".join(filter(None, wanted))
    message = gettext("There are no {quantity} such seats left.").format(quantity=item.quantity)
    if said:
        message = gettext("There are no {quantity} such seats left: {wanted}.").format(
            quantity=item.quantity, wanted=said
        )
    return SeatsUnavailable(message, details=[Detail(f"items[{item.position}]", SeatsUnavailable.code, message)])


def _write_labels(lines: Sequence[OrderItem]) -> None:
    """The order says which seats it has. One query to read, one to write."""
    labels: dict[UUID, list[str]] = {item.pk: [] for item in lines}
    for seat in EventSeat.objects.of_lines(lines):
        labels[seat.order_item_id].append(seat.label)
    for item in lines:
        item.options = {**item.options, "seats": labels[item.pk]}
    OrderItem.objects.bulk_update(lines, ["options"])
