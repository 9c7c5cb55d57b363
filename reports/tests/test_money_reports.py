"""Tax, promo codes, refunds and payouts, read as their reports tell them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from orders import refunding
from orders.tests.carts import buy
from orders.tests.refunds import send
from orders.tests.test_refund_series import ask
from reports import reading, registry
from reports.definition import Query
from trufan.testing import ProductVariantFactory, PromoCodeFactory, TaxRateFactory, TicketTypeFactory, UserFactory

pytestmark = pytest.mark.django_db
MONEY = ("sales", "payouts", "taxes", "returns", "promos", "fans")


@pytest.fixture
def kind():
    return TicketTypeFactory(price=3_333)


def told(venue, key, since=None, **more):
    today = timezone.now().astimezone(venue.zone).date()
    query = Query(frozenset([venue.pk]), venue.currency, since or today - timedelta(days=3), today, **more)
    return reading.answer(registry.find(key), query)


def test_each_rate_goes_back_to_the_cent_in_any_number_of_steps(kind):
    venue = kind.event.venue
    TaxRateFactory(venue=venue, name="City", rate_ppm=88_750)
    TaxRateFactory(venue=venue, name="VAT", rate_ppm=190_000, is_inclusive=True)
    order = buy(UserFactory(), (kind, 3))
    for amount in (1, 777, 333):
        send(ask(order, amount=amount))
    part = {row.label: row.figures for row in told(venue, "taxes").rows}
    assert set(part) == {"City 8.875 %", "VAT 19 %"}
    assert 0 < part["VAT 19 %"]["refunded_tax"] < part["VAT 19 %"]["tax"]
    send(ask(order))
    for row in told(venue, "taxes").rows:
        assert (row.figures["due"], row.figures["base"]) == (0, 0)
    assert told(venue, "taxes").totals["tax"] == order.tax > 0


def test_what_bears_no_tax_stands_by_itself(kind):
    buy(UserFactory(), (kind, 1))
    assert [(row.label, row.figures["net"]) for row in told(kind.event.venue, "taxes").rows] == [("without tax", 3_333)]


def test_codes_that_stood_together_share_what_they_brought(kind):
    venue = kind.event.venue
    for code, ppm in (("TEN", 100_000), ("FIVE", 50_000)):
        PromoCodeFactory(venue=venue, code=code, ppm=ppm, is_stackable=True)
    order = buy(UserFactory(), (kind, 1), codes=["TEN", "FIVE"])
    buy(UserFactory(), (kind, 1))
    table = told(venue, "promos")
    assert {row.label: row.figures["uses"] for row in table.rows} == {"TEN": 1, "FIVE": 1}
    assert (table.totals["discount"], table.totals["revenue"]) == (order.discount, order.amount_total)
    send(ask(order))
    assert told(venue, "promos").totals["kept"] == 0


def test_refunds_say_who_asked(kind, fay, olga):
    venue = kind.event.venue
    for by in (None, olga):
        order = buy(fay, (kind, 1))
        send(refunding.request(order, by=by, reason="Fay Fan is ill", now=timezone.now()))
    rows = {row.label: row.figures["count"] for row in told(venue, "returns", group_by="asked_by").rows}
    assert rows == {"nobody": 1, "staff": 1}
    # What people write as a reason may name somebody.
    assert [row.label for row in told(venue, "returns", group_by="reason").rows] == ["whole orders"]


def test_shares_are_told_by_recipient(kind):
    venue = kind.event.venue
    buy(UserFactory(), (kind, 2))
    rows = {row.label: row.figures for row in told(venue, "payouts").rows}
    assert rows["the platform"]["charged"] == 6_666
    assert sum(figures["shared"] for figures in rows.values()) == 6_666


@pytest.mark.parametrize("key", MONEY)
def test_a_year_takes_as_many_queries_as_a_day(key, kind, django_assert_max_num_queries):
    venue = kind.event.venue
    PromoCodeFactory(venue=venue, code="TEN")
    buy(UserFactory(), (kind, 1), (ProductVariantFactory(product__outlet__venue=venue), 1), codes=["TEN"])
    told(venue, key)
    for since in (date(timezone.now().year - 1, 1, 1), None):
        with django_assert_max_num_queries(4):
            told(venue, key, since)


@pytest.mark.parametrize("key", MONEY)
def test_another_venue_adds_nothing(key, kind, other_venue):
    order = buy(UserFactory(), (kind, 1))
    send(ask(order))
    assert not any(told(other_venue, key).totals.values())
    for dimension in registry.find(key).dimensions:
        if dimension.kind != "day":
            assert told(other_venue, key, group_by=dimension.key).rows == []
