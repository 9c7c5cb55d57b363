"""All tickets of an order at the door in one go: each by the rules of a scan, each with its answer, all taken back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AuditLog
from events.models import Event
from ticketing import codes
from ticketing.door import checkin
from ticketing.models import Scan, Ticket, TicketType
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, StaffFactory
from trufan.tests.console_client import as_, buttons_on, press

URL, UNDO = "/api/v1/checkin/orders", "/api/v1/checkin/orders/undos"
pytestmark = pytest.mark.django_db


@pytest.fixture
def family(fay, ticket_type):
    """Four tickets of one order."""
    return buy(fay, ticket_type, 4)


@pytest.fixture
def order(family):
    return family[0].order


def admit(api, by, order, event, **more):
    return api.as_(by).post(URL, {"order": order.number, "event": str(event.pk), **more})


def take_back(api, by, order, event, **more):
    return api.as_(by).post(UNDO, {"order": order.number, "event": str(event.pk), "reason": "Wrong door", **more})


def statuses(order):
    return sorted(order.tickets.values_list("status", flat=True))


def test_each_ticket_is_let_in_and_those_that_may_not_say_why(api, gus, event, family, order):
    checkin.scan(codes.sign(family[0]), by=gus, nonce=uuid4().hex, gate="South", now=timezone.now())
    Ticket.objects.filter(pk=family[1].pk).update(frozen_at=timezone.now())
    Ticket.objects.filter(pk=family[2].pk).update(status="refunded")
    answer = admit(api, gus, order, event, gate="North", reason="One phone").json()
    assert (answer["order"], answer["accepted"], answer["refused"]) == (order.number, 1, 2)
    told = {scan["ticket"]["number"]: (scan["result"], scan["reason"]) for scan in answer["scans"]}
    assert told == {
        family[0].number: ("refused", "already_used"),
        family[1].number: ("refused", "disputed"),
        family[3].number: ("accepted", ""),
    }
    family[3].refresh_from_db()
    assert (family[3].status, family[3].used_gate) == ("used", "North")
    entry = AuditLog.objects.get(action="order.admitted")
    assert (entry.actor_id, entry.new_values["accepted"], entry.new_values["reason"]) == (gus.pk, 1, "One phone")


def test_hours_and_gates_bind_as_they_bind_a_scan(api, gus, event, ticket_type, order):
    TicketType.objects.filter(pk=ticket_type.pk).update(gates=["North"])
    assert {scan["reason"] for scan in admit(api, gus, order, event, gate="South").json()["scans"]} == {"wrong_gate"}
    Event.objects.filter(pk=event.pk).update(doors_at=timezone.now() + timedelta(minutes=5))
    assert {scan["reason"] for scan in admit(api, gus, order, event, gate="North").json()["scans"]} == {"not_yet"}
    assert statuses(order) == ["valid"] * 4


def test_all_of_it_is_taken_back_but_for_who_has_moved_since(api, gus, event, family, order):
    made = admit(api, gus, order, event).json()
    checkin.let_out(family[0], gus, timezone.now())
    answer = take_back(api, gus, order, event, admission=made["id"]).json()
    assert {row["number"] for row in answer["undone"]} == {ticket.number for ticket in family[1:]}
    assert [row["number"] for row in answer["left"]] == [family[0].number]
    assert statuses(order) == ["used", "valid", "valid", "valid"]
    assert Scan.objects.filter(method="undo").count() == 3


def test_only_the_last_admission_is_taken_back_and_only_once(api, gus, event, family, order):
    checkin.scan(codes.sign(family[0]), by=gus, nonce=uuid4().hex, now=timezone.now())
    admit(api, gus, order, event)
    assert len(take_back(api, gus, order, event).json()["undone"]) == 3
    assert statuses(order) == ["used", "valid", "valid", "valid"]
    again = take_back(api, gus, order, event)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_to_take_back")


def test_a_second_press_under_the_same_key_is_the_same_admission(api, gus, event, order):
    body = {"order": order.number, "event": str(event.pk)}
    first, again = (api.as_(gus).post(URL, body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == again.json()
    assert Scan.objects.count() == 4


def test_only_the_door_of_its_own_event_admits_it(api, gus, stan, fay, venue, other_venue, event, order):
    assert admit(api, fay, order, event).status_code == 403
    assert admit(api, stan, order, event).status_code == 403
    assert admit(api, stan, order, EventFactory(venue=other_venue)).status_code in (403, 404)
    assert admit(api, gus, order, EventFactory(venue=venue)).status_code == 404
    assert take_back(api, stan, order, event).status_code == 403
    assert statuses(order) == ["valid"] * 4


def test_a_whole_order_costs_the_same_few_reads_per_ticket(
    api, gus, fay, event, ticket_type, django_assert_max_num_queries
):
    big = buy(fay, ticket_type, 10)[0].order
    with django_assert_max_num_queries(90):
        assert admit(api, gus, big, event).json()["accepted"] == 10


def test_the_orders_page_says_the_figures_then_lets_in_and_takes_back(olga, gus, event, family, order):
    checkin.scan(codes.sign(family[0]), by=gus, nonce=uuid4().hex, now=timezone.now())
    assert "check-in" in buttons_on(olga, order)
    address = f"/admin/orders/order/{order.pk}/do/check-in/"
    seen = as_(olga).post(address, {}).context["figures"]
    assert seen.startswith("3 of 4 tickets are let in now.") and family[0].number in seen
    assert statuses(order) == ["used", "valid", "valid", "valid"]
    assert "3 let in, 1 not." in press(olga, order, "check-in")
    assert "3 taken back, 0 have moved since." in press(olga, order, "undo-check-in", reason="Too early")
    assert statuses(order) == ["used", "valid", "valid", "valid"]
    assert "undo-check-in" not in buttons_on(olga, order)


def test_who_only_reads_orders_has_no_such_button(venue, order):
    kim = StaffFactory(venue=venue, role="accountant").user
    assert not {"check-in", "undo-check-in"} & buttons_on(kim, order)
    assert as_(kim).post(f"/admin/orders/order/{order.pk}/do/check-in/", {"confirmed": "x"}).status_code == 403


def test_the_doors_own_screen_lets_in_the_whole_order_and_takes_it_back(gus, stan, event, family, order):
    address = f"/admin/ticketing/ticket/door/{event.pk}/{family[0].pk}/"
    assert "Let in all 4" in as_(gus).get(address).content.decode()
    assert as_(stan).post(address, {"deed": "admit-order"}).status_code in (403, 404)
    done = as_(gus).post(address, {"deed": "admit-order"})
    assert done.status_code == 302 and "admission=" in done["Location"]
    page = as_(gus).get(done["Location"]).content.decode()
    assert page.count("Came in.") >= 4 and "Take them all back" in page
    assert as_(gus).post(address, {"deed": "undo-order", "reason": ""}).status_code == 409
    assert as_(gus).post(address, {"deed": "undo-order", "reason": "Early"}).status_code == 302
    assert statuses(order) == ["valid"] * 4
    assert as_(gus).get(f"{address}?admission=nonsense").status_code == 200
