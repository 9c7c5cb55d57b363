"""The public list and detail of venues, and what lies near a point."""

from __future__ import annotations

import math

import pytest

from trufan.testing import Caller, VenueFactory
from venues.geography import EARTH_RADIUS, Circle, nearest
from venues.models import Venue

pytestmark = pytest.mark.django_db
URL = "/api/v1/venues"
TIMES_SQUARE = {"latitude": 40.758, "longitude": -73.9855}


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["results"]]


def test_anybody_lists_open_venues_by_name(api):
    VenueFactory(name="Beta")
    VenueFactory(name="Alpha")
    VenueFactory(name="Closed", is_active=False)
    assert names(api.get(URL)) == ["Alpha", "Beta"]


def test_the_list_says_nothing_of_configuration_fees_or_state(api, venue, olga):
    for caller in (api, api.as_(olga)):
        row = caller.get(URL).json()["results"][0]
        assert not {"configuration", "ticket_fee_fixed", "ticket_fee_ppm", "is_active"} & set(row)
        assert row["distance_metres"] is None


def test_list_is_narrowed_by_city_country_and_words(api):
    VenueFactory(name="Arena", city="Berlin", country="DE")
    VenueFactory(name="Hall", city="Berlin", country="US")
    assert names(api.get(URL, {"city": "berlin", "country": "de"})) == ["Arena"]
    assert names(api.get(URL, {"search": "hal"})) == ["Hall"]
    assert names(api.get(URL, {"ordering": "-name"})) == ["Hall", "Arena"]


def test_a_list_costs_two_queries_however_long(api, django_assert_num_queries):
    VenueFactory.create_batch(3)
    with django_assert_num_queries(2):
        assert len(names(api.get(URL))) == 3
    VenueFactory.create_batch(27)
    with django_assert_num_queries(2):
        assert len(names(api.get(URL, TIMES_SQUARE))) == 30


def test_nearest_comes_first_with_its_distance_in_metres(api):
    VenueFactory(name="Far", latitude=40.6413, longitude=-73.7781)
    VenueFactory(name="Near", latitude=40.7505, longitude=-73.9934)
    VenueFactory(name="Other coast", latitude=37.7749, longitude=-122.4194)
    VenueFactory(name="Nowhere", latitude=None, longitude=None)
    rows = api.get(URL, TIMES_SQUARE).json()["results"]
    assert [row["name"] for row in rows] == ["Near", "Far"]
    assert rows[0]["distance_metres"] == pytest.approx(1066, abs=10)
    assert rows[1]["distance_metres"] == pytest.approx(21_800, abs=200)
    assert names(api.get(URL, {**TIMES_SQUARE, "radius": 5000})) == ["Near"]


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the law of cosines, not the haversine: another way to the same number."""
    (a, b), (c, d) = (map(math.radians, one), map(math.radians, other))
    cosine = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return EARTH_RADIUS * math.acos(max(-1.0, min(1.0, cosine)))


@pytest.mark.parametrize(
    ("point", "radius"),
    [
        ((0.0, 179.9), 100_000),
        ((0.0, -179.9), 100_000),
        ((89.9, 10.0), 50_000),
        ((-89.5, 0.0), 500_000),
        ((60.0, 20.0), 2_000_000),
        ((0.0, 0.0), 20_015_115),
        ((40.0, -74.0), 1),
    ],
)
def test_the_box_loses_nothing_at_poles_and_date_line(point, radius):
    places = [(lat, lon) for lat in (-90, -89.6, -60, -1, 0, 0.5, 40, 60, 75, 89.9, 90) for lon in range(-180, 181, 20)]
    places += [(0.0, 179.95), (0.0, -179.95), (0.1, 179.2), point]
    for number, (latitude, longitude) in enumerate(places):
        VenueFactory(name=str(number), latitude=latitude, longitude=longitude)
    found = {
        (venue.latitude, venue.longitude): venue.distance_metres
        for venue in nearest(Venue.objects.all(), Circle(*point, radius))
    }
    expected = {place: _metres(point, place) for place in places if _metres(point, place) <= radius}
    assert set(found) == {(float(a), float(b)) for a, b in expected}
    for place, metres in expected.items():
        assert found[place] == pytest.approx(metres, abs=1.0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"latitude": 40}, "longitude"),
        ({"longitude": 40}, "latitude"),
        ({"radius": 40}, "radius"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"latitude": "north", "longitude": 0}, "latitude"),
        ({"latitude": "nan", "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": "inf"}, "longitude"),
        ({"latitude": 0, "longitude": 181}, "longitude"),
        ({**TIMES_SQUARE, "radius": -1}, "radius"),
        ({**TIMES_SQUARE, "radius": 0}, "radius"),
        ({**TIMES_SQUARE, "radius": "1.5"}, "radius"),
        ({**TIMES_SQUARE, "radius": 99_999_999_999_999_999_999}, "radius"),
        ({"mine": "perhaps"}, "mine"),
        ({"country": "USA"}, "country"),
        ({"ordering": "configuration"}, "ordering"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(api, query, field):
    answer = api.get(URL, query)
    assert answer.status_code == 422, answer.json()
    assert field in [detail["field"] for detail in answer.json()["error"]["details"]]


def test_mine_lists_where_i_work_closed_venues_too(api, venue, other_venue, gus, ada):
    VenueFactory(name="Third")
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    assert names(api.as_(gus).get(URL, {"mine": "true"})) == ["Garden Arena"]
    assert names(api.as_(ada).get(URL, {"mine": "true"})) == ["Garden Arena", "Harbor Hall", "Third"]
    assert names(api.as_(gus).get(URL, {"mine": "false"})) == ["Harbor Hall", "Third"]
    assert api.get(URL, {"mine": "true"}).status_code == 401


def test_detail_shows_fans_what_they_need_and_staff_the_rest(api: Caller, venue, fay, gus, stan):
    url = f"{URL}/{venue.pk}"
    internal = {"configuration", "ticket_fee_fixed", "ticket_fee_ppm", "is_active"}
    for stranger in (None, fay, stan):
        assert not internal & set(api.as_(stranger).get(url).json())
    assert internal <= set(api.as_(gus).get(url).json())


def test_a_closed_venue_exists_only_for_its_staff(api, venue, fay, gus, stan, ada):
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    url = f"{URL}/{venue.pk}"
    assert [api.as_(user).get(url).status_code for user in (None, fay, stan, gus, ada)] == [404, 404, 404, 200, 200]
    assert api.get(f"{URL}/no-uuid").status_code == 404
