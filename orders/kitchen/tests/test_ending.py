"""Refused, given up, refunded: the kitchen and the money say the same."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from orders import refunding
from orders.kitchen import ending, moves
from orders.kitchen.tests.kitchens import bring_to, order_food, ordered, url
from orders.models import Fulfilment, Order, OrderRefund
from orders.refund_plan import AskedLine
from orders.tests.refunds import send
from payments.models import Refund
from trufan.lib.errors import InvalidMove
from trufan.testing import OutletFactory, ProductVariantFactory

pytestmark = pytest.mark.django_db


def settle_all() -> None:
    for refund in OrderRefund.objects.all():
        send(refund)


def stock(variant):
    variant.refresh_from_db()
    return variant.quantity, variant.sold


def test_refusing_refunds_its_lines_and_no_others(api, fay, cook, burger, ticket_type):
    order = order_food(fay, (ticket_type, 1), (burger, 2))
    fulfilment = order.fulfilments.get()

    answer = api.as_(cook).post(url(fulfilment, "refuse"), {"reason": "Out of buns"})

    assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (200, "refused", "Out of buns")
    settle_all()
    order.refresh_from_db()
    line = order.items.get(item_type="product")
    assert (order.status, order.amount_refunded) == ("paid", line.total)
    assert (line.status, line.quantity_refunded) == ("revoked", 2)
    assert order.tickets.get().status == "valid"
    assert stock(burger) == (100, 0)
    told = Notification.objects.get(template="fulfilment_refused")
    assert (told.recipient, told.context["reason"]) == (fay.email, "Out of buns")
    assert OrderRefund.objects.get().requested_by == cook


def test_refusing_twice_refunds_once(api, fay, cook, burger):
    fulfilment, kitchen = ordered(fay, (burger, 1)), api.as_(cook)
    for _ in range(2):
        assert kitchen.post(url(fulfilment, "refuse"), {"reason": "Closed"}).json()["status"] == "refused"
    assert Refund.objects.count() == 1


def test_refusing_all_that_an_order_has_gives_all_of_its_money_back(fay, cook, burger):
    fulfilment = ordered(fay, (burger, 2))
    ending.refuse(fulfilment, reason="Closed", by=cook, now=timezone.now())
    settle_all()
    order = Order.objects.get()
    assert OrderRefund.objects.get().kind == "full"
    assert (order.status, order.amount_refunded) == ("refunded", order.amount_paid)


def test_one_outlet_refuses_and_the_other_goes_on(fay, cook, burger, venue):
    beer = ProductVariantFactory(product__outlet=OutletFactory(venue=venue))
    order = order_food(fay, (burger, 1), (beer, 1))
    mine = order.fulfilments.get(outlet=burger.product.outlet)
    ending.refuse(mine, reason="Closed", by=cook, now=timezone.now())
    settle_all()
    assert order.fulfilments.get(outlet=beer.product.outlet).status == "placed"
    order.refresh_from_db()
    assert order.amount_refunded == 1_200


def test_what_is_made_is_given_up_not_refused(api, fay, cook, burger):
    fulfilment, kitchen = bring_to(ordered(fay, (burger, 1)), "ready"), api.as_(cook)
    assert kitchen.post(url(fulfilment, "refuse"), {"reason": "No"}).status_code == 409
    assert kitchen.post(url(fulfilment, "cancel"), {"reason": "Nobody came"}).json()["status"] == "cancelled"
    settle_all()
    assert Order.objects.get().amount_refunded == 1_200


def test_a_reason_is_needed(api, fay, cook, burger):
    fulfilment, kitchen = ordered(fay, (burger, 1)), api.as_(cook)
    for move in ("refuse", "cancel"):
        for body in ({}, {"reason": ""}, {"reason": "   "}, {"reason": "x" * 201}):
            answer = kitchen.post(url(fulfilment, move), body)
            assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "reason")
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("steps", "kind", "left"),
    [
        ([], "concession", (100, 0)),
        (["accept"], "concession", (100, 0)),
        (["prepare"], "concession", (98, 0)),
        (["prepare", "ready"], "concession", (98, 0)),
        (["ready"], "concession", (98, 0)),
        (["prepare", "ready"], "merchandise", (100, 0)),
    ],
)
def test_food_that_was_begun_does_not_return_to_the_stock(fay, cook, stand, steps, kind, left):
    thing = ProductVariantFactory(product__outlet=stand, product__kind=kind)
    fulfilment = bring_to(ordered(fay, (thing, 2)), *steps)
    ending.cancel(fulfilment, reason="Nobody came", by=cook, now=timezone.now())
    settle_all()
    assert stock(thing) == left
    assert AuditLog.objects.filter(action="stock.written_off").exists() == (left[0] == 98)


def test_food_that_nobody_counts_is_not_counted_either_when_it_is_lost(fay, cook, stand):
    thing = ProductVariantFactory(product__outlet=stand, quantity=None)
    fulfilment = bring_to(ordered(fay, (thing, 2)), "ready")
    ending.cancel(fulfilment, reason="Nobody came", by=cook, now=timezone.now())
    settle_all()
    assert stock(thing) == (None, 0)


def test_a_free_order_is_taken_back_at_once(fay, cook, stand):
    water = ProductVariantFactory(product__outlet=stand, price=0)
    fulfilment = ordered(fay, (water, 1))
    ending.refuse(fulfilment, reason="Closed", by=cook, now=timezone.now())
    assert Order.objects.get().status == "refunded"
    assert stock(water) == (100, 0)


def test_refusing_after_the_money_went_as_a_kindness_takes_the_lines_back_without_any(fay, cook, burger):
    order = order_food(fay, (burger, 1))
    send(refunding.request(order, amount=1_200, by=None, reason="Sorry", now=timezone.now()))
    order.refresh_from_db()
    assert (order.status, order.fulfilments.get().status) == ("refunded", "cancelled")


def test_refusing_while_the_money_goes_as_a_kindness_sends_none_twice(fay, cook, burger):
    order = order_food(fay, (burger, 1))
    refunding.request(order, amount=1_200, by=None, reason="Sorry", now=timezone.now())
    ending.refuse(order.fulfilments.get(), reason="Closed", by=cook, now=timezone.now())
    settle_all()
    order.refresh_from_db()
    assert order.amount_refunded == 1_200
    assert order.items.get().status == "revoked"


def test_a_refund_of_all_lines_ends_it_in_the_kitchen_as_soon_as_it_is_asked_for(fay, burger, ticket_type, olga):
    order = order_food(fay, (ticket_type, 1), (burger, 2))
    fulfilment = bring_to(order.fulfilments.get(), "accept")
    asked = [AskedLine(order.items.get(item_type="product").pk, 2)]
    refunding.request(order, asked=asked, by=olga, reason="Came late", now=timezone.now())
    fulfilment.refresh_from_db()
    assert (fulfilment.status, fulfilment.reason) == ("cancelled", "Came late")
    assert AuditLog.objects.filter(action="fulfilment.cancelled", actor=olga.pk).exists()
    settle_all()
    assert stock(burger) == (100, 0)


def test_a_refund_of_some_pieces_shows_the_lower_quantity(api, fay, cook, burger, olga):
    order = order_food(fay, (burger, 3))
    line = order.items.get()
    refunding.request(order, asked=[AskedLine(line.pk, 1)], by=olga, reason="One less", now=timezone.now())
    fulfilment = order.fulfilments.get()
    assert fulfilment.status == "placed"
    for _ in range(2):  # while the money is on its way, and once it went
        assert api.as_(cook).get(url(fulfilment)).json()["lines"][0]["quantity"] == 2
        settle_all()


def test_what_was_handed_over_stays_so_when_it_is_refunded(fay, burger, olga):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "ready", "pick-up")
    refunding.refund_order(fulfilment.order, by=olga, reason="It was cold", now=timezone.now())
    settle_all()
    fulfilment.refresh_from_db()
    assert (fulfilment.status, Order.objects.get().status) == ("picked_up", "refunded")
    with pytest.raises(InvalidMove):
        moves.back(fulfilment, since="picked_up", by=olga, now=timezone.now())


def test_the_buyer_cancels_what_nobody_took_yet(api, fay, burger):
    order = order_food(fay, (burger, 1))
    address = f"/api/v1/orders/{order.pk}/fulfilments/{order.fulfilments.get().pk}/cancel"
    for _ in range(2):
        answer = api.as_(fay).post(address)
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    settle_all()
    order.refresh_from_db()
    assert (order.status, order.amount_refunded, Refund.objects.count()) == ("refunded", 1_200, 1)
    assert not Notification.objects.filter(template="fulfilment_refused").exists()


def test_the_buyer_cancels_nothing_that_was_taken(api, fay, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "accept")
    address = f"/api/v1/orders/{fulfilment.order_id}/fulfilments/{fulfilment.pk}/cancel"
    answer = api.as_(fay).post(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "invalid_state")
    refund = api.as_(fay).post(f"/api/v1/orders/{fulfilment.order_id}/refunds", {"reason": "Not hungry"})
    assert (refund.status_code, refund.json()["error"]["code"]) == (409, "refund_refused")
    assert not Refund.objects.exists()


def test_the_buyer_gives_some_of_it_back_before_it_was_taken(api, fay, burger):
    order = order_food(fay, (burger, 3))
    asked = {"items": [{"id": str(order.items.get().pk), "quantity": 1}], "reason": "Too much"}
    answer = api.as_(fay).post(f"/api/v1/orders/{order.pk}/refunds", asked, format="json")
    assert (answer.status_code, answer.json()["amount"]) == (201, 1_200)


@pytest.mark.parametrize("who", ["stan", "olga", None])
def test_nobody_else_cancels_it_for_the_buyer(api, fay, burger, who, request):
    order = order_food(fay, (burger, 1))
    caller = api.as_(request.getfixturevalue(who) if who else None)
    address = f"/api/v1/orders/{order.pk}/fulfilments/{order.fulfilments.get().pk}/cancel"
    assert caller.post(address).status_code == 404
    assert Fulfilment.objects.get().status == "placed"


def test_the_fulfilment_of_another_order_is_not_found(api, fay, burger):
    mine, other = order_food(fay, (burger, 1)), ordered(fay, (burger, 1))
    assert api.as_(fay).post(f"/api/v1/orders/{mine.pk}/fulfilments/{other.pk}/cancel").status_code == 404
