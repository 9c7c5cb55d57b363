"""Selling over the counter: an order that is paid the moment it is placed, with money that stays at the venue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from orders import checkout
from orders.cart import Extras, PricedCart, cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.errors import CartRefused
from orders.models import Order
from orders.sellable import CartLine
from payments import till
from ticketing.attendees.keeping import KEY as ATTENDEES
from ticketing.boxoffice.accounts import account_of
from ticketing.boxoffice.errors import NotForTheCounter, TooLittleTendered
from ticketing.boxoffice.models import DoorSale
from ticketing.models import TicketType
from ticketing.pricing import bundling
from ticketing.pricing.current import spread
from ticketing.pricing.models import Bundle
from ticketing.seats.choosing import SEATS
from trufan.lib.errors import Invalid, Missing
from trufan.lib.ids import uuid7
from trufan.lib.money import show

Method = DoorSale.Method
#: Fields of a line that say one thing of each ticket.
ONE_EACH = (SEATS.name, ATTENDEES)
#: How many, and what is asked of them.
_Part = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Taken:
    """How it was paid: `tendered` in minor units, of cash alone; `reference`, of a terminal alone, is its own."""

    method: str
    tendered: int | None = None
    reference: str = ""

    def refuse(self) -> None:
        """Raise `Invalid` for what contradicts itself."""
        if self.method == Method.CASH and self.reference:
            raise Invalid.field("terminal_reference", "Cash has no reference.")
        if self.method == Method.CARD_TERMINAL and not self.reference:
            raise Invalid.field("terminal_reference", "Say what the terminal printed.", "required")
        if self.method == Method.CARD_TERMINAL and self.tendered is not None:
            raise Invalid.field("tendered", "Only cash is handed over.")


@dataclass(frozen=True)
class Choice:
    """What is sold or said beside single tickets: bundles, each `{"id", "quantity"}`, and promo codes."""

    bundles: Sequence[dict[str, Any]] = ()
    codes: tuple[str, ...] = ()


NO_CHOICE = Choice()


def sell(
    event: Event,
    lines: Sequence[CartLine],
    *,
    taken: Taken,
    by: Any,
    now: datetime,
    contact: Contact | None = None,
    key: UUID | None = None,
    choice: Choice = NO_CHOICE,
) -> DoorSale:
    """Sell tickets of the event, also outside of the public's time to buy, and issue them at once.

    `choice` is what there is beside single tickets. `key` is the sale's own: the same one again is the same sale.
    Raises `CartRefused`, `SoldOut`, `PromoUsedUp`, `TooLittleTendered`, `NothingForTheTill`, `CannotFulfil`, `Invalid`.
    """
    taken.refuse()
    contact = contact or Contact()
    asked = _asked(event, lines, choice, now)
    with transaction.atomic():
        if key and (made := _made_before(event, key)):
            return made
        order = place_order(
            asked,
            user=account_of(contact.email),
            contact=contact,
            now=now,
            extras=Extras(codes=choice.codes),
            standing=Standing.STAFF,
            channel=Order.Channel.DOOR,
        )
        if taken.tendered is not None and taken.tendered < order.amount_total:
            due = show(order.amount_total, order.currency)
            raise TooLittleTendered.field("tendered", f"{due} is to be paid.", TooLittleTendered.code)
        if not order.is_free:
            till.take(order, method=taken.method, now=now)
            order.refresh_from_db()
        sale = _write(order, taken, by, now, key)
    return sale


def preview(event: Event, lines: Sequence[CartLine], choice: Choice, now: datetime) -> PricedCart:
    """What that would come to, by the rules and prices of `sell`. Holds nothing.

    Raises `CartRefused`, `SoldOut`, `PromoUsedUp`.
    """
    asked, extras = _asked(event, lines, choice, now), Extras(codes=choice.codes)
    return checkout.preview(asked, now, extras, standing=Standing.STAFF)


def _asked(event: Event, lines: Sequence[CartLine], choice: Choice, now: datetime) -> list[CartLine]:
    """All lines of the sale as staff sell them: single tickets at their prices, and what the bundles are made of."""
    _refuse_others(event, lines)
    _refuse_other_bundles(event, choice)
    bundled = bundling.lines_of(choice.bundles, now) if choice.bundles else []
    if not lines and not bundled:
        raise Invalid.field("items", gettext("Choose at least one ticket."), "required")
    return [replace(line, by_staff=True) for line in [*_at_their_prices(lines, now), *bundled]]


def _refuse_other_bundles(event: Event, choice: Choice) -> None:
    """Those of another event, like single tickets of another."""
    ours = set(Bundle.objects.filter(event=event).values_list("pk", flat=True)) if choice.bundles else set()
    wrong = [
        NotForTheCounter().at(f"{bundling.FIELD}[{at}].id")
        for at, each in enumerate(choice.bundles)
        if each["id"] not in ours
    ]
    if wrong:
        raise CartRefused(details=wrong)


def _at_their_prices(lines: Sequence[CartLine], now: datetime) -> list[CartLine]:
    """More than are left at one price are sold at the next as well: nobody at a counter asks twice."""
    types = TicketType.objects.prefetch_related("releases").in_bulk([line.id for line in lines])
    together: Counter[UUID] = Counter()
    for line in lines:
        if _is_spread(types.get(line.id), line):
            together[line.id] += line.quantity
    # What the lines of one type come to is spread once: the first lines have the first prices.
    prices = {pk: _one_by_one(spread(types[pk], count, now)) for pk, count in together.items()}
    return cart_lines(
        (line.type, line.id, count, line.options, line.note, asks)
        for line in lines
        for count, asks in (_parts(line, prices[line.id]) if _is_spread(types.get(line.id), line) else [_whole(line)])
    )


def _is_spread(kind: TicketType | None, line: CartLine) -> bool:
    return kind is not None and bool(kind.releases.all()) and "release" not in line.asks


def _one_by_one(prices: Iterable[tuple[str, int]]) -> Iterator[str]:
    return (price for price, count in prices for _ in range(count))


def _whole(line: CartLine) -> _Part:
    return line.quantity, dict(line.asks)


def _parts(line: CartLine, prices: Iterator[str]) -> Iterator[_Part]:
    """The line at the next prices; each part with its own of the things said of one ticket each."""
    at = 0
    for price, alike in groupby(islice(prices, line.quantity)):
        count = len(list(alike))
        own = {name: line.asks[name][at : at + count] for name in ONE_EACH if line.asks.get(name)}
        yield count, {**line.asks, **own, "release": price}
        at += count


def _made_before(event: Event, key: UUID) -> DoorSale | None:
    """The sale under that key, if there is one. Whoever comes second waits here for the first."""
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    made: DoorSale | None = DoorSale.objects.with_order().filter(pk=key).first()
    if made and made.order.event_id != event.pk:
        raise Missing(gettext("There is no such sale."))
    return made


def _write(order: Order, taken: Taken, by: Any, now: datetime, key: UUID | None) -> DoorSale:
    sale = DoorSale.objects.create(
        id=key or uuid7(),
        order=order,
        sold_by=by,
        method=taken.method,
        tendered=taken.tendered,
        terminal_reference=taken.reference,
        created_at=now,
    )
    said = {"order": order.pk, "method": taken.method, "total": order.amount_total, "currency": order.currency}
    record("door_sale.made", sale, new=said, actor=by, venue_id=order.venue_id)
    return sale


def _refuse_others(event: Event, lines: Sequence[CartLine]) -> None:
    """Anything else than tickets of the event."""
    ids = {line.id for line in lines if line.type == TicketType.sellable_type}
    events = dict(TicketType.objects.filter(pk__in=ids).values_list("pk", "event_id"))
    wrong = [
        NotForTheCounter().at(f"items[{position}].id")
        for position, line in enumerate(lines)
        if line.type != TicketType.sellable_type or events.get(line.id) != event.pk
    ]
    if wrong:
        raise CartRefused(details=wrong)
