"""Exchanges of tickets with seats, slots, prices and limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from orders import completion
from orders.expiry import expire_overdue
from orders.models import Order
from payments.models import Payment
from payments.payable import CannotFulfil
from ticketing.models import EventSeat, Ticket, TicketExchange, TicketType
from ticketing.pricing.tests.shop import ORDERS, cart, line, pay, problems
from ticketing.tests.nights import Night, bought, exchange, place
from trufan.testing import TicketTypeFactory, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(event, olga) -> Night:
    return Night(event, olga)


def pay_late(order_id: Any) -> None:
    """Its money comes though its hold ran out."""
    with transaction.atomic():
        completion.settle(Order.objects.select_for_update().get(pk=order_id), None, timezone.now())


def test_seats_are_exchanged_within_what_one_person_may_have(api, fay, night):
    TicketType.objects.filter(pk=night.gold.pk).update(max_per_person=2)
    order = bought(api, fay, line(night.gold, 2, seats=["A-A-1", "A-A-2"]))
    answer = exchange(api, fay, order, night.gold, seats=["A-B-1", "A-B-2"])
    assert answer.status_code == 201, answer.json()
    pay(api.as_(fay), {"id": answer.json()["new_order"]})
    assert TicketExchange.objects.get().status == "done"
    assert set(Ticket.objects.live().values_list("seat", flat=True)) == {"A-B-1", "A-B-2"}
    assert set(EventSeat.objects.exclude(status="free").values_list("label", flat=True)) == {"A-B-1", "A-B-2"}
    more = api.as_(fay).post(ORDERS, cart(line(night.gold)))
    assert problems(more)[0][1] == "person_limit"
    call_command("check_inventory")
    call_command("check_books")


def test_an_exchange_that_is_paid_late_is_within_what_one_person_may_have(api, fay, night):
    TicketType.objects.filter(pk=night.gold.pk).update(max_per_person=2)
    order = bought(api, fay, line(night.gold, 2, seats=["A-A-1", "A-A-2"]))
    new = exchange(api, fay, order, night.gold).json()["new_order"]
    Order.objects.filter(pk=new).update(expires_at=timezone.now() - timedelta(seconds=1))
    expire_overdue(timezone.now())
    pay_late(new)
    assert TicketExchange.objects.get().status == "done"
    call_command("check_inventory")


def test_two_lines_of_one_type_that_are_paid_late_count_together(api, fay, night):
    TicketType.objects.filter(pk=night.gold.pk).update(max_per_person=2)
    late = place(api, fay, line(night.gold), line(night.gold))
    Order.objects.filter(pk=late["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    expire_overdue(timezone.now())
    bought(api, fay, line(night.gold))
    with pytest.raises(CannotFulfil):
        pay_late(late["id"])


@pytest.mark.postgres
def test_paying_for_exchanges_while_their_old_orders_are_refunded_never_waits_in_a_ring(api, fay, olga, night):
    kinds = (night.gold, night.silver)
    old = [bought(api, fay, line(kinds[n % 2])) for n in range(4)]
    new = [exchange(api, fay, order, kinds[(n + 1) % 2]).json()["new_order"] for n, order in enumerate(old)]

    def act(n: int) -> int:
        if n % 2:
            answer = api.as_(fay).post(f"{ORDERS}/{new[n // 2]}/pay", {"payment_method": "pm_card_visa"})
        else:
            answer = api.as_(olga).post(f"{ORDERS}/{old[n // 2].pk}/refunds", {"reason": "Ill"})
        return answer.status_code

    assert not [status for status in at_once(8, act) if status >= 500]
    call_command("check_inventory")
    call_command("check_books")


def test_the_order_of_an_exchange_stays_as_it_was_asked(api, fay, night):
    order = bought(api, fay, line(night.gold, 2))
    new = exchange(api, fay, order, night.silver).json()["new_order"]
    answer = api.as_(fay).patch(f"{ORDERS}/{new}", cart(line(night.timed, 1, slot=str(night.slot.pk))))
    assert answer.status_code == 409, answer.json()
    assert answer.json()["error"]["code"] == "order_not_changeable"


def test_an_exchange_whose_time_ran_out_leaves_the_old_tickets_and_may_be_paid_late(api, fay, night):
    order = bought(api, fay, line(night.gold, 2, seats=["A-A-1", "A-A-2"]))
    new = Order.objects.get(pk=exchange(api, fay, order, night.silver).json()["new_order"])
    Order.objects.filter(pk=new.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    expire_overdue(timezone.now())
    assert TicketExchange.objects.get().status == "lapsed"
    assert set(EventSeat.objects.exclude(status="free").values_list("label", flat=True)) == {"A-A-1", "A-A-2"}
    # A slip of the till: the money comes all the same.
    pay_late(new.pk)
    assert TicketExchange.objects.get().status == "done"
    assert set(new.tickets.values_list("seat", flat=True)) == set(
        EventSeat.objects.filter(status="sold", ticket__order=new).values_list("label", flat=True)
    )
    call_command("check_inventory")


def test_an_old_ticket_that_was_used_meanwhile_gives_the_new_money_back(api, fay, gus, night):
    order = bought(api, fay, line(night.gold, 2))
    new = Order.objects.get(pk=exchange(api, fay, order, night.silver).json()["new_order"])
    ticket = order.tickets.first()
    Ticket.objects.filter(pk=ticket.pk).update(status="used", used_at=timezone.now())
    api.as_(fay).post(f"{ORDERS}/{new.pk}/pay", {"payment_method": "pm_card_visa"})
    new.refresh_from_db()
    assert not new.tickets.exists()
    payment = Payment.objects.of(new).get()
    assert payment.amount_refunded == payment.amount > 0
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expire_overdue(timezone.now())
    assert set(EventSeat.objects.exclude(status="free").values_list("ticket__order", flat=True)) == {order.pk}
    call_command("check_inventory")
    call_command("check_books")


def test_free_tickets_are_exchanged_and_given_back_at_once(api, fay, night):
    other = TicketTypeFactory(event=night.event, name="Babies", price=0)
    order = bought(api, fay, line(night.free, 2))
    done = exchange(api, fay, order, other, 1)
    assert done.status_code == 201, done.json()
    assert TicketExchange.objects.get().status == "done"
    item = order.items.get()
    back = api.as_(fay).post(
        f"{ORDERS}/{order.pk}/refunds", {"items": [{"id": str(item.pk), "quantity": 1}], "reason": "x"}
    )
    assert back.status_code == 201, back.json()
    paid = exchange(api, fay, Order.objects.get(pk=done.json()["new_order"]), night.gold)
    pay(api.as_(fay), {"id": paid.json()["new_order"]})
    cheap = exchange(api, fay, Order.objects.get(pk=paid.json()["new_order"]), night.free)
    assert cheap.status_code == 201, cheap.json()
    assert TicketExchange.objects.filter(status="done").count() == 3
    call_command("check_inventory")
    call_command("check_books")
