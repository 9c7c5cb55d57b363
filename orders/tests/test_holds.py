"""A hold that runs out gives its stock back, with a sweep or without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.cancellation import cancel
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.errors import SoldOut
from orders.expiry import expire_overdue
from orders.models import Order
from trufan.lib.errors import InvalidMove
from trufan.testing import TicketTypeFactory


def place(user, *lines, now=None):
    return place_order(
        cart_lines(("ticket", thing.pk, quantity) for thing, quantity in lines),
        user=user,
        contact=Contact(),
        now=now or timezone.now(),
    )


def counters(ticket_type):
    ticket_type.refresh_from_db()
    return ticket_type.held, ticket_type.sold


def test_the_sweep_expires_what_is_overdue_and_only_that(fay, ticket_type):
    now = timezone.now()
    old = place(fay, (ticket_type, 3), now=now - timedelta(minutes=11))
    young = place(fay, (ticket_type, 2), now=now)

    assert expire_overdue(now) == 1

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.status, young.status) == ("expired", "pending")
    assert {item.status for item in old.items.all()} == {"released"}
    assert counters(ticket_type) == (2, 0)
    assert AuditLog.objects.filter(action="order.expired", entity_id=old.pk).exists()


def test_a_second_sweep_finds_nothing(fay, ticket_type):
    now = timezone.now()
    place(fay, (ticket_type, 3), now=now - timedelta(minutes=11))
    expire_overdue(now)
    assert expire_overdue(now) == 0
    assert counters(ticket_type) == (0, 0)


def test_more_than_one_batch_is_swept(fay, event):
    many = TicketTypeFactory(event=event, quantity=200)
    now = timezone.now()
    for _ in range(53):
        place(fay, (many, 1), now=now - timedelta(hours=1))
    assert expire_overdue(now) == 53
    assert counters(many) == (0, 0)


def test_a_buyer_releases_overdue_holds_when_no_worker_runs(fay, event):
    scarce = TicketTypeFactory(event=event, quantity=4)
    other = TicketTypeFactory(event=event, quantity=10)
    now = timezone.now()
    lapsed = place(fay, (scarce, 4), (other, 1), now=now - timedelta(minutes=11))

    order = place(fay, (scarce, 3), now=now)

    lapsed.refresh_from_db()
    assert (lapsed.status, order.status) == ("expired", "pending")
    assert counters(scarce) == (3, 0)
    assert counters(other) == (0, 0)


def test_a_buyer_does_not_release_holds_that_still_run(fay, event):
    scarce = TicketTypeFactory(event=event, quantity=4)
    running = place(fay, (scarce, 4))
    with pytest.raises(SoldOut):
        place(fay, (scarce, 1))
    running.refresh_from_db()
    assert running.status == "pending"


def test_cancelling_gives_the_hold_back_once(fay, ticket_type):
    order = place(fay, (ticket_type, 2))
    cancel(order, by=fay, now=timezone.now())
    assert counters(ticket_type) == (0, 0)
    with pytest.raises(InvalidMove):
        cancel(order, by=fay, now=timezone.now())
    assert counters(ticket_type) == (0, 0)


def test_a_pending_order_is_cancelled_over_http(api, fay, ticket_type):
    order = place(fay, (ticket_type, 2))
    answer = api.as_(fay).post(f"/api/v1/orders/{order.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert api.as_(fay).post(f"/api/v1/orders/{order.pk}/cancel").status_code == 409


def test_an_expired_order_cannot_be_paid(api, fay, ticket_type):
    order = place(fay, (ticket_type, 2), now=timezone.now() - timedelta(minutes=11))
    answer = api.as_(fay).post(f"/api/v1/orders/{order.pk}/pay", {"payment_method": "pm_card_visa"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_payable")
    assert Order.objects.get(pk=order.pk).amount_paid == 0
