"""What the till's page offers beside counts: seats, sections, and times to come in."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.urls import reverse

from ticketing.boxoffice import choices
from ticketing.models import Ticket
from ticketing.tests.nights import Night
from trufan.lib.ids import uuid7
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(event, olga) -> Night:
    return Night(event, olga)


@pytest.fixture
def sell(night, bea):
    def go(**typed):
        address = reverse("admin:ticketing_doorsale_sell_event", args=[night.event.pk])
        return as_(bea).post(address, {"key": str(uuid7()), "method": "cash", **typed})

    return go


def test_seats_that_are_ticked_are_sold_and_count_themselves(sell, night):
    answer = sell(**{f"seats_{night.gold.pk}": ["A-B-2", "A-B-4"]})
    assert answer.status_code == 302
    assert set(Ticket.objects.values_list("seat", flat=True)) == {"A-B-2", "A-B-4"}
    call_command("check_inventory")


def test_seats_are_typed_as_well(sell, night):
    assert sell(**{f"labels_{night.gold.pk}": "a-a-1, a-a-2"}).status_code == 302
    assert set(Ticket.objects.values_list("seat", flat=True)) == {"A-A-1", "A-A-2"}


def test_without_a_choice_the_best_of_the_section_are_taken(sell, night):
    answer = sell(**{f"quantity_{night.silver.pk}": "2", f"section_{night.silver.pk}": "B"})
    assert answer.status_code == 302
    assert {seat[0] for seat in Ticket.objects.values_list("seat", flat=True)} == {"B"}


def test_a_seat_that_was_sold_meanwhile_is_refused_and_the_choice_kept(sell, night):
    sell(**{f"seats_{night.gold.pk}": ["A-B-2"]})
    answer = sell(**{f"seats_{night.gold.pk}": ["A-B-2"]})
    assert answer.status_code == 409
    assert Ticket.objects.count() == 1


def test_a_number_that_contradicts_the_seats_is_refused(sell, night):
    answer = sell(**{f"seats_{night.gold.pk}": ["A-B-2"], f"quantity_{night.gold.pk}": "2"})
    assert answer.status_code == 409
    assert "Name 2 seats" in answer.content.decode()


def test_the_entry_time_is_asked_and_kept(sell, night):
    refused = sell(**{f"quantity_{night.timed.pk}": "1"})
    assert refused.status_code == 409
    assert "50 left" in refused.content.decode()
    assert sell(**{f"quantity_{night.timed.pk}": "1", f"slot_{night.timed.pk}": str(night.slot.pk)}).status_code == 302
    assert Ticket.objects.get().slot == night.slot


def test_a_house_too_large_to_draw_is_asked_by_label(sell, night, bea, monkeypatch):
    page = reverse("admin:ticketing_doorsale_sell_event", args=[night.event.pk])
    assert 'value="A-B-2"' in as_(bea).get(page).content.decode()
    monkeypatch.setattr(choices, "MOST_DRAWN", 3)
    found = as_(bea).get(page).content.decode()
    assert 'value="A-B-2"' not in found
    assert "Seats by label" in found


def test_the_page_asks_the_same_number_of_times_however_many_seats(night, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = choices.seats(night.event)
    assert sum(len(row["seats"]) for row in found[night.gold.pk]["rows"]) == 18
