"""Tickets for an entry time: the slot is held, sold and given back with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from events.models import Event
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.errors import SoldOut
from orders.models import Order
from orders.sellable import Pieces
from ticketing import returns
from ticketing.models import EntrySlot, Ticket, TicketType
from ticketing.papers import tickets as papers
from trufan.testing import EventFactory, TicketTypeFactory, at_once

ORDERS = "/api/v1/orders"


def make_museum(venue) -> Event:
    opens = timezone.now() + timedelta(days=2)
    return EventFactory(venue=venue, name="Museum", doors_at=opens, starts_at=opens, ends_at=opens + timedelta(hours=8))


def make_slots(museum: Event) -> list[EntrySlot]:
    return [
        EntrySlot.objects.create(
            event=museum,
            starts_at=museum.starts_at + timedelta(hours=number),
            ends_at=museum.starts_at + timedelta(hours=number + 1),
            capacity=3,
        )
        for number in range(2)
    ]


@pytest.fixture
def museum(venue) -> Event:
    return make_museum(venue)


@pytest.fixture
def slots(museum) -> list[EntrySlot]:
    return make_slots(museum)


@pytest.fixture
def entry(museum) -> TicketType:
    return TicketTypeFactory(event=museum, name="Entry", needs_slot=True, price=1_000)


def line(kind, slot=None, quantity=1):
    asked = {"type": "ticket", "id": str(kind.pk), "quantity": quantity}
    return asked if slot is None else asked | {"slot": str(slot.pk)}


def cart(*lines):
    return {"items": list(lines)}


def counters(slot):
    slot.refresh_from_db()
    return slot.held, slot.sold


def problems(answer):
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


def test_a_slot_is_held_then_sold_and_stands_on_the_ticket(api, fay, entry, slots):
    made = api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 2), line(entry, slots[1])))
    assert made.status_code == 201, made.json()
    assert [item["slot"] for item in made.json()["items"]] == [str(slot.pk) for slot in slots]
    assert (counters(slots[0]), counters(slots[1])) == ((2, 0), (1, 0))
    assert api.get(f"/api/v1/slots/{slots[0].pk}").json()["left"] == 1
    call_command("check_inventory")
    api.as_(fay).post(f"{ORDERS}/{made.json()['id']}/pay", {})
    assert (counters(slots[0]), counters(slots[1])) == ((0, 2), (0, 1))
    call_command("check_inventory")
    shown = api.as_(fay).get("/api/v1/tickets").json()["results"]
    assert sorted(ticket["slot"]["id"] for ticket in shown) == sorted(
        [str(slots[0].pk), str(slots[0].pk), str(slots[1].pk)]
    )
    ticket = Ticket.objects.with_event().filter(slot=slots[0]).first()
    assert dict(papers._facts(ticket))["Entry"].endswith(
        f"{slots[0].ends_at.astimezone(slots[0].event.venue.zone):%H:%M}"
    )
    assert papers.render([ticket]).startswith(b"%PDF")


def test_without_a_slot_there_is_a_price_but_no_order(api, fay, entry, slots):
    assert api.as_(fay).post(f"{ORDERS}/preview", cart(line(entry))).status_code == 200
    assert problems(api.as_(fay).post(ORDERS, cart(line(entry)))) == [("items[0].slot", "slot_needed")]


def test_a_full_slot_is_sold_out_though_tickets_are_left(api, fay, entry, slots):
    api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 2)))
    answer = api.as_(fay).post(ORDERS, cart(line(entry, slots[1]), line(entry, slots[0], 2)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sold_out")
    assert problems(answer) == [("items[1].slot", "sold_out")]
    assert (counters(slots[0]), counters(slots[1])) == ((2, 0), (0, 0))
    preview = api.as_(fay).post(f"{ORDERS}/preview", cart(line(entry, slots[0], 2)))
    assert problems(preview) == [("items[0].slot", "sold_out")]


def test_a_wrong_slot_is_told_so(api, fay, entry, slots, ticket_type, venue):
    other = make_slots(make_museum(venue))[0]
    assert problems(api.as_(fay).post(ORDERS, cart(line(entry, other)))) == [("items[0].slot", "not_found")]
    assert problems(api.as_(fay).post(ORDERS, cart(line(ticket_type, slots[0])))) == [("items[0].slot", "not_offered")]
    assert problems(api.as_(fay).post(ORDERS, cart(line(entry, entry)))) == [("items[0].slot", "not_found")]
    garbage = line(entry) | {"slot": "noon"}
    assert problems(api.as_(fay).post(ORDERS, cart(garbage)))[0][0] == "items[0].slot"
    past = timezone.now() - timedelta(hours=1)
    EntrySlot.objects.filter(pk=slots[0].pk).update(starts_at=past - timedelta(hours=1), ends_at=past)
    assert problems(api.as_(fay).post(ORDERS, cart(line(entry, slots[0])))) == [("items[0].slot", "slot_over")]


def test_a_changed_order_moves_from_slot_to_slot(api, fay, entry, slots):
    made = api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 3))).json()
    moved = api.as_(fay).patch(f"{ORDERS}/{made['id']}", cart(line(entry, slots[1], 2), line(entry, slots[0], 1)))
    assert moved.status_code == 200, moved.json()
    assert (counters(slots[0]), counters(slots[1])) == ((1, 0), (2, 0))
    full = api.as_(fay).patch(f"{ORDERS}/{made['id']}", cart(line(entry, slots[1], 4)))
    assert full.json()["error"]["code"] == "sold_out"
    assert (counters(slots[0]), counters(slots[1])) == ((1, 0), (2, 0))
    api.as_(fay).post(f"{ORDERS}/{made['id']}/cancel")
    assert (counters(slots[0]), counters(slots[1])) == ((0, 0), (0, 0))
    call_command("check_inventory")


def test_a_cart_whose_time_is_up_gives_the_slot_to_the_next_buyer(api, fay, entry, slots):
    old = api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 3))).json()
    Order.objects.filter(pk=old["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 2))).status_code == 201
    assert counters(slots[0]) == (2, 0)
    assert Order.objects.get(pk=old["id"]).status == "expired"
    call_command("check_inventory")


def test_what_is_taken_back_frees_its_slot(api, fay, entry, slots):
    made = api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 2))).json()
    api.as_(fay).post(f"{ORDERS}/{made['id']}/pay", {})
    order = Order.objects.get(pk=made["id"])
    returns.void([Pieces(order.items.get(), 1)], order.venue_id)
    assert counters(slots[0]) == (0, 1)


def test_wrong_counters_are_found(api, fay, entry, slots, capsys):
    api.as_(fay).post(ORDERS, cart(line(entry, slots[0], 2)))
    EntrySlot.objects.filter(pk=slots[0].pk).update(held=1)
    with pytest.raises(CommandError):
        call_command("check_inventory")
    assert "entry slot" in capsys.readouterr().out


def test_nobody_waits_for_a_time_that_only_they_can_choose(api, fay, entry, slots):
    TicketType.objects.filter(pk=entry.pk).update(held=100)
    answer = api.as_(fay).post(f"/api/v1/ticket-types/{entry.pk}/waitlist", {"quantity": 1})
    assert answer.json()["error"]["code"] == "not_for_sale"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_oversell_a_slot(fay, venue):
    museum = make_museum(venue)
    slots = make_slots(museum)
    entry = TicketTypeFactory(event=museum, needs_slot=True, price=1_000)

    def buy(number: int) -> Order:
        asked = {"slot": str(slots[number % 2].pk)}
        lines = cart_lines([("ticket", entry.pk, 1, (), "", asked)])
        return place_order(lines, user=fay, contact=Contact(), now=timezone.now())

    answers = at_once(12, buy)
    assert sum(isinstance(each, Order) for each in answers) == 6
    assert sum(isinstance(each, SoldOut) for each in answers) == 6
    assert (counters(slots[0]), counters(slots[1])) == ((3, 0), (3, 0))
    call_command("check_inventory")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_buyers_and_lapsing_carts_never_wait_for_each_other_in_a_ring(fay, venue):
    museum = make_museum(venue)
    slots = make_slots(museum)
    kinds = [TicketTypeFactory(event=museum, needs_slot=True, price=1_000) for _ in range(2)]

    def place(number: int, now=None) -> Order:
        asked = [(kinds[(number + each) % 2].pk, slots[(number + each) % 2].pk) for each in range(2)]
        lines = cart_lines([("ticket", kind, 1, (), "", {"slot": str(slot)}) for kind, slot in asked])
        return place_order(lines, user=fay, contact=Contact(), now=now or timezone.now())

    for number in range(3):
        place(number, timezone.now() - timedelta(hours=1))
    answers = at_once(10, place)
    assert sum(isinstance(each, Order) for each in answers) >= 1
    assert {type(each) for each in answers} <= {Order, SoldOut}
    call_command("check_inventory")
