"""A cart: what a buyer asks for, checked line by line and priced, before anything is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext, ngettext

from events.models import Event
from orders import line_fields
from orders.errors import CartRefused, NotForSale, SoldOut, TipRefused
from orders.pricing import (
    NO_TIP,
    LineAmounts,
    LinePrice,
    OrderAmounts,
    Tax,
    Tip,
    add_up,
    platform_fee,
    price_line,
    service_charges,
)
from orders.promos import applying
from orders.promos.applying import Applied
from orders.sellable import CartLine, Offer, Sellable, sellable_model
from trufan.lib.errors import Detail, DomainError, Invalid
from trufan.lib.money import MAX_AMOUNT, share, show
from venues import fees
from venues.models import TaxRate, Venue
from venues.taxes import rates_of

Taxes = dict[str, list[TaxRate]]
_Offered = tuple[CartLine, Sellable, Offer]
#: `(type, id)` of things → what each line that holds some keeps of it, and how many it holds.
Held = Mapping[tuple[str, UUID], Sequence[tuple[Mapping[str, Any], int]]]
NOTHING_HELD: Held = {}


@dataclass(frozen=True)
class Extras:
    """What a cart holds beside its lines."""

    tip: Tip = NO_TIP
    codes: tuple[str, ...] = ()
    #: Where to: `{"method", "section", "row", "seat", "note"}`.
    delivery: dict[str, Any] = field(default_factory=dict)
    #: What the buyer comes for.
    event_id: UUID | None = None
    #: What was said in the fields that other apps add to a cart: see `orders.line_fields`.
    asks: Mapping[str, Any] = field(default_factory=dict, hash=False)


NOTHING = Extras()


@dataclass(frozen=True)
class PricedLine:
    """A line with the thing it is for, what was offered, its amounts, and what each promo code took off it."""

    line: CartLine
    thing: Sellable
    offer: Offer
    amounts: LineAmounts
    platform_fee: int
    discounts: tuple[tuple[str, int], ...] = ()

    @property
    def looks_short(self) -> bool:
        """Whether, when the stock was read, it could not serve all that the cart asks of this thing."""
        return self.thing.left < self.line.in_cart - self.line.held


@dataclass(frozen=True)
class PricedCart:
    """A whole cart, priced: every line of one venue, in its currency."""

    venue: Venue
    lines: list[PricedLine]
    amounts: OrderAmounts
    codes: list[Applied] = field(default_factory=list)
    tip: Tip = NO_TIP
    delivery: dict[str, Any] = field(default_factory=dict)
    event_id: UUID | None = None

    @property
    def short_lines(self) -> list[PricedLine]:
        return [line for line in self.lines if line.looks_short]


def cart_lines(asked: Iterable[tuple[Any, ...]]) -> list[CartLine]:
    """`(type, id, quantity)`, perhaps options, a note and what its kind asks, as lines that know how much of their
    thing all ask for.
    """
    return _counted([_line(*each) for each in asked])


def _line(
    kind: str,
    thing_id: UUID,
    quantity: int,
    options: tuple[tuple[UUID, int], ...] = (),
    note: str = "",
    asks: Mapping[str, Any] = MappingProxyType({}),
) -> CartLine:
    return CartLine(kind, thing_id, quantity, quantity, options, note, asks=asks)


def _counted(lines: Sequence[CartLine]) -> list[CartLine]:
    together: Counter[tuple[str, UUID]] = Counter()
    for line in lines:
        together[line.type, line.id] += line.quantity
    return [replace(line, in_cart=together[line.type, line.id]) for line in lines]


def price_cart(
    lines: Sequence[CartLine], now: datetime, extras: Extras = NOTHING, held: Held = NOTHING_HELD
) -> PricedCart:
    """Price every line, also those that `extras` stand for: a fixed number of queries per kind, one for the taxes where
    there are no tickets, and one for promo codes, if any.

    `held` is what of each thing the order holds already, when it is changed. Raises `CartRefused` with a detail for
    each line that cannot be sold, each code that does not apply, and the tip where it cannot be given; nothing is held
    or written. Where it goes is checked by `kitchen.delivery.checked`.
    """
    lines = [*lines, *line_fields.lines_of_cart(extras.asks, now)]
    offers, problems = _offers(lines, now, extras, held)
    venue = next((offer.venue for _, _, offer in offers), None)
    problems += _problems_of_event(extras.event_id, venue, now)
    for position, (_, _, offer) in enumerate(offers):
        if venue is not None and offer.venue.pk != venue.pk:
            problems.append(NotForSale(gettext("One order is for one venue.")).at(f"items[{position}].id"))
    if venue is None:
        raise CartRefused(details=problems)
    found = applying.find(venue.pk, extras.codes, now)
    if problems or found.problems:
        # What a code or a tip is good for is only known of a cart that can be sold.
        raise CartRefused(details=[*problems, *found.problems])
    applied, problems = applying.apply(found.codes, [(line, offer) for line, _, offer in offers])
    priced = _price(offers, applied, rates_of(venue))
    try:
        tip = tip_on(priced, extras.tip, venue)
    except TipRefused as refusal:
        problems.append(refusal.at("tip"))
    if problems:
        raise CartRefused(details=problems)
    amounts = add_up((line.amounts for line in priced), tip)
    if amounts.total > MAX_AMOUNT:
        raise Invalid(gettext("This order is too large."))
    return PricedCart(venue, priced, amounts, applied, extras.tip, extras.delivery, _event(offers, extras))


def _event(offers: Sequence[_Offered], extras: Extras) -> UUID | None:
    """What the order is for: what its tickets say with one voice, or else the buyer."""
    events = {thing.for_event for _, thing, _ in offers} - {None}
    return events.pop() if len(events) == 1 else extras.event_id


def tip_on(lines: Sequence[PricedLine], tip: Tip, venue: Venue) -> int:
    """The tip in minor units. Raises `TipRefused` without food, and beyond `TIP_LIMIT_PERCENT` of its price."""
    if not tip:
        return 0
    food = [line.amounts for line in lines if line.offer.is_food]
    if not food:
        raise TipRefused(gettext("A tip is for those who make the food, and this order has none."))
    amount = tip.of(sum(line.goods_net for line in food))
    most = share(sum(line.subtotal for line in food), settings.TIP_LIMIT_PERCENT * 10_000)
    if amount > most:
        raise TipRefused(gettext("A tip on this order is at most {most}.").format(most=show(most, venue.currency)))
    return amount


def sold_out(lines: Iterable[tuple[int, str, int]]) -> SoldOut:
    """The refusal for short lines, given as `(position, description, left)`."""
    details = [
        Detail(f"items[{position}].quantity", SoldOut.code, _shortage(description, left))
        for position, description, left in sorted(lines)
    ]
    return SoldOut(details[0].message if len(details) == 1 else None, details=details)


def _shortage(description: str, left: int) -> str:
    if left <= 0:
        return gettext("{description} is sold out.").format(description=description)
    return ngettext("Only {left} of {description} is left.", "Only {left} of {description} are left.", left).format(
        left=left, description=description
    )


def _offers(
    lines: Sequence[CartLine], now: datetime, extras: Extras, held: Held
) -> tuple[list[_Offered], list[Detail]]:
    """What is offered for each line that can be sold, and every problem of those that cannot."""
    things: dict[tuple[str, UUID], Sellable] = {}
    for kind in sorted({line.type for line in lines}):
        found = sellable_model(kind).for_sale({line.id for line in lines if line.type == kind}, now)
        things.update({(kind, thing_id): thing for thing_id, thing in found.items()})
    asked_for = [things.get((line.type, line.id)) for line in lines]
    events = frozenset(filter(None, (extras.event_id, *(thing.for_event for thing in asked_for if thing))))
    # From here on a line goes by the key of its thing, whatever id it was asked for by.
    lines = _counted(
        [
            replace(line, id=thing.pk if thing else line.id, events=events)
            for line, thing in zip(lines, asked_for, strict=True)
        ]
    )
    lines = [_with_order(line, held.get((line.type, line.id), ()), extras) for line in lines]
    offers, problems = [], []
    for position, (line, thing) in enumerate(zip(lines, asked_for, strict=True)):
        try:
            if thing is None:
                raise NotForSale(details=[Detail("id", NotForSale.code, gettext("There is no such thing on sale."))])
            _refuse_wishes(line, thing)
            offers.append((line, thing, thing.offer(line, now)))
        except DomainError as refusal:
            problems += refusal.under(f"items[{position}]")
    return offers, problems


def _with_order(line: CartLine, kept: Sequence[tuple[Mapping[str, Any], int]], extras: Extras) -> CartLine:
    """The line, knowing what its cart says and what the order has of its thing already."""
    return replace(line, cart=extras.asks, kept=tuple(kept), held=sum(count for _, count in kept))


def _refuse_wishes(line: CartLine, thing: Sellable) -> None:
    given = {"options": line.options, "note": line.note}
    if not thing.takes_wishes and any(given.values()):
        raise NotForSale(
            details=[
                Detail(name, "not_offered", gettext("This takes no {name}.").format(name=name))
                for name, value in given.items()
                if value
            ]
        )


def _problems_of_event(event_id: UUID | None, venue: Venue | None, now: datetime) -> list[Detail]:
    """The event that the buyer names is one of the venue, and still to be had."""
    if event_id is None or venue is None:
        return []
    event = Event.objects.published().filter(pk=event_id).first()
    if event is None or event.venue_id != venue.pk:
        return [Detail("event", "not_found", gettext("There is no such event at this venue."))]
    return [] if event.is_on_sale(now) else [NotForSale(gettext("{event} is over.").format(event=event)).at("event")]


def _price(offers: Sequence[_Offered], applied: Sequence[Applied], taxes: Taxes) -> list[PricedLine]:
    """Every line with its part of the discounts and of its outlet's service charge."""
    off = [[(each.promo.code, each.parts[at]) for each in applied if each.parts[at]] for at in range(len(offers))]
    discounts = [sum(part for _, part in parts) for parts in off]
    charges = service_charges(
        [
            (offer.outlet_id, offer.unit_price * line.quantity - discount, offer.service_charge_ppm)
            for (line, _, offer), discount in zip(offers, discounts, strict=True)
        ]
    )
    return [
        _price_line(offered, tuple(parts), charge, taxes)
        for offered, parts, charge in zip(offers, off, charges, strict=True)
    ]


def _price_line(offered: _Offered, off: tuple[tuple[str, int], ...], charge: int, taxes: Taxes) -> PricedLine:
    line, thing, offer = offered
    discount = sum(part for _, part in off)
    # What is free bears no fee, also where a code made it so.
    unit_price = 0 if discount == offer.unit_price * line.quantity else offer.unit_price
    on_top = fees.on_top(offer.venue, line.type, unit_price)

    def of(category: str) -> list[Tax]:
        return [Tax(rate.rate_ppm, rate.is_inclusive, rate.name) for rate in taxes.get(category, [])]

    amounts = price_line(
        LinePrice(
            line.quantity,
            offer.unit_price,
            offer.unit_fee + on_top if unit_price else 0,
            discount,
            taxes=of(offer.tax_category),
            fee_taxes=of(TaxRate.Category.FEE),
            service_charge=charge,
            charge_taxes=of(TaxRate.Category.SERVICE_CHARGE),
        )
    )
    out_of_price = fees.out_of_price(offer.venue, line.type, unit_price) * line.quantity
    return PricedLine(line, thing, offer, amounts, platform_fee(amounts, on_top * line.quantity, out_of_price), off)
