"""Placing an order: prices asked, stock and promo codes held, rows written, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import Truncator

from orders import completion
from orders.cart import NOTHING, Extras, PricedCart, PricedLine, price_cart, sold_out
from orders.cart_rules import Buyer, Standing, check
from orders.expiry import is_sold_out, make_room
from orders.kitchen.delivery import checked
from orders.models import Order, OrderItem
from orders.promos import uses
from orders.sellable import CartLine
from trufan.lib.errors import Invalid

#: What a line keeps of the names of what it sells.
DESCRIPTION_LENGTH = OrderItem._meta.get_field("description").max_length or 0


@dataclass(frozen=True)
class Contact:
    """Whom to reach about the order. A guest gives e-mail and phone; a signed-in buyer's own are the default."""

    email: str = ""
    phone: str = ""
    name: str = ""
    #: One of `settings.LANGUAGES`; empty: not known.
    language: str = ""

    @classmethod
    def of(cls, user: Any, given: Contact) -> Contact:
        if user is None:
            return given
        phone = given.phone or str(user.phone or "")
        return cls(given.email or user.email, phone, given.name or user.full_name, given.language)


def preview(
    lines: Sequence[CartLine],
    now: datetime,
    extras: Extras = NOTHING,
    *,
    user: Any = None,
    standing: Standing = Standing.PUBLIC,
) -> PricedCart:
    """What the cart would cost at `now`. Holds nothing.

    Raises `CartRefused`, `SoldOut` when stock is short, `PromoUsedUp` when a code is, or is for this user,
    `Invalid` for a delivery that is not to be had.
    """
    cart = delivered(price_cart(lines, now, extras), user, now)
    known = Contact.of(user, Contact())
    check(cart, Buyer(user, known.email.lower(), known.phone, standing, extras.asks), now, placing=False)
    if cart.short_lines:
        raise _short(cart)
    uses.refuse_used_up(cart.codes, user and user.pk, user.email if user else "")
    return cart


def place_order(
    lines: Sequence[CartLine],
    *,
    user: Any,
    contact: Contact,
    now: datetime,
    extras: Extras = NOTHING,
    hold: timedelta | None = None,
    standing: Standing = Standing.PUBLIC,
    channel: str = Order.Channel.WEB,
) -> Order:
    """Hold all lines and promo codes for so long, by default `HOLD_SECONDS`, or none. A free order is complete at once.

    `extras.delivery` says where its products go, by default to the counter. Raises `CartRefused` (every problem by
    line), `SoldOut`, `PromoUsedUp`, `Invalid` (a guest without e-mail or phone, or a delivery that is not to be had).
    """
    contact = Contact.of(user, contact)
    if user is None and standing != Standing.STAFF:
        _refuse_anonymous(contact)
    buyer = Buyer(user, contact.email.lower(), contact.phone, standing, extras.asks)
    cart = delivered(price_cart(lines, now, extras), user, now)
    if cart.short_lines:
        check(cart, buyer, now, placing=False)
        if is_sold_out(cart, now):
            # A crowd that comes too late is refused before anything is locked or written.
            raise _short(cart)
    with transaction.atomic():
        check(cart, buyer, now, placing=True)
        if cart.short_lines or cart.codes:
            make_room(cart, now, uses.of_person(user and user.pk, contact.email.lower()))
        order = _made(cart, user, contact, channel, now, hold or timedelta(seconds=settings.HOLD_SECONDS))
        if order.is_free:
            completion.complete(order, cart.codes, now)
        else:
            completion.hold(order, cart.codes, now)
    return order


def delivered(cart: PricedCart, user: Any, now: datetime) -> PricedCart:
    """The cart with where it goes as an order keeps it. Raises `Invalid` where it cannot go there."""
    return replace(cart, delivery=checked(cart.delivery, cart, user=user, now=now))


def _made(cart: PricedCart, user: Any, contact: Contact, channel: str, now: datetime, hold: timedelta) -> Order:
    """The order and its lines, not stored yet."""
    order = Order(
        channel=channel,
        venue=cart.venue,
        user=user,
        contact_email=contact.email.lower(),
        contact_phone=contact.phone,
        contact_name=contact.name,
        language=contact.language,
        currency=cart.venue.currency,
        **order_values(cart),
        expires_at=now + hold,
    )
    order.lines = [OrderItem(order=order, **item_values(position, line)) for position, line in enumerate(cart.lines)]
    for item, line in zip(order.lines, cart.lines, strict=True):
        item.in_hand = line.thing
    return order


def order_values(cart: PricedCart) -> dict[str, Any]:
    """What an order keeps of a cart beside its lines."""
    amounts = cart.amounts
    return {
        "subtotal": amounts.subtotal,
        "discount": amounts.discount,
        "tax": amounts.tax,
        "fees": amounts.fees,
        "service_charge": amounts.service_charge,
        "tip": amounts.tip,
        "tip_ppm": cart.tip.ppm,
        "delivery": cart.delivery,
        "event_id": cart.event_id,
        "amount_total": amounts.total,
    }


def item_values(position: int, priced: PricedLine) -> dict[str, Any]:
    """What a line keeps of a cart's."""
    amounts = priced.amounts
    return {
        "position": position,
        "item_type": priced.line.type,
        "item_id": priced.line.id,
        "description": Truncator(priced.offer.description).chars(DESCRIPTION_LENGTH),
        "quantity": priced.line.quantity,
        "unit_price": priced.offer.unit_price,
        "discount": amounts.discount,
        "discounts": [{"code": code, "amount": part} for code, part in priced.discounts],
        "fee": amounts.fee,
        "service_charge": amounts.service_charge,
        "net": amounts.net,
        "tax": amounts.tax,
        "tax_lines": [
            {"name": tax.name, "rate_ppm": tax.ppm, "inclusive": tax.inclusive, "amount": amount, "net": net}
            for tax, amount, net in amounts.tax_lines
        ],
        "total": amounts.total,
        "food_net": amounts.goods_net if priced.offer.is_food else None,
        "platform_fee": priced.platform_fee,
        "recipient_id": priced.offer.recipient_id,
        "options": _wishes(priced),
    }


def _wishes(priced: PricedLine) -> dict[str, Any]:
    asked = dict(priced.line.asks)
    given = {"chosen": list(priced.offer.options), "note": priced.line.note, "asked": asked, **priced.offer.keeps}
    return {name: value for name, value in given.items() if value}


def _short(cart: PricedCart) -> Exception:
    positions = {id(line): position for position, line in enumerate(cart.lines)}
    return sold_out((positions[id(line)], line.offer.description, line.thing.left) for line in cart.short_lines)


def _refuse_anonymous(contact: Contact) -> None:
    for field in ("email", "phone"):
        if not getattr(contact, field):
            raise Invalid.field(
                f"contact.{field}", "Without an account, give an e-mail address and a phone.", "required"
            )
