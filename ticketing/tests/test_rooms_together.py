"""Seats, slots, releases, bundles, the counter, gifts and exchanges of one event, together."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from orders import completion
from orders.calloffs import working
from orders.calloffs.models import CallOffOrder
from orders.expiry import expire_overdue
from orders.models import Order, OrderRefund
from payments.payable import CannotFulfil
from ticketing.models import Ticket, TicketExchange
from ticketing.pricing.tests.shop import ORDERS, cart, line, pay
from ticketing.tests.nights import Night, bought, exchange, place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(event, olga) -> Night:
    return Night(event, olga)


def test_an_event_of_everything_is_called_off_and_nothing_is_left_of_it(api, fay, olga, night):
    everything = bought(api, fay, *night.lines(), **night.more())
    old = bought(api, fay, line(night.silver, 2))
    answer = exchange(api, fay, old, night.gold, 1)
    assert answer.status_code == 201, answer.json()
    pay(api.as_(fay), {"id": answer.json()["new_order"]})
    assert TicketExchange.objects.get().status == "done"
    # One of the two is on its way back already.
    assert exchange(api, fay, old, night.timed, slot=str(night.slot.pk)).status_code == 409
    left = Ticket.objects.live().get(order=old)
    going = api.as_(fay).post(
        f"{ORDERS}/{old.pk}/exchanges",
        {"tickets": [str(left.pk)], "ticket_type": str(night.timed.pk), "slot": str(night.slot.pk)},
    )
    assert going.status_code == 201, going.json()
    place(api, fay, line(night.timed, slot=str(night.slot.pk)))
    given = api.as_(olga).post(
        f"/api/v1/events/{night.event.pk}/comps",
        {
            "ticket_type": str(night.gold.pk),
            "quantity": 2,
            "name": "Press",
            "email": "p@example.com",
            "reason": "Press",
        },
    )
    assert given.status_code == 201, given.json()
    door = api.as_(olga).post(
        f"/api/v1/events/{night.event.pk}/door-sales",
        {"items": [line(night.gold), line(night.timed, slot=str(night.slot.pk))], "method": "cash"},
    )
    assert door.status_code == 201, door.json()
    call_command("check_inventory")
    call_command("check_books")

    assert api.as_(olga).post(f"/api/v1/events/{night.event.pk}/call-off", {}).status_code == 202
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        working.sweep(timezone.now())
    failed = CallOffOrder.objects.filter(status="failed")
    assert [str(row.order_id) for row in failed] == [door.json()["order"]]
    back = api.as_(olga).post(f"{ORDERS}/{door.json()['order']}/refunds", {"reason": "Called off"})
    assert back.status_code == 201, back.json()
    assert api.as_(olga).post(f"/api/v1/events/{night.event.pk}/call-off/retry").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        working.sweep(timezone.now())
    assert not CallOffOrder.objects.filter(status__in=["failed", "pending"]).exists()
    assert not Ticket.objects.live().exists()
    night.has_nothing()
    for order in Order.objects.exclude(status="cancelled"):
        assert order.status == "refunded", order
        assert order.amount_refunded == order.amount_paid
    assert OrderRefund.objects.filter(order=everything).count() == 1


def test_a_cart_of_everything_is_changed_and_gives_all_back_when_its_time_is_up(api, fay, night):
    placed = place(api, fay, *night.lines(), **night.more())
    call_command("check_inventory")
    url = f"{ORDERS}/{placed['id']}"
    same = api.as_(fay).patch(url, {"promo_codes": []})
    assert same.status_code == 200, same.json()
    assert same.json()["total"] == placed["total"]
    call_command("check_inventory")
    fewer = api.as_(fay).patch(url, cart(line(night.gold, 1, seats=["A-A-2"]), line(night.early, 1)))
    assert fewer.status_code == 200, fewer.json()
    assert {item["bundle"] for item in fewer.json()["items"]} == {None, str(night.bundle.pk)}
    call_command("check_inventory")
    other = api.as_(fay).patch(
        url,
        cart(line(night.silver, 2), line(night.timed, 1, slot=str(night.slot.pk)), line(night.hidden, 2), bundles=[],
             unlock_codes=["FANS"]),
    )  # fmt: skip
    assert other.status_code == 200, other.json()
    assert {item["bundle"] for item in other.json()["items"]} == {None}
    call_command("check_inventory")
    again = api.as_(fay).patch(url, cart(*night.lines(), **night.more()))
    assert again.status_code == 200, again.json()
    assert again.json()["total"] == placed["total"]
    call_command("check_inventory")
    refused = api.as_(fay).patch(url, cart(line(night.gold, 40)))
    assert refused.status_code == 422, refused.json()
    call_command("check_inventory")
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expire_overdue(timezone.now()) == 1
    night.has_nothing()
    night.code.refresh_from_db()
    assert night.code.used == 0


def test_a_buyer_gives_one_ticket_of_a_bundle_back_at_its_part(api, fay, night):
    answer = api.as_(fay).post(ORDERS, {"bundles": night.more()["bundles"]})
    assert answer.status_code == 201, answer.json()
    pay(api.as_(fay), answer.json())
    order = Order.objects.get(pk=answer.json()["id"])
    floor = order.items.get(item_id=night.early.pk)
    answer = api.as_(fay).post(
        url := f"{ORDERS}/{order.pk}/refunds", {"items": [{"id": str(floor.pk), "quantity": 1}], "reason": "Ill"}
    )
    assert answer.status_code == 201, answer.json()
    order.refresh_from_db()
    assert order.amount_refunded == floor.total
    rest = [{"id": str(item.pk), "quantity": item.quantity} for item in order.items.exclude(pk=floor.pk)]
    assert api.as_(fay).post(url, {"items": rest, "reason": "Ill"}).status_code == 201
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 7_001)
    night.has_nothing()


def test_a_release_that_went_while_an_order_lapsed_gives_its_late_money_back(api, fay, night):
    placed = place(api, fay, line(night.early, 2))
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expire_overdue(timezone.now())
    night.release.delete()
    with pytest.raises(CannotFulfil), transaction.atomic():
        completion.settle(Order.objects.get(pk=placed["id"]), None, timezone.now())
