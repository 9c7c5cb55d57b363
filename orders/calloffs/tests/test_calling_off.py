"""An event is called off: every order of it is made right, once, and what was not chosen stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.broadcasts.models import Broadcast
from orders.calloffs import working
from orders.calloffs.models import CallOff, CallOffOrder
from orders.cart import Extras, cart_lines
from orders.checkout import Contact, place_order
from orders.kitchen import moves
from orders.kitchen.tests.kitchens import order_food
from orders.models import Order, OrderRefund
from payments import charges
from payments.models import Refund
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from ticketing.tests.test_disputed_tickets import goes_to_the_bank
from trufan.testing import EventFactory, OutletFactory, ProductVariantFactory, StaffFactory, TicketTypeFactory
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cash_fees(venue: Any) -> None:
    venue.ticket_fee_fixed = 100
    venue.save()


@pytest.fixture
def burger(venue: Any) -> Any:
    return ProductVariantFactory(product__outlet=OutletFactory(venue=venue), price=1000)


def url(event: Any, more: str = "") -> str:
    return f"/api/v1/events/{event.pk}/call-off{more}"


def night_out(user: Any, ticket_type: Any, burger: Any, tickets: int = 2) -> Order:
    """Tickets and food in one paid order."""
    lines = cart_lines([("ticket", ticket_type.pk, tickets), ("product", burger.pk, 1)])
    placed = place_order(
        lines, user=user, contact=Contact(), now=timezone.now(), extras=Extras(event_id=ticket_type.event_id)
    )
    charges.start(placed, payer=user, payment_method="pm_card_visa", now=timezone.now())
    return Order.objects.get(pk=placed.pk)


def work(minutes: int = 2) -> int:
    """The sweep, some time later."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        return working.sweep(timezone.now())


def test_tickets_and_what_was_chosen_go_back_and_the_rest_stays(api, olga, fay, event, ticket_type, burger):
    order = night_out(fay, ticket_type, burger)
    other = buy(None, TicketTypeFactory(event=event, price=3000))[0].order
    elsewhere = buy(fay, TicketTypeFactory(event=EventFactory(venue=event.venue)))[0].order

    seen = api.as_(olga).post(url(event, "/preview"), {"also": []}).json()
    assert seen["orders"] == 2
    assert {each["kind"]: (each["pieces"], each["goes_back"]) for each in seen["kinds"]} == {
        "ticket": (3, True), "product": (1, False),
    }  # fmt: skip

    answer = api.as_(olga).post(url(event), {"also": [], "reason": "The singer is ill."})
    assert answer.status_code == 202, answer.json()
    event.refresh_from_db()
    assert event.status == "cancelled"
    assert work() == 2

    order.refresh_from_db()
    other.refresh_from_db()
    burger_line, ticket_line = (order.items.get(item_type=kind) for kind in ("product", "ticket"))
    assert (order.status, order.amount_refunded) == ("paid", ticket_line.total)
    assert (burger_line.status, ticket_line.status) == ("fulfilled", "revoked")
    assert (other.status, other.amount_refunded) == ("refunded", other.amount_total)
    assert Order.objects.get(pk=elsewhere.pk).amount_refunded == 0
    assert not Ticket.objects.live().filter(event=event).exists()

    far = api.as_(olga).get(url(event)).json()
    assert far["status"] == "done"
    progress = far["progress"]
    assert (progress["total"], progress["refunded"], progress["pending"], progress["failed"]) == (2, 2, 0, 0)
    assert progress["amount"] == progress["arrived"] == ticket_line.total + other.amount_total == seen["amount"]


def test_food_chosen_goes_back_unless_it_was_handed_over(api, olga, fay, event, ticket_type, burger):
    eaten, waiting = (night_out(fay, ticket_type, burger) for _ in range(2))
    cook = StaffFactory(venue=event.venue, role=VenueStaff.Role.KITCHEN).user
    for step in ("ready", "pick-up"):
        moves.step(eaten.fulfilments.get(), step, by=cook, now=timezone.now())

    api.as_(olga).post(url(event), {"also": ["product"]})
    work()

    assert Order.objects.get(pk=waiting.pk).status == "refunded"
    eaten.refresh_from_db()
    assert eaten.status == "paid"
    assert eaten.items.get(item_type="product").status == "fulfilled"


def test_an_order_of_food_alone_for_the_event_goes_back_where_food_does(
    api, olga, fay, gus, event, ticket_type, burger
):
    order = order_food(fay, (burger, 1))
    Order.objects.filter(pk=order.pk).update(event=event)
    buy(fay, ticket_type)

    api.as_(olga).post(url(event), {"also": ["product"]})
    work()

    assert Order.objects.get(pk=order.pk).status == "refunded"


def test_service_fees_are_kept_where_that_is_said(api, olga, fay, event, cash_fees, ticket_type):
    order = buy(fay, ticket_type, 2)[0].order
    fee = order.items.get().fee
    assert fee == 200

    seen = api.as_(olga).post(url(event, "/preview"), {"keep_fees": True}).json()
    api.as_(olga).post(url(event), {"keep_fees": True})
    work()

    order.refresh_from_db()
    assert order.amount_refunded == order.amount_total - fee == seen["amount"]
    assert (order.items.get().status, OrderRefund.objects.get().kept) == ("revoked", fee)
    assert not Ticket.objects.live().exists()


def test_it_is_done_once_however_often_it_runs(api, olga, fay, event, ticket_type):
    orders = [buy(fay, ticket_type)[0].order for _ in range(3)]
    first = api.as_(olga).post(url(event), {})
    again = api.as_(olga).post(url(event), {})
    assert (first.status_code, again.status_code) == (202, 409)
    assert again.json()["error"]["code"] == "already_called_off"

    assert [work(), work()] == [3, 0]
    assert Refund.objects.count() == OrderRefund.objects.count() == len(orders)
    assert api.as_(olga).post(url(event, "/retry")).json()["error"]["code"] == "nothing_to_retry"


def test_it_is_not_done_while_a_payment_may_still_be_on_its_way(api, olga, fay, event, ticket_type):
    late = buy(fay, ticket_type)[0].order
    Order.objects.filter(pk=late.pk).update(status="pending")
    api.as_(olga).post(url(event), {})
    work(0)
    Order.objects.filter(pk=late.pk).update(status="paid")
    assert CallOff.objects.get().status == "running"

    assert work() == 1
    assert Order.objects.get(pk=late.pk).status == "refunded"
    assert CallOff.objects.get().status == "done"


def test_a_disputed_order_fails_with_its_reason_and_is_retried(api, olga, fay, event, ticket_type):
    fine = buy(fay, ticket_type)[0].order
    disputed = buy(fay, ticket_type)[0].order
    goes_to_the_bank(disputed)
    api.as_(olga).post(url(event), {})
    work()

    assert Order.objects.get(pk=fine.pk).status == "refunded"
    rows = api.as_(olga).get(url(event, "/orders"), {"status": "failed"}).json()
    assert [(row["order"], row["error_code"]) for row in rows["results"]] == [(str(disputed.pk), "payment_disputed")]

    again = api.as_(olga).post(url(event, "/retry"))
    assert again.json()["progress"]["pending"] == 1
    assert again.json()["status"] == "running"


def test_a_refund_that_the_provider_refused_is_counted_and_asked_again(api, olga, fay, event, ticket_type):
    order = place_order(cart_lines([("ticket", ticket_type.pk, 1)]), user=fay, contact=Contact(), now=timezone.now())
    charges.start(order, payer=fay, payment_method="pm_card_refundFail", now=timezone.now())
    api.as_(olga).post(url(event), {})
    work()
    assert Refund.objects.get().status == "failed"
    assert api.as_(olga).get(url(event)).json()["progress"]["refused"] == 1
    assert api.as_(olga).post(url(event, "/retry")).status_code == 200


def test_an_order_that_breaks_does_not_keep_the_others_from_their_money(
    api, olga, fay, event, ticket_type, monkeypatch
):
    broken, fine = (buy(fay, ticket_type)[0].order for _ in range(2))
    real = working.lines_of

    def lines_of(order, *args):
        if order.pk == broken.pk:
            raise ZeroDivisionError
        return real(order, *args)

    monkeypatch.setattr(working, "lines_of", lines_of)
    api.as_(olga).post(url(event), {})
    work()

    assert Order.objects.get(pk=fine.pk).status == "refunded"
    assert CallOffOrder.objects.get(order=broken).error_code == "server_error"
    monkeypatch.undo()
    api.as_(olga).post(url(event, "/retry"))
    assert work() == 1
    assert Order.objects.get(pk=broken.pk).status == "refunded"


def test_an_event_that_was_cancelled_before_is_refunded_later(api, olga, fay, event, ticket_type):
    order = buy(fay, ticket_type)[0].order
    api.as_(olga).post(f"/api/v1/events/{event.pk}/cancel", {})
    assert api.as_(olga).get(url(event)).status_code == 404
    assert api.as_(olga).post(url(event), {}).status_code == 202
    call_command("work_call_offs")
    assert Order.objects.get(pk=order.pk).status == "refunded"


def test_holders_are_told_that_their_money_goes_back(api, olga, fay, event, ticket_type):
    buy(fay, ticket_type)
    api.as_(olga).post(url(event), {"reason": "The singer is ill."})
    context = Broadcast.objects.get(template="event_cancelled").context
    assert (context["refunds"], context["reason"]) == (True, "The singer is ill.")


def test_who_may(api, olga, gus, stan, fay, event, ticket_type):
    for path in ("", "/preview", "/retry"):
        assert api.as_(stan).post(url(event, path), {}).status_code in (403, 404)
        assert api.as_(gus).post(url(event, path), {}).status_code == 403
        assert api.as_(fay).post(url(event, path), {}).status_code == 403
        assert api.as_(None).post(url(event, path), {}).status_code == 401
    event.refresh_from_db()
    assert (event.status, CallOff.objects.count()) == ("published", 0)


def test_staff_of_another_venue_read_nothing(api, olga, stan, fay, event, ticket_type):
    buy(fay, ticket_type)
    api.as_(olga).post(url(event), {})
    for path in ("", "/orders"):
        assert api.as_(stan).get(url(event, path)).status_code in (403, 404)
        assert api.as_(fay).get(url(event, path)).status_code == 403


@pytest.mark.parametrize("asked", [{"also": ["ticket"]}, {"also": ["house"]}, {"also": 7}, {"keep_fees": "x"}, []])
def test_garbage_is_refused_and_nothing_happens(api, olga, event, asked):
    assert api.as_(olga).post(url(event), asked).status_code in (400, 422)
    event.refresh_from_db()
    assert event.status == "published"


def test_an_event_that_is_over_is_not_called_off(api, olga, event):
    type(event).objects.filter(pk=event.pk).update(status="completed")
    assert api.as_(olga).post(url(event), {}).status_code == 409


def test_the_list_of_orders_asks_a_fixed_number_of_queries(api, olga, fay, event, ticket_type):
    def ask(rows: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert api.as_(olga).get(url(event, "/orders")).json()["count"] == rows
        return len(seen)

    buy(fay, ticket_type)
    late = [buy(fay, ticket_type)[0].order.pk for _ in range(4)]
    Order.objects.filter(pk__in=late).update(status="pending")
    api.as_(olga).post(url(event), {})
    work(0)
    few = ask(1)
    Order.objects.filter(pk__in=late).update(status="paid")
    work()
    assert ask(5) == few
