"""A free order is written as paid: all of it, or nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from orders.cart import Extras, cart_lines
from orders.checkout import Contact, place_order
from orders.errors import PromoUsedUp, SoldOut
from orders.models import Fulfilment, Order, OrderItem
from orders.promos.models import PromoCode, PromoUse
from orders.signals import order_settled
from payments.payable import CannotFulfil
from reports.models import BuyerOfOrder, StaleMark
from ticketing import issuing
from ticketing.models import Ticket, TicketType
from trufan.lib.models import row_moved
from trufan.testing import ProductVariantFactory, PromoCodeFactory, TicketTypeFactory


@pytest.fixture
def free(event):
    return TicketTypeFactory(event=event, price=0, quantity=5)


@pytest.fixture
def water(venue):
    return ProductVariantFactory(product__outlet__venue=venue, price=0, quantity=3)


def take(user, *lines, codes=()):
    return place_order(
        cart_lines((thing.sellable_type, thing.pk, quantity) for thing, quantity in lines),
        user=user,
        contact=Contact(),
        now=timezone.now(),
        extras=Extras(codes=codes),
    )


def counters(thing):
    thing.refresh_from_db()
    return thing.held, thing.sold


def nothing_was_written():
    tables = (Order, OrderItem, Ticket, Notification, StaleMark, BuyerOfOrder, Fulfilment, PromoUse)
    return not any(table.objects.exists() for table in tables) and not AuditLog.objects.filter(
        action__startswith="order."
    )


def test_tickets_and_food_are_the_buyers_at_once(fay, free, water):
    order = take(fay, (free, 2), (water, 1))
    kept = Order.objects.get()
    assert (kept.status, kept.paid_at, kept.receipts_due) == ("paid", order.paid_at, False)
    assert {item.status for item in kept.items.all()} == {"fulfilled"}
    assert [ticket.ordinal for ticket in Ticket.objects.order_by("ordinal")] == [1, 2]
    assert {ticket.holder_id for ticket in Ticket.objects.all()} == {fay.pk}
    assert (counters(free), counters(water)) == ((0, 2), (0, 1))
    made = Fulfilment.objects.get()
    assert [item.fulfilment_id for item in kept.items.filter(item_type="product")] == [made.pk]
    assert Notification.objects.get(template="order_paid").user_id == fay.pk
    assert BuyerOfOrder.objects.get().order_id == kept.pk
    assert StaleMark.objects.filter(rollup="sales").exists()


def test_the_history_tells_that_it_was_placed_and_paid(fay, free):
    order = take(fay, (free, 1))
    told = AuditLog.objects.filter(entity_id=order.pk).order_by("id")
    assert [entry.action for entry in told] == ["order.placed", "order.paid"]
    assert told[0].actor_id == fay.pk
    assert told[0].new_values == {"total": 0, "currency": "USD"}


def test_who_listens_hears_that_it_is_paid(fay, free):
    heard = []

    def moved(row, **_):
        heard.append(("moved", row.status))

    def settled(order, **_):
        heard.append(("settled", order.status))

    row_moved.connect(moved, sender=Order)
    order_settled.connect(settled)
    try:
        take(fay, (free, 1))
    finally:
        row_moved.disconnect(moved, sender=Order)
        order_settled.disconnect(settled)
    assert heard == [("settled", "paid"), ("moved", "paid")]


def test_who_was_a_moment_too_late_leaves_nothing(fay, free, water, monkeypatch):
    """The stock was there when the cart was priced, and is gone when it is taken."""
    look = TicketType.for_sale

    def then_somebody_buys(ids, now):
        found = look(ids, now)
        TicketType.objects.filter(pk=free.pk).update(sold=4)
        return found

    monkeypatch.setattr(TicketType, "for_sale", then_somebody_buys)
    with pytest.raises(SoldOut):
        take(fay, (free, 2), (water, 1))
    assert nothing_was_written()
    assert (counters(free), counters(water)) == ((0, 4), (0, 0))


def test_an_event_that_is_called_off_meanwhile_gives_nothing(fay, free, monkeypatch):
    monkeypatch.setattr(issuing, "GONE", "published")
    with pytest.raises(CannotFulfil):
        take(fay, (free, 1))
    assert nothing_was_written()
    assert counters(free) == (0, 0)


def test_a_code_that_makes_it_free_is_used_up_with_it(fay, ticket_type, venue):
    code = PromoCodeFactory(venue=venue, code="GIFT", ppm=1_000_000, total_limit=1)
    order = take(fay, (ticket_type, 1), codes=("GIFT",))
    assert (order.status, order.amount_total) == ("paid", 0)
    assert PromoUse.objects.get(order=order).status == "used"
    code.refresh_from_db()
    assert code.used == 1
    with pytest.raises(PromoUsedUp):
        take(fay, (ticket_type, 1), codes=("GIFT",))
    assert counters(ticket_type) == (0, 1)


def test_a_code_that_somebody_else_used_a_moment_ago_leaves_nothing(fay, ticket_type, venue, monkeypatch):
    from orders.promos import uses

    PromoCodeFactory(venue=venue, code="GIFT", ppm=1_000_000, total_limit=1)
    hold = uses.hold

    def too_late(order, applied):
        PromoCode.objects.update(used=1)
        hold(order, applied)

    monkeypatch.setattr(uses, "hold", too_late)
    with pytest.raises(PromoUsedUp):
        take(fay, (ticket_type, 1), codes=("GIFT",))
    assert nothing_was_written()
    assert counters(ticket_type) == (0, 0)
