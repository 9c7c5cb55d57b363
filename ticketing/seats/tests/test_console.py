"""The event's page of the console seats it, blocks seats, and shows them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from events.models import Event
from ticketing.models import EventSeat, EventSeating
from ticketing.seats import price_lines
from ticketing.seats.tests.seated import asking, order, seat_by, statuses
from trufan.tests.console_client import as_, buttons_on, url


def button(event, name):
    return url(type(event), "button", event.pk, name)


def test_staff_seat_an_event_and_see_it(olga, event, plan, gold, silver):
    lines = "A = Gold\nA: C = Silver\nseats B-A-1, b-a-2 = Silver"
    assert as_(olga).get(button(event, "seating")).status_code == 200
    answer = as_(olga).post(button(event, "seating"), {"plan": plan.pk, "prices": lines}, follow=True)
    page = answer.content.decode()
    assert "The seats of “Opening Night” are set." in page
    assert "Numbered seats, by Concert" in page
    gold.refresh_from_db()
    silver.refresh_from_db()
    assert (gold.quantity, silver.quantity) == (12, 8)
    form = as_(olga).get(button(event, "seating")).content.decode()
    assert "seats B-A-1, B-A-2 = Silver" in form


def test_lines_that_say_nothing_come_back_with_what_was_typed(olga, event, plan, gold):
    answer = as_(olga).post(button(event, "seating"), {"plan": plan.pk, "prices": "A = Gold\nA\nB = Bronze"})
    page = answer.content.decode()
    assert "Line 2: write a section, = and a ticket type." in page
    assert "Line 3: the event has no ticket type Bronze." in page
    assert not EventSeating.objects.exists()


def test_a_refusal_of_the_rule_is_said(olga, event, plan, gold):
    answer = as_(olga).post(button(event, "seating"), {"plan": plan.pk, "prices": "Z = Gold"}, follow=True)
    assert "The plan has no section Z." in answer.content.decode()


def test_staff_block_seats_and_free_them(olga, event, seating):
    given = {"seats": "a-a-1, A-B-*\nB-A-1", "status": "blocked", "reason": "A camera."}
    page = as_(olga).post(button(event, "keep-seats"), given, follow=True).content.decode()
    assert statuses(event) == {"A-A-1": "blocked", "B-A-1": "blocked"} | {f"A-B-{n}": "blocked" for n in range(1, 7)}
    assert "A camera." in page
    as_(olga).post(button(event, "keep-seats"), {**given, "status": "free", "reason": ""})
    assert statuses(event) == {}


def test_a_seat_in_a_cart_is_not_blocked(fay, olga, event, seating, gold):
    order(fay, asking(gold, 1, "A-A-1"))
    given = {"seats": "A-A-1", "status": "blocked", "reason": "A camera."}
    page = as_(olga).post(button(event, "keep-seats"), given, follow=True).content.decode()
    assert "Seat A-A-1 is held." in page
    assert statuses(event) == {"A-A-1": "held"}


def test_the_seats_come_off_again(olga, event, seating):
    as_(olga).post(button(event, "unseat"))
    assert not EventSeat.objects.filter(event=event).exists()


def test_the_picture_is_for_staff_of_the_venue(olga, stan, fay, event, seating):
    address = reverse("admin:ticketing_tickettype_seats", args=[event.pk])
    answer = as_(olga).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert as_(stan).get(address).status_code == 404
    assert as_(fay).get(address).status_code == 302
    assert as_(olga).get(reverse("admin:ticketing_tickettype_seats", args=[seating.pk])).status_code == 404


@pytest.mark.parametrize("name", ["seating", "keep-seats", "unseat"])
def test_nobody_of_another_venue_or_of_the_door_sets_seats(stan, gus, event, plan, seating, gold, name):
    given = {"plan": plan.pk, "prices": "", "seats": "A-A-1", "status": "blocked", "reason": "x"}
    for somebody in (stan, gus):
        assert as_(somebody).post(button(event, name), given).status_code in (302, 403)
    assert EventSeat.objects.filter(event=event, status="free", ticket_type=gold).count() == 18


def test_price_lines_read_what_they_write(gold, silver):
    types = {"Gold": gold.pk, "Silver": silver.pk}
    rules = [
        {"section": "112", "ticket_type": gold.pk},
        {"section": "112", "rows": ["A", "B"], "ticket_type": silver.pk},
        {"seats": ["112-C-1"], "ticket_type": gold.pk},
    ]
    assert price_lines.read(price_lines.written(rules, types), types) == (rules, [])


def test_the_page_offers_what_the_event_allows(olga, gus, event, plan, gold, silver):
    seats = {"seating", "keep-seats", "unseat"}
    assert buttons_on(olga, event) & seats == {"seating"}
    seat_by(event, plan, olga, A=gold, B=silver)
    assert buttons_on(olga, event) & seats == seats
    assert buttons_on(gus, event) & seats == set()
    Event.objects.filter(pk=event.pk).update(status="completed")
    assert buttons_on(olga, event) & seats == set()
