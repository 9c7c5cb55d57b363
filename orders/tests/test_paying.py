"""Paying an order: money in, tickets out; money back, tickets void."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from orders.errors import NotRefundable
from orders.expiry import expire_overdue
from orders.models import Order
from orders.refunding import refund_order
from orders.tests.test_holds import counters, place
from payments.models import Payment, Refund
from payments.payable import CannotFulfil
from ticketing.models import Ticket
from trufan.testing import TicketTypeFactory


def pay(api, user, order, method="pm_card_visa"):
    return api.as_(user).post(f"/api/v1/orders/{order.pk}/pay", {"payment_method": method})


@pytest.fixture
def order(fay, ticket_type):
    return place(fay, (ticket_type, 2))


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Runs what was left for after the commit, as the server does."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_card_that_works_turns_the_hold_into_tickets(api, fay, order, ticket_type):
    answer = pay(api, fay, order)

    assert (answer.status_code, answer.json()["status"], answer.json()["amount"]) == (200, "succeeded", 10_000)
    shown = api.as_(fay).get(f"/api/v1/orders/{order.pk}").json()
    assert (shown["status"], shown["amount_paid"], shown["items"][0]["status"]) == ("paid", 10_000, "fulfilled")
    assert [payment["status"] for payment in shown["payments"]] == ["succeeded"]
    assert Ticket.objects.filter(order=order, holder=fay, status="valid").count() == 2
    assert counters(ticket_type) == (0, 2)
    assert Notification.objects.filter(template="order_paid", recipient=fay.email).count() == 1


def test_a_declined_card_keeps_the_hold_and_another_may_follow(api, fay, order, ticket_type):
    declined = pay(api, fay, order, "pm_card_chargeDeclined").json()
    assert declined["status"] == "failed"
    assert declined["failure"]["code"]
    assert counters(ticket_type) == (2, 0)
    assert pay(api, fay, order).json()["status"] == "succeeded"
    assert counters(ticket_type) == (0, 2)


def test_an_order_is_paid_once(api, fay, order):
    pay(api, fay, order)
    again = pay(api, fay, order)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_payable")
    assert Payment.objects.filter(status="succeeded").count() == 1
    assert Ticket.objects.count() == 2


def test_money_that_comes_after_the_hold_ran_out_takes_the_stock_again(api, fay, order, ticket_type):
    assert pay(api, fay, order, "pm_card_authenticationRequired").json()["status"] == "requires_action"
    expire_overdue(timezone.now() + timedelta(minutes=11))
    assert counters(ticket_type) == (0, 0)

    order.refresh_from_db()
    order.on_paid(Payment.objects.get(), timezone.now())

    assert Order.objects.get().status == "paid"
    assert Ticket.objects.filter(status="valid").count() == 2
    assert counters(ticket_type) == (0, 2)


def test_money_that_comes_when_the_stock_is_gone_is_refused(fay, event):
    scarce = TicketTypeFactory(event=event, quantity=2)
    order = place(fay, (scarce, 2), now=timezone.now() - timedelta(minutes=11))
    expire_overdue(timezone.now())
    place(fay, (scarce, 2))
    order.refresh_from_db()

    with pytest.raises(CannotFulfil):
        order.on_paid(Payment(), timezone.now())

    assert counters(scarce) == (2, 0)
    assert not Ticket.objects.exists()


def test_money_for_a_cancelled_event_is_refused(fay, order, event):
    type(event).objects.filter(pk=event.pk).update(status="cancelled")
    with pytest.raises(CannotFulfil):
        order.on_paid(Payment(), timezone.now())


def test_a_refund_voids_the_tickets_and_returns_the_stock(api, fay, olga, order, ticket_type, commits):
    pay(api, fay, order)
    with commits():
        refund_order(Order.objects.get(pk=order.pk), by=olga, reason="Rain", now=timezone.now())

    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 10_000)
    assert Refund.objects.get().status == "succeeded"
    assert {ticket.status for ticket in Ticket.objects.all()} == {"refunded"}
    assert counters(ticket_type) == (0, 0)
    assert Notification.objects.filter(template="order_refunded").count() == 1


def test_a_refund_is_given_once(api, fay, olga, order, commits):
    pay(api, fay, order)
    with commits():
        refund_order(order, by=olga, reason="Rain", now=timezone.now())
    with pytest.raises(NotRefundable):
        refund_order(order, by=olga, reason="Rain", now=timezone.now())
    assert Refund.objects.count() == 1


def test_a_pending_order_has_nothing_to_refund(olga, order):
    with pytest.raises(NotRefundable):
        refund_order(order, by=olga, reason="Rain", now=timezone.now())


def test_a_free_order_is_taken_back_without_money(fay, olga, event):
    free = TicketTypeFactory(event=event, price=0)
    order = place(fay, (free, 2))
    refund_order(order, by=olga, reason="Rain", now=timezone.now())
    assert Order.objects.get().status == "refunded"
    assert counters(free) == (0, 0)


def test_a_refund_on_its_way_is_not_asked_for_again(api, fay, olga, order):
    pay(api, fay, order)
    refund_order(order, by=olga, reason="Rain", now=timezone.now())
    with pytest.raises(NotRefundable, match="on its way"):
        refund_order(order, by=olga, reason="Rain", now=timezone.now())
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(("body", "status"), [({}, "succeeded"), ({"payment_method": ""}, "requires_action")])
def test_the_sandbox_charges_a_card_that_works_unless_the_buyer_is_to_choose(api, fay, order, body, status):
    answer = api.as_(fay).post(f"/api/v1/orders/{order.pk}/pay", body).json()

    assert answer["status"] == status
    assert ("client_secret" in answer) == (status == "requires_action")
