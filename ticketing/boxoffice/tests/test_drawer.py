"""What should be in the drawer at the end of the day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ticketing.models import DoorSale


def url(venue) -> str:
    return f"/api/v1/venues/{venue.pk}/door-sales/summary"


def test_each_seller_has_a_drawer_by_method_and_refunds_come_out_of_whose_hand_they_went(
    sells, refunds, api, bea, olga, venue, ticket_type, django_assert_max_num_queries
):
    sells(bea, ticket_type, 2)
    sells(bea, ticket_type)
    sells(bea, ticket_type, method="card_terminal", terminal_reference="TX-1")
    sale = sells(olga, ticket_type).json()
    refunds(bea, sale["order"])
    with django_assert_max_num_queries(8):
        said = api.as_(bea).get(url(venue)).json()
    rows = {(each["seller"].split()[0], each["method"]): each for each in said["drawers"]}
    assert set(rows) == {("Bea", "cash"), ("Bea", "card_terminal"), ("Olga", "cash")}
    cash = rows["Bea", "cash"]
    assert [cash[name] for name in ("sales", "amount", "refunds", "refunded", "net")] == [2, 15_000, 1, 5_000, 10_000]
    assert rows["Olga", "cash"]["net"] == 5_000
    assert said["totals"] == {"cash": 15_000, "card_terminal": 5_000}
    assert said["currency"] == "USD"


def test_a_day_is_one_by_the_venues_clocks(sells, api, bea, venue, ticket_type):
    sells(bea, ticket_type)
    midnight = timezone.now().astimezone(venue.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    DoorSale.objects.update(created_at=midnight - timedelta(seconds=1))
    assert api.as_(bea).get(url(venue)).json()["drawers"] == []
    yesterday = (midnight - timedelta(days=1)).date().isoformat()
    assert len(api.as_(bea).get(url(venue), {"day": yesterday}).json()["drawers"]) == 1


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01"])
def test_a_day_that_is_none_is_refused(api, bea, venue, day):
    assert api.as_(bea).get(url(venue), {"day": day}).status_code == 422


def test_only_who_sells_there_looks_into_the_drawers(api, bea, gus, stan, fay, venue, other_venue):
    assert api.as_(gus).get(url(venue)).status_code == 403
    assert api.as_(stan).get(url(venue)).status_code == 403
    assert api.as_(fay).get(url(venue)).status_code == 403
    assert api.as_(bea).get(url(other_venue)).status_code == 403
    assert api.get(url(venue)).status_code == 401
