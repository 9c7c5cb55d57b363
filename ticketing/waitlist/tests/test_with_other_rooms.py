"""The waiting list of tickets with seats, and of those that came to need an entry slot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.cancellation import cancel
from orders.models import Order
from ticketing.models import TicketType, WaitlistEntry
from ticketing.seats.tests.seated import asking, order, plan_of, seat_by, seated_type, statuses
from ticketing.waitlist import offering
from trufan.testing import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gold(event, olga) -> TicketType:
    """Two rows of four; in the last one a wheelchair place and the seat beside it."""
    kind = seated_type(event)
    seat_by(event, plan_of(event.venue, {"A": (2, 4)}), olga, A=kind)
    return kind


@pytest.fixture
def sold_out(fay, gold) -> list[Order]:
    rest = order(fay, asking(gold, 6, "A-A-2", "A-A-3", "A-A-4", "A-B-2", "A-B-3", "A-B-4"))
    return [rest, order(fay, asking(gold, 1, "A-A-1")), order(fay, asking(gold, 1, "A-B-1"))]


def waits(api: Any, kind: TicketType) -> WaitlistEntry:
    answer = api.as_(UserFactory()).post(f"/api/v1/ticket-types/{kind.pk}/waitlist", {"quantity": 1})
    assert answer.status_code == 201, answer.json()
    return WaitlistEntry.objects.get(pk=answer.json()["id"])


def test_a_seat_that_came_free_is_offered_as_that_seat(api, fay, event, gold, sold_out):
    entry = waits(api, gold)
    cancel(sold_out[1], by=fay, now=timezone.now())
    offering.sweep(timezone.now())
    entry.refresh_from_db()
    assert entry.status == "offered"
    assert entry.order.items.get().options["seats"] == ["A-A-1"]
    assert statuses(event)["A-A-1"] == "held"
    call_command("check_inventory")


def test_who_waits_keeps_their_place_while_only_a_wheelchair_place_is_free(api, fay, gold, sold_out):
    first, second = waits(api, gold), waits(api, gold)
    cancel(sold_out[2], by=fay, now=timezone.now())
    offering.sweep(timezone.now())
    assert set(WaitlistEntry.objects.values_list("status", flat=True)) == {"waiting"}
    cancel(sold_out[1], by=fay, now=timezone.now())
    offering.sweep(timezone.now())
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("offered", "waiting")
    assert first.order.items.get().options["seats"] == ["A-A-1"]
    call_command("check_inventory")


def test_a_line_for_tickets_that_came_to_need_a_slot_ends_and_the_sweep_goes_on(api, fay, event, gold, sold_out):
    entry = waits(api, gold)
    TicketType.objects.filter(pk=gold.pk).update(needs_slot=True)
    cancel(sold_out[1], by=fay, now=timezone.now() + timedelta(seconds=1))
    offering.sweep(timezone.now())
    entry.refresh_from_db()
    assert entry.status == "closed"
    call_command("check_inventory")
