"""What events know of their tickets: prices in SQL equal to the cent to those of an order, and whether any are left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import offers
from events.models import Event
from orders.pricing import unit_fee
from ticketing.models import TicketType
from ticketing.prices import all_in
from ticketing.tests.sales import order
from trufan.lib.money import MAX_AMOUNT
from trufan.testing import EventFactory, TicketTypeFactory
from venues.models import Venue

EDGES = [0, 1, 19, 20, 21, 49, 50, 51, 199, 999, 1_000, 4_999, 5_000, 33_333, MAX_AMOUNT - 1, MAX_AMOUNT]
RATES = [0, 1, 9_999, 10_000, 25_000, 24_999, 88_750, 333_333, 500_000, 999_999, 1_000_000]


def offered(event):
    return offers.annotate(Event.objects.filter(pk=event.pk), timezone.now()).get()


def set_fee(event, fixed, ppm):
    Venue.objects.filter(pk=event.venue_id).update(ticket_fee_fixed=fixed, ticket_fee_ppm=ppm)


def test_sql_and_python_agree_on_every_edge(event):
    TicketType.objects.bulk_create(TicketType(event=event, name=str(price), price=price, quantity=1) for price in EDGES)
    for ppm in RATES:
        for fixed in (0, 1, 150):
            set_fee(event, fixed, ppm)
            found = dict(TicketType.objects.order_by().annotate(found=all_in("price")).values_list("price", "found"))
            assert found == {price: price + unit_fee(price, fixed, ppm) for price in EDGES}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(price=st.integers(0, MAX_AMOUNT), fixed=st.integers(0, 10_000), ppm=st.integers(0, 1_000_000))
def test_sql_and_python_agree_anywhere(ticket_type, price, fixed, ppm):
    set_fee(ticket_type.event, fixed, ppm)
    TicketType.objects.filter(pk=ticket_type.pk).update(price=price)
    row = TicketType.objects.select_related("event__venue").annotate(found=all_in("price")).get()
    assert row.found == row.all_in(price) == price + unit_fee(price, fixed, ppm)


def test_the_range_of_open_types_is_shown(event, ticket_type):
    set_fee(event, 150, 25_000)
    TicketTypeFactory(event=event, price=8_000)
    TicketTypeFactory(event=event, price=90_000, visibility="hidden")
    TicketTypeFactory(price=1)
    shown = offered(event)
    assert (shown.price_from, shown.price_to, shown.is_available) == (5_275, 8_350, True)


def test_what_is_shown_is_what_an_order_charges_before_tax(event, ticket_type, fay):
    set_fee(event, 133, 24_999)
    placed = order(fay, TicketType.objects.get())
    assert offered(event).price_from == placed.subtotal + placed.fees


def test_an_event_without_types_has_no_price(event):
    shown = offered(event)
    assert (shown.price_from, shown.price_to, shown.is_available) == (None, None, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"visibility": "hidden"},
        {"held": 60, "sold": 40},
        {"sold": 99, "min_per_order": 2},
        {"sales_start": timezone.now() + timedelta(days=1)},
        {"sales_end": timezone.now() - timedelta(days=1)},
    ],
    ids=["hidden", "sold out", "less left than the smallest order", "not yet", "no longer"],
)
def test_what_cannot_be_bought_is_not_available(event, ticket_type, changes):
    TicketType.objects.update(**changes)
    assert not offered(event).is_available


def test_one_type_on_sale_is_enough(event, ticket_type):
    TicketTypeFactory(event=event, sold=100)
    assert offered(event).is_available


@pytest.mark.parametrize("status", ["draft", "cancelled", "completed"])
def test_an_event_that_does_not_sell_is_not_available(event, ticket_type, status):
    Event.objects.update(status=status)
    assert not offered(event).is_available


def test_an_event_that_is_over_or_at_a_closed_venue_is_not_available(event, ticket_type, venue):
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    assert not offered(event).is_available
    Venue.objects.filter(pk=venue.pk).update(is_active=True)
    now = timezone.now()
    ago = {"doors_at": now - timedelta(days=2), "starts_at": now - timedelta(days=2)}
    Event.objects.update(**ago, ends_at=now - timedelta(days=1))
    assert not offered(event).is_available


def test_any_number_of_events_is_one_query(venue, django_assert_num_queries):
    for _ in range(4):
        TicketTypeFactory.create_batch(2, event=EventFactory(venue=venue))
    with django_assert_num_queries(1):
        assert len(offers.annotate(Event.objects.all(), timezone.now())) == 4


def blocking(event, now):
    return [lack.code for lack in offers.lacks(event, now) if lack.blocks]


def test_publication_needs_something_to_sell(event):
    now = timezone.now()
    assert blocking(event, now) == ["no_ticket_type"]
    row = TicketTypeFactory(event=event, visibility="hidden")
    assert blocking(event, now) == ["no_ticket_type"]
    TicketType.objects.filter(pk=row.pk).update(visibility="open", sales_end=now - timedelta(hours=1))
    assert blocking(event, now) == ["sale_over"]
    TicketTypeFactory(event=event, sales_start=now + timedelta(hours=1))
    assert blocking(event, now) == []
