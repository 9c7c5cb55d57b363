"""Ticket types stay within the room their event has, and within what was sold already."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from events.errors import EventClosed
from orders.cancellation import cancel
from ticketing import ticket_types
from ticketing.errors import CapacityExceeded, NameTaken, QuantityTooSmall, TicketTypeInUse
from ticketing.models import TicketType
from ticketing.tests.sales import buy, order
from trufan.lib.errors import Invalid, Missing
from trufan.testing import EventFactory


@pytest.fixture
def event(venue):
    return EventFactory(venue=venue, name="Opening Night", capacity=100)


@pytest.fixture
def ticket_type(event, olga):
    return ticket_types.create(event, olga, name="General Admission", price=5_000, quantity=60)


def allocated(event):
    event.refresh_from_db()
    return event.allocated


def test_a_new_type_takes_its_room(event, ticket_type, olga):
    assert allocated(event) == 60
    entry = AuditLog.objects.get(action="ticket_type.created")
    assert (entry.actor_id, entry.entity_id, entry.venue_id) == (olga.pk, ticket_type.pk, event.venue_id)
    assert entry.new_values == {"name": "General Admission", "price": 5_000, "quantity": 60}


def test_the_room_is_used_to_the_last_place_and_no_further(event, ticket_type, olga):
    with pytest.raises(CapacityExceeded, match="room for 40 more"):
        ticket_types.create(event, olga, name="Balcony", price=0, quantity=41)
    assert allocated(event) == 60
    ticket_types.create(event, olga, name="Balcony", price=0, quantity=40)
    assert allocated(event) == 100


def test_a_name_stands_once_in_an_event(event, ticket_type, olga):
    with pytest.raises(NameTaken):
        ticket_types.create(event, olga, name="General Admission", price=0, quantity=1)
    assert allocated(event) == 60
    other = ticket_types.create(event, olga, name="Balcony", price=0, quantity=1)
    with pytest.raises(NameTaken):
        ticket_types.change(other, olga, name="General Admission")


def test_the_quantity_grows_and_shrinks_with_the_room(event, ticket_type, olga):
    ticket_types.change(ticket_type, olga, quantity=100)
    assert allocated(event) == 100
    with pytest.raises(CapacityExceeded):
        ticket_types.change(ticket_type, olga, quantity=101)
    ticket_types.change(ticket_type, olga, quantity=10)
    assert allocated(event) == 10
    entry = AuditLog.objects.filter(action="ticket_type.changed").latest("created_at")
    assert (entry.old_values, entry.new_values) == ({"quantity": 100}, {"quantity": 10})


def test_the_quantity_never_falls_below_what_is_held_and_sold(event, ticket_type, olga, fay):
    buy(fay, ticket_type, 3)
    order(fay, ticket_type, 2)
    with pytest.raises(QuantityTooSmall, match="5 of General Admission"):
        ticket_types.change(ticket_type, olga, quantity=4)
    assert allocated(event) == 60
    assert ticket_types.change(ticket_type, olga, quantity=5).left == 0


def test_a_stale_copy_does_not_write_back_old_counters(event, ticket_type, olga, fay):
    stale = TicketType.objects.get(pk=ticket_type.pk)
    order(fay, ticket_type, 2)
    ticket_types.change(stale, olga, name="Standing")
    ticket_type.refresh_from_db()
    assert (ticket_type.name, ticket_type.held) == ("Standing", 2)


def test_a_new_price_leaves_placed_orders_alone(ticket_type, olga, fay):
    placed = order(fay, ticket_type)
    ticket_types.change(ticket_type, olga, price=9_900)
    placed.refresh_from_db()
    assert placed.subtotal == 5_000
    assert order(fay, ticket_type).subtotal == 9_900


def test_saying_the_same_again_changes_nothing(ticket_type, olga):
    ticket_types.change(ticket_type, olga, price=5_000, quantity=60)
    assert not AuditLog.objects.filter(action="ticket_type.changed").exists()


def test_a_type_nobody_ordered_goes_and_gives_its_room_back(event, ticket_type, olga):
    ticket_types.delete(ticket_type, olga)
    assert allocated(event) == 0
    assert not TicketType.objects.exists()
    assert AuditLog.objects.get(action="ticket_type.deleted").old_values["name"] == "General Admission"
    with pytest.raises(Missing):
        ticket_types.change(ticket_type, olga, price=1)


def test_a_type_that_was_ever_ordered_stays(event, ticket_type, olga, fay):
    cancel(order(fay, ticket_type), by=fay, now=timezone.now())
    with pytest.raises(TicketTypeInUse):
        ticket_types.delete(ticket_type, olga)
    assert allocated(event) == 60


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_an_event_that_ended_changes_no_more(event, ticket_type, olga, status):
    type(event).objects.filter(pk=event.pk).update(status=status)
    with pytest.raises(EventClosed):
        ticket_types.create(event, olga, name="Late", price=0, quantity=1)
    with pytest.raises(EventClosed):
        ticket_types.change(ticket_type, olga, price=1)
    with pytest.raises(EventClosed):
        ticket_types.delete(ticket_type, olga)


def test_contradictions_are_refused_also_against_what_stands(event, ticket_type, olga):
    now = timezone.now()
    ticket_types.change(ticket_type, olga, sales_start=now)
    with pytest.raises(Invalid):
        ticket_types.change(ticket_type, olga, sales_end=now - timedelta(hours=1))
    with pytest.raises(Invalid):
        ticket_types.change(ticket_type, olga, min_per_order=11)


def test_counters_are_not_for_setting(ticket_type, olga):
    with pytest.raises(TypeError):
        ticket_types.change(ticket_type, olga, sold=60)


def test_words_for_what_is_left():
    def word(**counters):
        return TicketType(quantity=100, **counters).availability

    assert word(sold=89) == "available"
    assert word(sold=80, held=10) == "few"
    assert word(sold=99) == "few"
    assert word(sold=99, min_per_order=2) == "sold_out"
    assert word(sold=50, held=50) == "sold_out"
