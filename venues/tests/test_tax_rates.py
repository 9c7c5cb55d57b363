"""The taxes of a venue."""

from __future__ import annotations

import pytest

from audit.models import AuditLog
from trufan.testing import TaxRateFactory, VenueFactory
from venues.models import Venue
from venues.taxes import beside, note, rates_for, rates_of

pytestmark = pytest.mark.django_db
NEW = {"name": "Sales tax", "category": "ticket", "rate_ppm": 88_750}


@pytest.fixture
def url(venue) -> str:
    return f"/api/v1/venues/{venue.pk}/tax-rates"


def test_rates_are_read_by_category_without_those_that_ended(venue, other_venue, django_assert_num_queries):
    city = TaxRateFactory(venue=venue, name="City")
    state = TaxRateFactory(venue=venue, name="State")
    fee = TaxRateFactory(venue=venue, category="fee")
    TaxRateFactory(venue=venue, name="Old", is_active=False)
    TaxRateFactory(venue=other_venue)
    with django_assert_num_queries(1):
        assert rates_for(venue.pk) == {"fee": [fee], "ticket": [city, state]}


def test_the_statement_that_reads_a_venue_tells_its_rates(venue, other_venue, django_assert_num_queries):
    for name in ("b", "A", "Ä"):
        TaxRateFactory(venue=venue, name=name, is_inclusive=name == "b")
    TaxRateFactory(venue=venue, category="fee", rate_ppm=0)
    TaxRateFactory(venue=venue, name="Old", is_active=False)
    TaxRateFactory(venue=other_venue)
    bare = VenueFactory()

    def told(rates):
        return {category: [(r.name, r.rate_ppm, r.is_inclusive) for r in of] for category, of in rates.items()}

    with django_assert_num_queries(1):
        rows = Venue.objects.annotate(told=beside("pk")).in_bulk([venue.pk, bare.pk])
        for row in rows.values():
            note(row, row.told)
        assert rates_of(rows[bare.pk]) == {}
        assert told(rates_of(rows[venue.pk])) == {
            "fee": [("Sales tax", 0, False)],
            "ticket": [("A", 88_750, False), ("b", 88_750, True), ("Ä", 88_750, False)],
        }
    assert told(rates_for(venue.pk)) == told(rates_of(rows[venue.pk]))
    with django_assert_num_queries(1):
        assert told(rates_of(venue)) == told(rates_of(rows[venue.pk]))


def test_a_manager_adds_changes_and_ends_a_tax(api, url, venue, olga):
    made = api.as_(olga).post(url, NEW)
    assert made.status_code == 201, made.json()
    row = f"{url}/{made.json()['id']}"
    assert api.as_(olga).patch(row, {"rate_ppm": 90_000}).json()["rate_ppm"] == 90_000
    assert api.as_(olga).patch(row, {"is_active": False}).json()["is_active"] is False
    assert rates_for(venue.pk) == {}
    actions = list(AuditLog.objects.order_by("created_at").values_list("action", flat=True))
    assert actions == ["tax_rate.created", "tax_rate.changed", "tax_rate.changed"]
    assert AuditLog.objects.filter(venue_id=venue.pk).count() == 3


def test_a_name_serves_one_tax_of_a_category(api, url, olga):
    api.as_(olga).post(url, NEW)
    again = api.as_(olga).post(url, NEW)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "tax_name_taken")
    other = api.as_(olga).post(url, {**NEW, "category": "fee"})
    assert other.status_code == 201
    renamed = api.as_(olga).patch(f"{url}/{other.json()['id']}", {"category": "ticket"})
    assert (renamed.status_code, renamed.json()["error"]["code"]) == (409, "tax_name_taken")


def test_lists_are_filtered_and_cost_four_queries(api, url, venue, olga, django_assert_num_queries):
    TaxRateFactory(venue=venue, category="fee")
    TaxRateFactory(venue=venue)
    with django_assert_num_queries(4):
        rows = api.as_(olga).get(url, {"category": "fee"}).json()["results"]
    assert [row["category"] for row in rows] == ["fee"]
    assert api.as_(olga).get(url, {"category": "love"}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rate_ppm": -1}, "rate_ppm"),
        ({"rate_ppm": 1_000_001}, "rate_ppm"),
        ({"rate_ppm": "8.875"}, "rate_ppm"),
        ({"category": "love"}, "category"),
        ({"name": ""}, "name"),
        ({"is_inclusive": "maybe"}, "is_inclusive"),
    ],
)
def test_nonsense_is_refused_by_field(api, url, olga, wrong, field):
    answer = api.as_(olga).post(url, {**NEW, **wrong})
    assert answer.status_code == 422, answer.json()
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]


def test_taxes_are_for_who_manages_the_venue(api, url, venue, other_venue, fay, gus, stan):
    rate = TaxRateFactory(venue=venue)
    for user, status in ((None, 401), (fay, 403), (gus, 403), (stan, 403)):
        caller = api.as_(user)
        answers = [caller.get(url), caller.post(url, NEW), caller.patch(f"{url}/{rate.pk}", {"rate_ppm": 0})]
        assert [answer.status_code for answer in answers] == [status] * 3
    foreign = f"/api/v1/venues/{other_venue.pk}/tax-rates/{rate.pk}"
    assert api.as_(stan).patch(foreign, {"rate_ppm": 0}).status_code == 404
    rate.refresh_from_db()
    assert rate.rate_ppm == 88_750
