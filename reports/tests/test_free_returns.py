"""What had cost nothing and came back is in no book, and is counted nevertheless."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders import refunding
from orders.refund_plan import AskedLine
from orders.tests.carts import buy
from reports.tests.test_money_reports import told
from trufan.testing import ProductVariantFactory, TicketTypeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def free():
    return TicketTypeFactory(price=0)


def give_back(order, *, by=None, by_buyer=False, **more):
    return refunding.request(order, by=by, by_buyer=by_buyer, reason="Ill", now=timezone.now(), **more)


def test_a_free_order_that_was_given_back_is_counted_with_who_asked(free, olga):
    venue = free.event.venue
    for by in (None, olga):
        give_back(buy(UserFactory(), (free, 2)), by=by)
    kept = buy(UserFactory(), (free, 1))
    rows = {row.key: row.figures for row in told(venue, "returns", group_by="what").rows}
    assert (rows["free"]["count"], rows["free"]["amount"]) == (2, 0)
    assert {row.label: row.figures["count"] for row in told(venue, "returns", group_by="asked_by").rows} == {
        "nobody": 1, "staff": 1,
    }  # fmt: skip
    sales = told(venue, "sales").totals
    assert (sales["quantity"], sales["quantity_refunded"]) == (4 + kept.items.get().quantity, 4)


def test_a_report_that_was_read_before_counts_what_comes_back_after(free):
    venue = free.event.venue
    order = buy(UserFactory(), (free, 3))
    assert told(venue, "sales").totals["quantity_refunded"] == 0
    give_back(order, asked=[AskedLine(order.items.get().pk, 1)])
    assert told(venue, "sales").totals["quantity_refunded"] == 1
    give_back(order, asked=[AskedLine(order.items.get().pk, 2)])
    assert told(venue, "sales").totals["quantity_refunded"] == 3
    assert told(venue, "returns").totals["count"] == 2
    call_command("rebuild_reports", "--check", "--venue", venue.slug, stdout=StringIO())


def test_a_free_thing_of_a_stand_is_taken_back_at_the_stand(free):
    venue = free.event.venue
    water = ProductVariantFactory(product__outlet__venue=venue, price=0)
    give_back(buy(UserFactory(), (water, 2)))
    assert told(venue, "concessions").totals["quantity_refunded"] == 2


def test_another_venue_sees_none_of_it(free, other_venue):
    give_back(buy(UserFactory(), (free, 2)))
    assert told(other_venue, "returns", group_by="what").rows == []
    assert not any(told(other_venue, "sales").totals.values())
