"""Anybody finds lots: the nearest first, by what they have, and with what is really free when it is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from parking.models import LotHours, LotPhoto, ParkingLot
from parking.spaces import taking
from payments.models import ConnectedAccount
from trufan.testing import CapacityFactory, EventFactory, LotFactory

URL = "/api/v1/parking/lots"
Purpose = taking.Purpose


@pytest.fixture
def soon() -> datetime:
    return timezone.now().replace(microsecond=0) + timedelta(days=2)


def window(starts_at, hours=2):
    return {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=hours)).isoformat()}


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def reserve(capacity, starts_at, hours, quantity=1, **more):
    ends_at = starts_at + timedelta(hours=hours)
    return taking.put(capacity, starts_at, ends_at, Purpose.RESERVATION, quantity=quantity, **more)


def test_a_lot_shows_where_it_is_what_it_costs_and_what_is_free(api, lot, capacity):
    CapacityFactory(lot=lot, kind="accessible", spaces=4, multiplier_ppm=1_200_000)
    CapacityFactory(lot=lot, kind="oversize", spaces=0)
    lot.amenities, lot.height_limit_cm, lot.street = ["covered", "lit"], 210, "12 Pine Street"
    lot.save()
    shown = api.get(f"{URL}/{lot.pk}").json()
    assert (shown["name"], shown["street"], shown["latitude"], shown["longitude"]) == (
        "North Lot", "12 Pine Street", 40.751, -73.994
    )  # fmt: skip
    assert (shown["is_open"], shown["hours"], shown["time_zone"], shown["currency"]) == (
        True, "always", "America/New_York", "USD"
    )  # fmt: skip
    assert (shown["amenities"], shown["height_limit_cm"], shown["distance_metres"]) == (["covered", "lit"], 210, None)
    assert (shown["total_spaces"], shown["available_spaces"], shown["price_from"]) == (24, 24, 500)
    assert shown["price"][0] == "$5.00 for the first hour, then $2.00 for each 30 minutes begun."
    kinds = {kind["kind"]: kind for kind in shown["spaces"]}
    assert sorted(kinds) == ["accessible", "standard"]
    assert (kinds["accessible"]["total"], kinds["accessible"]["available"]) == (4, 4)
    assert (kinds["accessible"]["multiplier"], kinds["accessible"]["price_from"]) == (1.2, 600)
    assert (kinds["standard"]["multiplier"], kinds["standard"]["price_from"]) == (1.0, 500)


def test_a_kind_with_a_tariff_of_its_own_says_what_it_costs(api, lot, capacity):
    CapacityFactory(lot=lot, kind="ev", spaces=2, tariff={"version": 1, "base": {"type": "flat", "price": 300}})
    shown = api.get(f"{URL}/{lot.pk}").json()
    kinds = {kind["kind"]: kind for kind in shown["spaces"]}
    assert kinds["ev"]["price"] == ["$3.00 however long you stay."]
    assert (kinds["ev"]["has_own_tariff"], kinds["standard"]["has_own_tariff"]) == (True, False)
    assert shown["price_from"] == 300


def test_the_price_to_start_from_is_that_of_the_shortest_stay_that_is_not_free(api, lot, capacity):
    lot.tariff = {**lot.tariff, "grace_minutes": 10, "free_minutes": 30}
    lot.save()
    assert api.get(f"{URL}/{lot.pk}").json()["price_from"] == 500


def test_what_belongs_to_the_console_is_shown_to_its_staff_only(api, lot, capacity, olga, val, stan, fay):
    staff_only = {
        "status",
        "tariff",
        "pricing",
        "sign_code",
        "connected_account",
        "assumed_stay_minutes",
        "plate_days",
        "valet_minutes",
    }
    for caller in (api, api.as_(fay), api.as_(stan)):
        assert not staff_only & set(caller.get(f"{URL}/{lot.pk}").json())
        assert not staff_only & set(caller.get(URL).json()["results"][0])
    for user in (olga, val):
        assert staff_only <= set(api.as_(user).get(f"{URL}/{lot.pk}").json())


def test_only_open_lots_are_found_and_others_only_by_their_staff(api, lot, capacity, venue, olga, stan):
    LotFactory(venue=venue, name="Draft", status="draft")
    shut = LotFactory(venue=venue, name="Shut", status="closed")
    assert names(api.get(URL)) == ["North Lot"]
    for caller in (api, api.as_(stan)):
        assert caller.get(f"{URL}/{shut.pk}").status_code == 404
    assert api.as_(olga).get(f"{URL}/{shut.pk}").json()["status"] == "closed"
    assert names(api.as_(olga).get(URL, {"mine": "true"})) == ["Draft", "North Lot", "Shut"]
    assert names(api.as_(stan).get(URL, {"mine": "true"})) == []
    assert api.get(URL, {"mine": "true"}).status_code == 401
    venue.is_active = False
    venue.save()
    assert names(api.get(URL)) == []
    assert api.get(f"{URL}/{lot.pk}").status_code == 404


def test_the_nearest_comes_first_with_its_distance(api, venue):
    for name, latitude, longitude in (("Far", 40.70, -74.0), ("Near", 40.7510, -73.9940), ("Boston", 42.36, -71.06)):
        LotFactory(venue=venue, name=name, latitude=latitude, longitude=longitude)
    here = {"latitude": 40.7505, "longitude": -73.9934}
    answer = api.get(URL, here)
    assert names(answer) == ["Near", "Far"]
    near, far = (row["distance_metres"] for row in answer.json()["results"])
    assert 60 < near < 80 < 5_000 < far < 6_500
    assert names(api.get(URL, {**here, "radius": 1_000})) == ["Near"]
    assert names(api.get(URL, {**here, "radius": 400_000})) == ["Near", "Far", "Boston"]


def test_a_list_is_narrowed_by_venue_event_kind_amenities_height_and_words(api, venue, other_venue, event):
    one = LotFactory(venue=venue, name="Deck", amenities=["covered", "lit"], height_limit_cm=200, street="Pine Street")
    two = LotFactory(venue=other_venue, name="Field", amenities=["lit"], operator_name="Sunny Parking")
    CapacityFactory(lot=one, kind="ev", spaces=2)
    CapacityFactory(lot=two, kind="ev", spaces=0)
    CapacityFactory(lot=two)
    for narrowed, found in (
        ({"venue": venue.pk}, ["Deck"]),
        ({"event": event.pk}, ["Deck"]),
        ({"kind": "ev"}, ["Deck"]),
        ({"kind": "standard"}, ["Field"]),
        ({"amenities": "lit"}, ["Deck", "Field"]),
        ({"amenities": ["lit", "covered"]}, ["Deck"]),
        ({"height_cm": 200}, ["Deck", "Field"]),
        ({"height_cm": 201}, ["Field"]),
        ({"search": "pine"}, ["Deck"]),
        ({"search": "sunny"}, ["Field"]),
        ({"ordering": "-name"}, ["Field", "Deck"]),
    ):
        assert names(api.get(URL, narrowed)) == found, narrowed


def test_what_is_free_is_what_is_free_for_the_whole_window(api, lot, capacity, soon):
    reserve(capacity, soon, 2, quantity=12)
    reserve(capacity, soon + timedelta(hours=2), 2, quantity=15)
    reserve(capacity, soon + timedelta(days=1), 2, quantity=20)

    def free(starts_at, hours):
        shown = [api.get(f"{URL}/{lot.pk}", window(starts_at, hours)).json(),
                 api.get(URL, window(starts_at, hours)).json()["results"][0]]  # fmt: skip
        assert [row["available_spaces"] for row in shown] == [row["spaces"][0]["available"] for row in shown]
        assert shown[0]["available_spaces"] == shown[1]["available_spaces"]
        return shown[0]["available_spaces"]

    assert free(soon, 2) == 8
    assert free(soon + timedelta(hours=2), 1) == 5
    assert free(soon, 4) == 5, "the peak counts, not the sum"
    assert free(soon - timedelta(hours=2), 2) == 20, "until just before the start of another is beside it"
    assert free(soon, 48) == 0
    assert api.get(f"{URL}/{lot.pk}").json()["available_spaces"] == 20, "now nobody is there"


def test_now_is_what_is_there_and_held_and_blocked(api, lot, capacity):
    now = timezone.now()
    hour = timedelta(hours=1)
    taking.put(capacity, now - hour, now + hour, Purpose.SESSION, is_inside=True)
    taking.put(capacity, now - 3 * hour, now - hour, Purpose.SESSION, is_inside=True)
    taking.put(capacity, now - hour, now + hour, Purpose.HOLD, held_until=now + hour)
    taking.put(capacity, now - hour, now + hour, Purpose.HOLD, held_until=now - hour)
    taking.put(capacity, now - hour, now + hour, Purpose.BLOCK, quantity=5, reason="Works")
    taking.put(capacity, now + hour, now + 2 * hour, Purpose.RESERVATION)
    over = taking.put(capacity, now - hour, now + hour, Purpose.RESERVATION)
    taking.end(over, now)
    assert api.get(f"{URL}/{lot.pk}").json()["available_spaces"] == 20 - 1 - 1 - 1 - 5


def test_available_means_that_a_car_could_stand_there_then(api, venue, soon):
    def made(name, spaces=1, kind="standard", **fields):
        found = LotFactory(venue=venue, name=name, **fields)
        return CapacityFactory(lot=found, spaces=spaces, kind=kind)

    made("Free")
    full = made("Full then")
    reserve(full, soon, 2)
    crowded = made("Full now")
    reserve(crowded, timezone.now() - timedelta(hours=1), 2)
    made("By hours", hours=ParkingLot.Hours.CLOCK)
    made("Drive up", takes_reservations=False)
    made("Charging", kind="ev")
    made("None", spaces=0)
    everything = {"By hours", "Charging", "Drive up", "Free", "Full now", "Full then", "None"}
    for asked, found in (
        (window(soon), {"Free", "Full now", "Charging"}),
        ({**window(soon), "kind": "standard"}, {"Free", "Full now"}),
        ({**window(soon), "kind": "ev"}, {"Charging"}),
        ({}, {"Free", "Full then", "Charging", "Drive up"}),
        ({"kind": "ev"}, {"Charging"}),
    ):
        assert set(names(api.get(URL, {**asked, "available": "true"}))) == found, asked
        others = {"Charging"} if asked.get("kind") == "ev" else everything - {"None"} if "kind" in asked else everything
        if asked.get("kind") == "standard":
            others = others - {"Charging"}
        assert set(names(api.get(URL, {**asked, "available": "false"}))) == others - found, asked


def test_hours_by_the_clock_are_the_venues(api, lot, capacity, monkeypatch):
    lot.hours = ParkingLot.Hours.CLOCK
    lot.save()
    LotHours.objects.create(lot=lot, weekday=4, opens_at="18:00", closes_at="02:00")
    for moment, expected in (
        (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), False),  # Friday 17:59 in New York
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 21, 6, 59, tzinfo=UTC), True),  # Saturday 01:59
        (datetime(2026, 11, 21, 7, 0, tzinfo=UTC), False),
    ):
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        shown = api.get(f"{URL}/{lot.pk}").json()
        assert (shown["is_open"], shown["opening_hours"]) == (
            expected,
            [{"weekday": 4, "opens_at": "18:00", "closes_at": "02:00"}],
        )


def test_an_independent_lot_names_its_operator(api, lot, capacity, venue):
    account = ConnectedAccount.objects.create(
        venue_id=venue.pk, name="Sunny Ltd", provider="sandbox", country="US", default_currency="USD"
    )
    assert [api.get(f"{URL}/{lot.pk}").json()[name] for name in ("operator", "is_independent")] == [venue.name, False]
    lot.connected_account, lot.operator_name = account, "Sunny Parking"
    lot.save()
    shown = api.get(f"{URL}/{lot.pk}").json()
    assert [shown[name] for name in ("operator", "is_independent")] == ["Sunny Parking", True]


def test_a_sign_leads_to_its_lot_in_either_case(api, lot, capacity):
    for code in (lot.sign_code, lot.sign_code.lower()):
        assert api.get(f"/api/v1/parking/signs/{code}").json()["id"] == str(lot.pk)
    assert api.get("/api/v1/parking/signs/NOWHERE").status_code == 404
    ParkingLot.objects.update(status="closed")
    assert api.get(f"/api/v1/parking/signs/{lot.sign_code}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"starts_at": "2030-01-01T10:00:00Z"}, "ends_at", "required"),
        ({"ends_at": "2030-01-01T10:00:00Z"}, "starts_at", "required"),
        ({"starts_at": "2020-01-01T10:00:00Z", "ends_at": "2020-01-01T12:00:00Z"}, "starts_at", "in_the_past"),
        ({"starts_at": "soon", "ends_at": "2030-01-01T12:00:00Z"}, "starts_at", "invalid"),
        ({"kind": "flying"}, "kind", "invalid_choice"),
        ({"amenities": "pool"}, "amenities", "invalid_choice"),
        ({"height_cm": "tall"}, "height_cm", "invalid"),
        ({"height_cm": 1}, "height_cm", "min_value"),
        ({"latitude": 40}, "longitude", "required"),
        ({"radius": 40}, "radius", "required"),
        ({"latitude": 91, "longitude": 0}, "latitude", "max_value"),
        ({"available": "maybe"}, "available", "invalid"),
        ({"event": "0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60"}, "event", "not_found"),
        ({"venue": "somewhere"}, "venue", "invalid"),
        ({"ordering": "tariff"}, "ordering", "unknown_ordering"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(api, lot, asked, field, code):
    answer = api.get(URL, asked)
    assert answer.status_code == 422, answer.content
    assert (field, code) in [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


def test_a_window_that_is_none_is_refused_on_the_page_of_a_lot_too(api, lot, capacity, soon):
    backwards = {"starts_at": soon.isoformat(), "ends_at": (soon - timedelta(hours=1)).isoformat()}
    for path in (URL, f"{URL}/{lot.pk}"):
        details = api.get(path, backwards).json()["error"]["details"]
        assert [(each["field"], each["code"]) for each in details] == [("ends_at", "not_after_start")]


def test_a_draft_event_is_nobodys_to_search_by(api, lot, venue, olga):
    draft = EventFactory(venue=venue, status="draft")
    assert api.get(URL, {"event": draft.pk}).status_code == 422
    assert names(api.as_(olga).get(URL, {"event": draft.pk})) == ["North Lot"]


def fill(venue, count):
    for _ in range(count):
        lot = LotFactory(venue=venue, hours="clock")
        for weekday in range(7):
            LotHours.objects.create(lot=lot, weekday=weekday, opens_at="00:00", closes_at="00:00")
        LotPhoto.objects.create(lot=lot, picture="parking/lots/one.jpg")
        for kind in ("standard", "ev", "valet"):
            reserve(CapacityFactory(lot=lot, kind=kind), timezone.now(), 3)


def test_a_list_costs_the_same_however_long(api, venue, soon, django_assert_num_queries):
    fill(venue, 2)
    near = {"latitude": 40.7505, "longitude": -73.9934}
    for _ in range(2):
        # Count, lots, their kinds, hours and pictures, and what is taken; with `available` the kinds of all that match,
        # what is taken of them, those with room and their hours.
        with django_assert_num_queries(6):
            assert api.get(URL, {**near, **window(soon)}).json()["results"]
        with django_assert_num_queries(10):
            assert api.get(URL, {**near, **window(soon), "available": "true", "kind": "ev"}).json()["results"]
        path = f"{URL}/{ParkingLot.objects.first().pk}"
        with django_assert_num_queries(5):
            assert api.get(path).status_code == 200
        fill(venue, 9)


def test_the_schemas_are_published(api):
    rates = api.get("/api/v1/parking/rates/schema").json()
    pricing = api.get("/api/v1/parking/pricing/schema").json()
    assert {rates["$schema"], pricing["$schema"]} == {"https://json-schema.org/draft/2020-12/schema"}
    assert "base" in rates["properties"]
    assert "floor_percent" in str(pricing)
