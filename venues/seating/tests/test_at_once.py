"""Two people replace the seats of one plan, or somebody takes a seat up while it is to go: one waits for the other."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from django.db import transaction

from trufan.testing import StaffFactory, VenueFactory, at_once
from venues.seating import importing, plans, uses
from venues.seating.errors import SeatsInUse
from venues.seating.models import SeatingPlan
from venues.seating.tests.layouts import block, layout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def drawn() -> tuple[SeatingPlan, Any]:
    """A plan with a section, and who manages it."""
    manager = StaffFactory(venue=VenueFactory(), role="manager").user
    plan = plans.create(manager.venue_staff.get().venue, manager, name="End stage")
    return importing.replace_from_json(plan, layout(block()), manager), manager


def test_two_files_at_once_are_one_after_the_other(drawn):
    plan, manager = drawn
    files = [layout(block("112", "AB", 6)), layout(block("112", "CD", 3), block("113"))]
    done = at_once(4, lambda number: importing.replace_from_json(plan, files[number % 2], manager))
    assert sorted(each.version for each in done) == [2, 3, 4, 5]
    assert plan.seats.count() in (12, 14)


def test_a_seat_that_is_taken_up_meanwhile_does_not_go(drawn):
    plan, manager = drawn
    used: set[Any] = set()
    holds = Event()

    def asked(plan_id, seat_ids):
        return used & seat_ids

    def act(number: int) -> Any:
        if number:
            holds.wait(10)
            return importing.replace_from_json(plan, layout(block("112", "A")), manager)
        with transaction.atomic():
            plans.locked(plan.pk)
            holds.set()
            used.add(plan.seats.get(label="112-B-1").pk)
        return None

    uses.register(asked)
    try:
        _, refusal = at_once(2, act)
    finally:
        uses.unregister(asked)
    assert isinstance(refusal, SeatsInUse)
    assert plan.seats.count() == 8
