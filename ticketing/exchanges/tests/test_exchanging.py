"""Tickets exchanged for others: the new ones paid, the old ones back, both or neither."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from orders import access
from orders.expiry import expire_overdue
from orders.models import Order
from payments.models import Payment
from ticketing.exchanges.models import TicketExchange
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, TicketTypeFactory

pytestmark = pytest.mark.django_db(transaction=True)
FEE = 500


@pytest.fixture
def policy(event: Any) -> None:
    event.configuration = {"exchange_policy": {"until_hours_before_start": 0, "fee": FEE}}
    event.save()


@pytest.fixture
def dearer(event: Any) -> Any:
    return TicketTypeFactory(event=event, price=8000)


def ask(caller: Any, tickets: list[Ticket], kind: Any, **more: Any) -> Any:
    asked = {"tickets": [str(ticket.pk) for ticket in tickets], "ticket_type": str(kind.pk)}
    return caller.post(f"/api/v1/orders/{tickets[0].order_id}/exchanges", asked, **more)


def pay(caller: Any, order: str, **more: Any) -> Any:
    return caller.post(f"/api/v1/orders/{order}/pay", {"payment_method": "pm_card_visa"}, **more)


def test_a_dearer_type_costs_the_difference_and_the_fee(api, fay, policy, ticket_type, dearer):
    ticket, other = buy(fay, ticket_type, 2)
    old = ticket.order

    asked = ask(api.as_(fay), [ticket], dearer)

    assert asked.status_code == 201, asked.json()
    said = asked.json()
    price = old.amount_total // 2
    assert (said["to_pay"], said["goes_back"], said["kept"]) == (8000, price - FEE, FEE)
    assert said["difference"] == 8000 - (price - FEE)
    assert Ticket.objects.get(pk=ticket.pk).status == "valid", "until it is paid it stays good"

    assert pay(api.as_(fay), said["new_order"]).json()["status"] == "succeeded"

    ticket.refresh_from_db()
    old.refresh_from_db()
    assert (ticket.status, Ticket.objects.get(pk=other.pk).status) == ("refunded", "valid")
    assert old.amount_refunded == price - FEE
    assert Ticket.objects.get(order=said["new_order"]).ticket_type == dearer
    listed = api.as_(fay).get(f"/api/v1/orders/{old.pk}/exchanges").json()["results"]
    assert [(each["status"], each["goes_back"]) for each in listed] == [("done", price - FEE)]
    call_command("check_inventory")
    call_command("check_books")


def test_both_orders_tell_of_it_and_who_asked(api, fay, olga, policy, ticket_type, dearer):
    ticket, _other = buy(fay, ticket_type, 2)
    new = ask(api.as_(fay), [ticket], dearer).json()["new_order"]
    pay(api.as_(fay), new)
    for order in (str(ticket.order_id), new):
        told = api.as_(olga).get(f"/api/v1/orders/{order}/timeline", {"kind": "tickets"}).json()["moments"]
        who = {moment["text"].partition(" ")[0]: moment["who"] for moment in told}
        assert who["Exchange"] == who["Tickets"] == str(fay)


def test_another_date_at_the_same_venue(api, fay, policy, venue, ticket_type):
    elsewhere = TicketTypeFactory(event=EventFactory(venue=venue))
    ticket = buy(fay, ticket_type)[0]
    said = ask(api.as_(fay), [ticket], elsewhere).json()
    pay(api.as_(fay), said["new_order"])
    assert list(Ticket.objects.live().values_list("event", flat=True)) == [elsewhere.event_id]


def test_another_event_only_where_the_policy_says_so(api, fay, event, venue, ticket_type):
    event.configuration = {"exchange_policy": {"until_hours_before_start": 0, "other_events": False}}
    event.save()
    elsewhere = TicketTypeFactory(event=EventFactory(venue=venue))
    answer = ask(api.as_(fay), buy(fay, ticket_type), elsewhere)
    assert answer.json()["error"]["code"] == "exchange_not_offered"


def test_a_free_type_is_exchanged_at_once_and_the_money_goes_back(api, fay, policy, event, ticket_type):
    free = TicketTypeFactory(event=event, price=0)
    ticket = buy(fay, ticket_type)[0]
    said = ask(api.as_(fay), [ticket], free).json()
    assert (said["status"], said["to_pay"]) == ("done", 0)
    assert Order.objects.get(pk=ticket.order_id).amount_refunded == ticket.order.amount_total - FEE


def test_who_does_not_pay_keeps_the_old_ones(api, fay, policy, ticket_type, dearer):
    ticket = buy(fay, ticket_type)[0]
    new = ask(api.as_(fay), [ticket], dearer).json()["new_order"]
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        expire_overdue(timezone.now())
    assert TicketExchange.objects.get().status == "lapsed"
    assert Ticket.objects.get(pk=ticket.pk).status == "valid"
    assert Order.objects.get(pk=new).status == "expired"
    assert ask(api.as_(fay), [ticket], dearer).status_code == 201, "one may begin anew"


def test_old_tickets_that_were_used_meanwhile_undo_it_and_the_new_money_goes_back(
    api, fay, policy, ticket_type, dearer
):
    ticket = buy(fay, ticket_type)[0]
    new = ask(api.as_(fay), [ticket], dearer).json()["new_order"]
    Ticket.objects.filter(pk=ticket.pk).update(status="used", used_at=timezone.now())

    pay(api.as_(fay), new)

    payment = Payment.objects.get(payable_id=new)
    assert (payment.amount_refunded, payment.amount) == (8000, 8000)
    assert not Ticket.objects.filter(order=new).exists()
    assert Order.objects.get(pk=ticket.order_id).amount_refunded == 0
    assert TicketExchange.objects.get().status != "done"


def test_the_same_ticket_is_not_exchanged_twice_at_once(api, fay, policy, ticket_type, dearer):
    ticket = buy(fay, ticket_type)[0]
    first = ask(api.as_(fay), [ticket], dearer).json()["new_order"]
    assert ask(api.as_(fay), [ticket], dearer).json()["error"]["code"] == "exchange_open"
    api.as_(fay).post(f"/api/v1/orders/{first}/cancel")
    assert ask(api.as_(fay), [ticket], dearer).status_code == 201


@pytest.mark.parametrize("later", [timedelta(minutes=-1), timedelta(hours=-1)])
def test_only_until_the_policy_says(api, fay, event, policy, ticket_type, dearer, later):
    ticket = buy(fay, ticket_type)[0]
    with time_machine.travel(event.starts_at - later):
        code = ask(api.as_(fay), [ticket], dearer).json()["error"]["code"]
    assert code in ("exchange_too_late", "cart_refused")


def test_not_without_a_policy_but_staff_may(api, fay, olga, gus, ticket_type, dearer):
    ticket = buy(fay, ticket_type)[0]
    assert ask(api.as_(fay), [ticket], dearer).json()["error"]["code"] == "exchange_not_offered"
    assert ask(api.as_(gus), [ticket], dearer).status_code == 403
    said = ask(api.as_(olga), [ticket], dearer).json()
    assert said["kept"] == 0
    assert pay(api.as_(fay), said["new_order"]).status_code == 200
    assert TicketExchange.objects.get().status == "done"


def test_a_guest_exchanges_with_the_access_code(api, policy, ticket_type, dearer):
    ticket = buy(None, ticket_type)[0]
    code = {"X-Order-Access-Code": access.code_for(ticket.order)}
    assert ask(api.as_(None), [ticket], dearer).status_code == 404
    said = ask(api.as_(None), [ticket], dearer, headers=code).json()
    paid = pay(api.as_(None), said["new_order"], headers={"X-Order-Access-Code": said["access_code"]})
    assert paid.json()["status"] == "succeeded"
    assert Ticket.objects.get(pk=ticket.pk).status == "refunded"


def test_others_tickets_types_and_orders_do_not_exist(api, fay, stan, policy, ticket_type, dearer):
    ticket = buy(fay, ticket_type)[0]
    foreign = TicketTypeFactory()
    strangers = buy(stan, ticket_type)[0]
    assert ask(api.as_(stan), [ticket], dearer).status_code == 404
    assert ask(api.as_(fay), [ticket], foreign).status_code == 422
    path = f"/api/v1/orders/{ticket.order_id}/exchanges"
    for tickets in ([str(strangers.pk)], [], [str(ticket.pk)] * 2, "x", [7], None):
        asked = {"tickets": tickets, "ticket_type": str(dearer.pk)}
        assert api.as_(fay).post(path, asked).status_code in (400, 422), tickets
    assert api.as_(stan).get(path).status_code == 404
    assert not TicketExchange.objects.exists()


def test_what_was_handed_on_is_not_exchanged(api, fay, gus, policy, ticket_type, dearer):
    ticket = buy(fay, ticket_type)[0]
    Ticket.objects.filter(pk=ticket.pk).update(holder=gus)
    assert ask(api.as_(fay), [ticket], dearer).status_code == 409
    assert not TicketExchange.objects.exists()


def test_what_an_event_asks_of_a_cart_is_asked_of_an_exchange(api, fay, event, ticket_type, dearer):
    ticket = buy(None, ticket_type)[0]
    event.configuration = {
        "exchange_policy": {"until_hours_before_start": 0},
        "attendees": {"names": "required", "emails": "none", "required_when": "purchase"},
    }
    event.save()
    code = {"X-Order-Access-Code": access.code_for(ticket.order)}
    asked = {"tickets": [str(ticket.pk)], "ticket_type": str(dearer.pk)}
    path = f"/api/v1/orders/{ticket.order_id}/exchanges"
    assert api.as_(None).post(path, asked, headers=code).status_code == 422
    named = api.as_(None).post(path, {**asked, "attendees": [{"name": "Gil Guest"}]}, headers=code)
    assert named.status_code == 201, named.json()


def test_what_was_bought_at_the_counter_is_not_exchanged(api, fay, olga, policy, ticket_type, dearer):
    ticket = buy(fay, ticket_type)[0]
    Order.objects.filter(pk=ticket.order_id).update(channel="door")
    for who in (fay, olga):
        assert ask(api.as_(who), [ticket], dearer).json()["error"]["code"] == "exchange_not_offered"
