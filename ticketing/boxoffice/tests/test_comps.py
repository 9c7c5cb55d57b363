"""Tickets are given away: an order of nothing, to a named person, and everybody can see why."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from orders.models import Order
from payments.models import Payment
from ticketing.boxoffice import house
from ticketing.inventory_check import differences
from ticketing.models import Comp, HouseHold, Ticket, TicketType
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory


@pytest.fixture
def gives(api, event, ticket_type):
    def ask(user, quantity=2, *, at=None, **asked):
        body = {"ticket_type": str(ticket_type.pk), "quantity": quantity, "name": "Gil Guest",
                "email": "gil@example.com", "reason": "Guest of the artist", **asked}  # fmt: skip
        return api.as_(user).post(f"/api/v1/events/{(at or event).pk}/comps", body)

    return ask


@pytest.fixture
def hold(ticket_type) -> HouseHold:
    return house.keep(ticket_type, quantity=3, label="House", by=None, now=timezone.now())


def test_a_comp_costs_nothing_bears_no_fee_and_is_sent(gives, bea, venue, fee, ticket_type):
    type(venue).objects.filter(pk=venue.pk).update(ticket_fee_fixed=250)
    answer = gives(bea)
    assert answer.status_code == 201, answer.json()
    said = answer.json()
    assert (said["quantity"], said["name"], said["given_by"]) == (2, "Gil Guest", "Bea Booth")
    order = Order.objects.get(pk=said["order"])
    assert (order.channel, order.status, order.amount_total, order.fees, order.tax) == ("comp", "paid", 0, 0, 0)
    assert not Payment.objects.exists()
    assert [ticket.holder_name for ticket in order.tickets.all()] == ["Gil Guest"] * 2
    told = Notification.objects.get(template="order_paid")
    assert (told.recipient, bool(told.attachments)) == ("gil@example.com", True)
    assert TicketType.objects.get(pk=ticket_type.pk).sold == 2
    assert AuditLog.objects.get(action="comp.given").actor == bea
    assert list(differences()) == []


def test_who_has_proven_the_address_finds_the_tickets_in_their_account(gives, bea, fay):
    gives(bea, email="FAY@example.com")
    assert set(Ticket.objects.values_list("holder", flat=True)) == {fay.pk}


def test_nobody_gets_into_an_account_by_an_address_that_is_not_proven(gives, bea):
    UserFactory(email="gil@example.com", email_verified_at=None)
    gives(bea)
    assert Order.objects.get().user is None


def test_the_language_of_what_is_sent_may_be_said(gives, bea):
    gives(bea, language="es")
    assert Notification.objects.get(template="order_paid").language == "es"
    assert gives(bea, language="tlh").status_code == 422


def test_a_comp_out_of_a_hold_takes_nothing_from_the_public(gives, bea, ticket_type, hold):
    TicketType.objects.filter(pk=ticket_type.pk).update(quantity=3)
    type(ticket_type.event).objects.filter(pk=ticket_type.event_id).update(allocated=3)
    assert gives(bea).json()["error"]["code"] == "sold_out"
    assert gives(bea, house_hold=str(hold.pk)).status_code == 201
    hold.refresh_from_db()
    assert (hold.given, hold.left) == (2, 1)
    assert (TicketType.objects.get(pk=ticket_type.pk).house, TicketType.objects.get(pk=ticket_type.pk).left) == (1, 0)
    short = gives(bea, house_hold=str(hold.pk))
    assert (short.status_code, short.json()["error"]["code"]) == (409, "hold_too_small")
    assert gives(bea, 1, house_hold=str(hold.pk)).status_code == 201
    hold.refresh_from_db()
    assert hold.released_at is not None
    assert list(differences()) == []


def test_a_refusal_leaves_the_hold_as_it_was(gives, bea, event, hold):
    type(event).objects.filter(pk=event.pk).update(status="cancelled")
    assert gives(bea, house_hold=str(hold.pk)).json()["error"]["code"] == "cart_refused"
    hold.refresh_from_db()
    assert (hold.left, TicketType.objects.get(pk=hold.ticket_type_id).house) == (3, 3)


def test_a_hold_of_another_type_or_venue_is_refused(gives, bea, event, other_venue):
    same_event = house.keep(TicketTypeFactory(event=event), quantity=2, label="x", by=None, now=timezone.now())
    strange = TicketTypeFactory(event=EventFactory(venue=other_venue))
    elsewhere = house.keep(strange, quantity=2, label="x", by=None, now=timezone.now())
    assert gives(bea, house_hold=str(same_event.pk)).status_code == 422
    assert gives(bea, house_hold=str(elsewhere.pk)).status_code == 404
    assert gives(bea, house_hold=str(uuid4())).status_code == 404
    assert gives(bea, ticket_type=str(strange.pk)).status_code == 422


@pytest.mark.parametrize(
    ("quantity", "asked"), [(1, {"email": "gil"}), (1, {"name": ""}), (1, {"reason": ""}), (0, {}), (1_001, {})]
)
def test_garbage_gives_nothing_away(gives, bea, quantity, asked):
    assert gives(bea, quantity, **asked).status_code == 422
    assert not Order.objects.exists()


def test_whoever_may_not_give_there_gives_nothing(gives, gus, stan, fay, olga):
    assert [gives(who).status_code for who in (gus, stan, fay, None)] == [403, 403, 403, 401]
    assert not Comp.objects.exists()
    assert gives(olga).status_code == 201


def test_a_comp_is_taken_back_as_a_refund_of_nothing(gives, refunds, bea, fay, ticket_type):
    comp = gives(bea, email=fay.email).json()
    assert refunds(fay, comp["order"]).json()["error"]["code"] == "refund_not_offered"
    answer = refunds(bea, comp["order"])
    assert (answer.status_code, answer.json()["amount"], answer.json()["status"]) == (201, 0, "succeeded")
    assert Order.objects.get(pk=comp["order"]).status == "refunded"
    assert TicketType.objects.get(pk=ticket_type.pk).left == 100
    assert list(differences()) == []


def test_comps_are_listed_with_a_constant_number_of_queries_and_apart_from_sales(
    gives, api, bea, stan, event, ticket_type, django_assert_max_num_queries
):
    made = [gives(bea).json() for _ in range(3)]
    buy(UserFactory(), ticket_type)
    url = f"/api/v1/events/{event.pk}/comps"
    with django_assert_max_num_queries(7):
        listed = api.as_(bea).get(url).json()["results"]
    assert [each["id"] for each in listed] == [each["id"] for each in reversed(made)]
    assert api.as_(stan).get(url).status_code == 403
    orders = api.as_(bea).get("/api/v1/orders", {"venue": str(event.venue_id), "channel": "comp"})
    assert orders.json()["count"] == 3
