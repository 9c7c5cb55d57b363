"""Where an order may go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import personal
from orders.kitchen.tests.kitchens import order_food
from orders.models import Order
from ticketing.models import Ticket
from trufan.testing import EventFactory, OutletFactory, ProductVariantFactory, TicketTypeFactory

pytestmark = pytest.mark.django_db
SEAT = {"method": "seat", "section": "112", "row": "A", "seat": "12"}
PLAN = {"sections": [{"name": "112", "rows": [{"name": "A", "seats": 20}, {"name": "b", "seats": ["1", "2x"]}]},
                     {"name": "Lawn"}]}  # fmt: skip


@pytest.fixture
def place(api, fay, burger):
    def place(delivery, *more, by=fay):
        things = (burger, *more)
        lines = [{"type": thing.sellable_type, "id": str(thing.pk), "quantity": 1} for thing in things]
        contact = {} if by else {"contact": {"email": "g@example.com", "phone": "+12125550123"}}
        body = {"items": lines, "delivery": delivery, **contact}
        return api.as_(by).post("/api/v1/orders", body, format="json")

    return place


def refusal(answer):
    assert answer.status_code == 422, answer.json()
    (detail,) = answer.json()["error"]["details"]
    return detail["field"]


def seated(fay, event, *labels):
    tickets = TicketTypeFactory(event=event)
    order = order_food(fay, (tickets, len(labels)))
    for ticket, label in zip(Ticket.objects.filter(order=order).order_by("ordinal"), labels, strict=True):
        ticket.seat = label
        ticket.save()


def test_to_a_seat(place):
    assert place({**SEAT, "note": "By the pillar"}).status_code == 201
    assert Order.objects.get().delivery == {**SEAT, "note": "By the pillar"}


def test_to_the_counter_unless_said_otherwise(api, fay, burger, place):
    assert place({"method": "pickup", "seat": "12"}).status_code == 201
    assert Order.objects.get().delivery == {"method": "pickup"}
    assert order_food(fay, (burger, 1)).delivery == {"method": "pickup"}


def test_an_order_of_tickets_goes_nowhere(fay, ticket_type):
    assert order_food(fay, (ticket_type, 1)).delivery == {}


@pytest.mark.parametrize("body", [{"method": "drone"}, {"method": "seat", "seat": "x" * 21}, {"method": ["seat"]}])
def test_what_cannot_be_read_is_refused(place, body):
    assert refusal(place(body)) in ("delivery.method", "delivery.seat")


def test_a_seat_is_named(place):
    assert refusal(place({"method": "seat", "section": "112"})) == "delivery.seat"


def test_every_outlet_must_offer_it(place, venue):
    shop = ProductVariantFactory(product__outlet=OutletFactory(venue=venue))
    bar = ProductVariantFactory(
        product__outlet=OutletFactory(venue=venue, offers_pickup=False, offers_seat_delivery=True)
    )
    assert refusal(place(SEAT, shop)) == "delivery.method"
    assert refusal(place({"method": "pickup"}, bar)) == "delivery.method"
    assert place(SEAT, bar).status_code == 201


def test_a_ticket_is_not_brought_to_a_seat(api, fay, ticket_type):
    body = {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}], "delivery": SEAT}
    assert refusal(api.as_(fay).post("/api/v1/orders", body, format="json")) == "delivery.method"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None), ({"row": "B", "seat": "2X"}, None), ({"section": "lawn", "row": "9", "seat": "99"}, None),
        ({"section": "113"}, "delivery.section"), ({"section": ""}, "delivery.section"),
        ({"row": "C"}, "delivery.row"), ({"row": ""}, "delivery.row"),
        ({"seat": "21"}, "delivery.seat"), ({"seat": "0"}, "delivery.seat"),
        ({"row": "B", "seat": "3"}, "delivery.seat"),
    ],
)  # fmt: skip
def test_the_venues_seats_are_known_from_its_configuration(place, venue, change, field):
    venue.configuration = PLAN
    venue.save()
    answer = place({**SEAT, **change})
    assert answer.status_code == 201 if field is None else refusal(answer) == field


@pytest.mark.parametrize(
    "said", [{"sections": 7}, {"sections": [7, "x", {}]}, {"sections": [{"name": 112, "rows": {"A": 1}}]},
             {"sections": [{"name": "112", "rows": [{"name": "A", "seats": True}]}]}]
)  # fmt: skip
def test_a_configuration_that_says_something_else_says_nothing(place, venue, said):
    venue.configuration = said
    venue.save()
    assert place(SEAT).status_code == 201


@pytest.mark.parametrize("label", ["112-A-12", "112 A 12", "a-12", "A/12"])
def test_whoever_has_a_seat_has_it_brought_there(place, fay, event, label):
    seated(fay, event, label)
    assert place(SEAT).status_code == 201
    assert refusal(place({**SEAT, "seat": "13"})) == "delivery.seat"


def test_to_any_of_their_own_seats(place, fay, event):
    seated(fay, event, "112-A-12", "112-A-13")
    assert place({**SEAT, "seat": "13"}).status_code == 201
    assert refusal(place({**SEAT, "seat": "14"})) == "delivery.seat"


def test_what_binds_is_a_seat_of_the_day_at_this_venue(place, fay, venue, other_venue):
    now = timezone.now()
    seated(fay, EventFactory(venue=other_venue), "112-A-99")
    later = EventFactory(venue=venue, starts_at=now + timedelta(days=30))
    seated(fay, later, "112-A-98")
    assert place(SEAT).status_code == 201


def test_nothing_binds_who_has_no_numbered_seat(place, fay, event):
    seated(fay, event, "")
    assert place(SEAT).status_code == 201
    assert place(SEAT, by=None).status_code == 201


def test_a_refunded_ticket_binds_nobody(place, fay, event):
    seated(fay, event, "112-A-99")
    Ticket.objects.update(status="refunded")
    assert place(SEAT).status_code == 201


def test_whoever_leaves_takes_along_where_they_sat(fay, burger):
    order = order_food(fay, (burger, 1), delivery={**SEAT, "note": "Wheelchair"})
    assert personal.export(fay)[0]["delivery"]["note"] == "Wheelchair"
    personal.erase(fay, timezone.now())
    order.refresh_from_db()
    fulfilment = order.fulfilments.get()
    assert (order.delivery, fulfilment.place, fulfilment.note) == ({}, "", "")
