"""The counter and gifts, of tickets with seats, slots and prices that change."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from ticketing.models import Ticket, TicketRelease
from ticketing.pricing.tests.shop import line, problems
from ticketing.tests.nights import Night

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(event, olga) -> Night:
    return Night(event, olga)


def test_a_gift_of_a_type_with_an_open_release_is_given(api, olga, night):
    given = api.as_(olga).post(
        f"/api/v1/events/{night.event.pk}/comps",
        {
            "ticket_type": str(night.early.pk),
            "quantity": 2,
            "name": "Press",
            "email": "p@example.com",
            "reason": "Press",
        },
    )
    assert given.status_code == 201, given.json()
    call_command("check_inventory")


def test_gifts_have_a_slot_or_the_seats_that_are_chosen(api, olga, night):
    url = f"/api/v1/events/{night.event.pk}/comps"
    to = {"name": "Pam", "email": "p@example.com", "reason": "Press"}
    slotless_of = {"ticket_type": str(night.timed.pk), "quantity": 1, **to}
    slotless = api.as_(olga).post(url, slotless_of)
    assert problems(slotless)[0][1] == "slot_needed", slotless.json()
    timed = api.as_(olga).post(
        url, {"ticket_type": str(night.timed.pk), "quantity": 1, "slot": str(night.slot.pk), **to}
    )
    assert timed.status_code == 201, timed.json()
    seated = api.as_(olga).post(
        url, {"ticket_type": str(night.gold.pk), "quantity": 2, "seats": ["a-b-2", "a-b-4"], **to}
    )
    assert seated.status_code == 201, seated.json()
    assert set(Ticket.objects.exclude(seat="").values_list("seat", flat=True)) == {"A-B-2", "A-B-4"}
    call_command("check_inventory")


def test_the_counter_sells_chosen_seats_over_two_prices(api, olga, night):
    TicketRelease.objects.create(ticket_type=night.gold, name="First", price=1_000, quantity=2)
    answer = api.as_(olga).post(
        f"/api/v1/events/{night.event.pk}/door-sales",
        {"items": [line(night.gold, 3, seats=["A-A-1", "A-A-2", "A-A-3"])], "method": "cash"},
    )
    assert answer.status_code == 201, answer.json()
    assert set(Ticket.objects.values_list("seat", flat=True)) == {"A-A-1", "A-A-2", "A-A-3"}
    call_command("check_inventory")


def test_the_counter_sells_two_lines_of_one_type_over_two_prices(api, olga, night):
    answer = api.as_(olga).post(
        f"/api/v1/events/{night.event.pk}/door-sales",
        {"items": [line(night.early, 2), line(night.early, 2)], "method": "cash"},
    )
    assert answer.status_code == 201, answer.json()
    night.release.refresh_from_db()
    assert night.release.sold == 3
    call_command("check_inventory")
