"""The seats of an event go along when it is copied."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from events import lifecycle
from events.models import Event
from ticketing.models import EventSeat, TicketType
from ticketing.pricing.tests.shop import line
from ticketing.seats import keeping
from ticketing.seats.tests.seated import statuses
from ticketing.tests.nights import Night, bought

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(event, olga) -> Night:
    return Night(event, olga)


def test_a_copied_event_has_the_seats_of_the_first(api, fay, olga, night):
    order = bought(api, fay, line(night.gold, 2, seats=["A-A-1", "A-A-2"]))
    keeping.keep(night.event, ["A-C-*"], "blocked", olga, timezone.now(), "A camera.")
    days = [(night.event.starts_at + timedelta(days=7)).date().isoformat()]
    answer = api.as_(olga).post(f"/api/v1/events/{night.event.pk}/copies", {"dates": days})
    assert answer.status_code == 201, answer.json()
    copy = Event.objects.exclude(pk=night.event.pk).get()
    assert EventSeat.objects.filter(event=copy).count() == 26
    assert statuses(copy) == {f"A-C-{number}": "blocked" for number in range(1, 7)}
    gold = TicketType.objects.get(event=copy, name="Gold")
    assert (gold.seats.count(), gold.quantity, gold.sold) == (18, 12, 0)
    lifecycle.publish(copy, olga, timezone.now())
    seated = bought(api, fay, line(gold, 1, seats=["A-A-1"]))
    assert [ticket.seat for ticket in seated.tickets.all()] == ["A-A-1"]
    prices = copy.seating.prices
    assert {rule["ticket_type"] for rule in prices} == {str(kind.pk) for kind in copy.ticket_types.exclude(seats=None)}
    assert order.tickets.count() == 2
    call_command("check_inventory")
