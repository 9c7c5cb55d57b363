"""What an event's tickets lack: nothing on sale in time, no entry times, no seats."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ticketing import readiness
from ticketing.models import TicketType
from trufan.testing import TicketTypeFactory
from venues.models import SeatingPlan

pytestmark = pytest.mark.django_db


def told(event):
    return {lack.code: lack for lack in readiness.lacks(event, timezone.now())}


def test_types_that_are_never_on_sale_are_named(event):
    good = TicketTypeFactory(event=event, name="Floor")
    assert told(event) == {}
    late = TicketTypeFactory(event=event, name="Late", sales_start=event.ends_at)
    over = TicketTypeFactory(event=event, name="Early", sales_end=timezone.now() - timedelta(hours=1))
    none = TicketTypeFactory(event=event, name="Nothing", quantity=0)
    found = told(event)
    assert {code: lack.row for code, lack in found.items()} == {
        "type_sale_too_late": late,
        "type_sale_over": over,
        "type_without_stock": none,
    }
    assert not any(lack.blocks for lack in found.values())
    TicketType.objects.filter(pk=good.pk).delete()
    assert told(event)["sale_too_late"].blocks


def test_a_type_for_an_entry_time_wants_entry_times(event):
    TicketTypeFactory(event=event, name="Morning", needs_slot=True)
    lack = told(event)["no_entry_times"]
    assert (lack.place, lack.blocks, lack.message) == (
        "slots", False, "Morning is sold for an entry time, and there are none yet.",
    )  # fmt: skip


def test_a_house_with_numbered_seats_is_told_of_an_event_without(event):
    TicketTypeFactory(event=event)
    assert "no_seating_plan" not in told(event)
    SeatingPlan.objects.create(venue=event.venue, name="Hall")
    assert told(event)["no_seating_plan"].place == "seating"
