"""While an event's waiting room is not closed, its tickets are sold to whom it let in, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import cancellation, expiry
from orders.cart import cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.models import Order
from ticketing.models import TicketType
from ticketing.waitingroom import running, tokens
from ticketing.waitingroom.errors import PassUsed
from ticketing.waitingroom.models import WaitingRoomEntry, WaitingRoomOrder
from ticketing.waitingroom.tests.rooms import GUEST, cart, come, fresh, let_in, running_room, shut, state
from trufan.lib.errors import DomainError
from trufan.testing import (
    EventFactory,
    OutletFactory,
    ProductFactory,
    ProductVariantFactory,
    TicketTypeFactory,
    UserFactory,
    at_once,
)

pytestmark = pytest.mark.django_db


def orders(api, who, body):
    return (api.as_(who) if who else api).post("/api/v1/orders", body)


def refusal(answer):
    return answer.status_code, answer.json()["error"]["code"]


def pay(api, who, order_id):
    return api.as_(who).post(f"/api/v1/orders/{order_id}/pay", {"payment_method": "pm_card_visa"})


def test_without_a_pass_nothing_is_sold_or_priced_and_the_answer_says_where_to_go(api, fay, event, ticket_type):
    shut(event)
    answer = orders(api, fay, cart(ticket_type))
    assert refusal(answer) == (409, "waiting_room")
    assert f"POST /events/{event.pk}/waiting-room" in answer.json()["error"]["message"]
    assert refusal(api.as_(fay).post("/api/v1/orders/preview", cart(ticket_type))) == (409, "waiting_room")
    assert not Order.objects.exists()


def test_with_the_pass_it_is_bought_and_its_holder_is_through(api, fay, event, ticket_type):
    room = running_room(event)
    entry = let_in(room, fay)
    assert api.as_(fay).post("/api/v1/orders/preview", cart(ticket_type, entry)).status_code == 200
    placed = orders(api, fay, cart(ticket_type, entry))
    assert placed.status_code == 201, placed.json()
    assert state(entry) == "admitted"
    assert pay(api, fay, placed.json()["id"]).json()["status"] == "succeeded"
    assert state(entry) == "done"
    assert refusal(orders(api, fay, cart(ticket_type, entry))) == (409, "waiting_room")


def test_a_guest_buys_with_the_pass_of_their_device(api, event, ticket_type):
    entry = let_in(running_room(event))
    assert orders(api, None, cart(ticket_type, entry, contact=GUEST)).status_code == 201


def test_a_pass_is_one_persons(api, fay, event, ticket_type):
    room = running_room(event, orders_per_pass=5)
    entry = let_in(room, fay)
    assert refusal(orders(api, UserFactory(), cart(ticket_type, entry))) == (409, "waiting_room")
    assert refusal(orders(api, None, cart(ticket_type, entry, contact=GUEST))) == (409, "waiting_room")
    device = let_in(room)
    assert orders(api, None, cart(ticket_type, device, contact=GUEST)).status_code == 201
    other = {**GUEST, "email": "other@example.com"}
    assert refusal(orders(api, None, cart(ticket_type, device, contact=other))) == (409, "waiting_room")


def test_a_pass_is_one_rooms(api, fay, venue, event):
    entry = let_in(running_room(event), fay)
    elsewhere = TicketTypeFactory(event=EventFactory(venue=venue))
    shut(elsewhere.event)
    assert refusal(orders(api, fay, cart(elsewhere, entry))) == (409, "waiting_room")


@pytest.mark.parametrize("token", ["", "PASS.AAAA", "nonsense", None])
def test_what_is_no_pass_opens_nothing(api, fay, event, ticket_type, token):
    shut(event)
    answer = orders(api, fay, cart(ticket_type, admission_token=token))
    assert answer.status_code == (422 if token is None else 409)


def test_the_place_in_line_is_no_pass(api, fay, event, ticket_type):
    entry = come(running_room(event), fay)
    for token in (tokens.place(entry.pk), tokens.admission(entry.pk)):
        assert refusal(orders(api, fay, cart(ticket_type, admission_token=token))) == (409, "waiting_room")


def test_a_pass_that_ran_out_is_none(api, fay, event, ticket_type):
    entry = let_in(running_room(event), fay)
    WaitingRoomEntry.objects.filter(pk=entry.pk).update(pass_expires_at=timezone.now())
    assert refusal(orders(api, fay, cart(ticket_type, entry))) == (409, "waiting_room")


def test_the_pass_lasts_while_its_order_is_held(api, fay, event, ticket_type):
    entry = let_in(running_room(event, pass_minutes=1), fay)
    placed = orders(api, fay, cart(ticket_type, entry))
    entry.refresh_from_db()
    assert entry.pass_expires_at == Order.objects.get(pk=placed.json()["id"]).expires_at


def test_one_order_at_a_time_and_the_pass_is_free_again_when_it_came_to_nothing(api, fay, event, ticket_type):
    entry = let_in(running_room(event), fay)
    first = orders(api, fay, cart(ticket_type, entry)).json()
    assert refusal(orders(api, fay, cart(ticket_type, entry))) == (409, "waiting_room_pass_used")
    cancellation.cancel(Order.objects.get(pk=first["id"]), by=fay, now=timezone.now())
    assert orders(api, fay, cart(ticket_type, entry)).status_code == 201
    assert expiry.expire_overdue(timezone.now() + timedelta(minutes=11)) == 1
    assert orders(api, fay, cart(ticket_type, entry)).status_code == 201
    assert WaitingRoomOrder.objects.filter(entry=entry).count() == 3


def test_as_many_orders_as_the_room_says(api, fay, event, ticket_type):
    entry = let_in(running_room(event, orders_per_pass=2), fay)
    first, second = (orders(api, fay, cart(ticket_type, entry)).json() for _ in range(2))
    assert refusal(orders(api, fay, cart(ticket_type, entry))) == (409, "waiting_room_pass_used")
    pay(api, fay, first["id"])
    assert state(entry) == "admitted"
    pay(api, fay, second["id"])
    assert state(entry) == "done"


def test_an_order_that_was_let_in_is_changed_without_a_pass_also_for_another_type(api, fay, event, ticket_type):
    entry = let_in(running_room(event), fay)
    placed = orders(api, fay, cart(ticket_type, entry)).json()
    WaitingRoomEntry.objects.filter(pk=entry.pk).update(pass_expires_at=timezone.now())
    path = f"/api/v1/orders/{placed['id']}"
    assert api.as_(fay).patch(path, cart(ticket_type, quantity=2)).status_code == 200
    assert api.as_(fay).patch(path, cart(TicketTypeFactory(event=event), quantity=1)).status_code == 200


def test_an_order_of_food_is_not_made_one_of_tickets_without_a_pass(api, fay, venue, event, ticket_type):
    room = shut(event)
    burger = ProductVariantFactory(product=ProductFactory(outlet=OutletFactory(venue=venue)))
    food = {"items": [{"type": "product", "id": str(burger.pk), "quantity": 1}]}
    placed = orders(api, fay, food)
    assert placed.status_code == 201, placed.json()
    path = f"/api/v1/orders/{placed.json()['id']}"
    assert refusal(api.as_(fay).patch(path, cart(ticket_type))) == (409, "waiting_room")
    entry = let_in(room, fay)
    assert api.as_(fay).patch(path, cart(ticket_type, entry)).status_code == 200
    assert WaitingRoomOrder.objects.get().entry == entry


def test_who_is_called_from_the_waiting_list_and_who_is_served_by_staff_needs_none(fay, event, ticket_type):
    shut(event)
    lines = cart_lines([(TicketType.sellable_type, ticket_type.pk, 1)])
    for standing in (Standing.INVITED, Standing.STAFF):
        place_order(lines, user=fay, contact=Contact(), now=timezone.now(), standing=standing)
    assert Order.objects.count() == 2


def test_a_closed_room_lets_everybody_buy_and_an_open_one_nobody_again(api, fay, olga, event, ticket_type):
    room = fresh(shut(event))
    running.close(room, olga, timezone.now())
    assert orders(api, fay, cart(ticket_type)).status_code == 201
    running.reopen(fresh(room), olga, timezone.now())
    assert refusal(orders(api, fay, cart(ticket_type))) == (409, "waiting_room")


def test_tickets_of_other_events_are_sold_as_ever(api, fay, venue, event):
    shut(event)
    assert orders(api, fay, cart(TicketTypeFactory(event=EventFactory(venue=venue)))).status_code == 201


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_pass_at_ten_tills_at_once_makes_one_order(fay, event, ticket_type):
    entry = let_in(running_room(event), fay)
    lines = cart_lines([(TicketType.sellable_type, ticket_type.pk, 1)])

    def buy(n):
        from orders.cart import Extras

        extras = Extras(asks={"admission_token": tokens.admission(entry.pk)})
        return place_order(lines, user=fay, contact=Contact(), now=timezone.now(), extras=extras)

    answers = at_once(10, buy)

    assert sum(isinstance(each, Order) for each in answers) == 1
    assert {type(each) for each in answers if isinstance(each, DomainError)} == {PassUsed}
