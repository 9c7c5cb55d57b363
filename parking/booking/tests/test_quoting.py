"""A quote says what a space costs for a window, why, and until when that holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from parking.booking import quoting
from parking.booking.models import ParkingOffer
from parking.booking.tests.booked import QUOTES, ask, held, offered, tomorrow
from parking.models import LotHours, ParkingLot, PriceChange, Vehicle
from trufan.testing import EventFactory

pytestmark = pytest.mark.django_db


def problems(answer):
    return {each["field"]: each["code"] for each in answer.json()["error"]["details"]}


def test_anybody_gets_a_price_with_its_parts_and_its_reasons(api, capacity):
    answer = api.post(QUOTES, ask(capacity, tomorrow(), plate="abc-1234"))
    assert answer.status_code == 201
    quote = answer.json()
    # Four hours: 5.00 for the first, then six half hours for 2.00.
    assert (quote["price"], quote["currency"], quote["available"], quote["multiplier"]) == (1_700, "USD", 20, 1.0)
    assert sum(part["amount"] for part in quote["parts"]) == quote["price"]
    assert quote["explanation"][0] == "$5.00 for the first hour, then $2.00 for each 30 minutes begun."
    assert quote["plate"] == "ABC-1234"
    assert api.get(f"{QUOTES}/{quote['id']}").json()["price"] == 1_700


def test_a_quote_holds_the_price_of_its_moment(api, fay, capacity):
    offer = offered(capacity, fay)
    capacity.multiplier_ppm = 2_000_000
    capacity.save()
    ParkingLot.objects.filter(pk=capacity.lot_id).update(tariff={"version": 1, "base": {"type": "flat", "price": 1}})
    items = [{"type": "parking", "id": str(offer.pk), "quantity": 1}]
    assert api.as_(fay).post("/api/v1/orders", {"items": items}).json()["subtotal"] == 1_700


def test_a_moved_price_is_explained(api, capacity):
    capacity.multiplier_ppm = 1_200_000
    capacity.save()
    words = "Occupancy is 86 %, at or over 80 %: 20 % up, to 1.2 times the base price."
    PriceChange.objects.create(capacity=capacity, at=timezone.now(), old_ppm=1_000_000, new_ppm=1_200_000, words=words)
    quote = api.post(QUOTES, ask(capacity, tomorrow())).json()
    assert (quote["price"], quote["multiplier"], quote["explanation"][-1]) == (2_040, 1.2, words)


def test_an_event_has_a_price_of_its_own(api, lot, capacity, venue):
    lot.tariff["event"] = {"price": 3_000, "minutes_before_doors": 120, "minutes_after_end": 60}
    lot.save()
    begins = tomorrow(20)
    event = EventFactory(
        venue=venue, starts_at=begins, doors_at=begins - timedelta(hours=1), ends_at=begins + timedelta(hours=3)
    )
    for more in ({}, {"event": str(event.pk)}):
        quote = api.post(QUOTES, ask(capacity, begins - timedelta(hours=2), hours=5.5, **more)).json()
        assert quote["price"] == 3_000
    elsewhere = api.post(QUOTES, ask(capacity, begins, event=str(EventFactory().pk)))
    assert (elsewhere.status_code, problems(elsewhere)) == (422, {"event": "not_found"})


@pytest.mark.parametrize(
    ("begins", "hours", "more", "expected"),
    [
        (24, 0, {}, {"ends_at": "not_after_start"}),
        (24, -2, {}, {"ends_at": "not_after_start"}),
        (-2, 5, {}, {"starts_at": "in_the_past"}),
        (24, 24 * 61, {}, {"ends_at": "too_long"}),
        (24 * 500, 2, {}, {"starts_at": "too_far_away"}),
        (24, 2, {"kind": "valet"}, {"kind": "no_such_kind"}),
        (24, 2, {"kind": "cellar"}, {"kind": "invalid_choice"}),
        (24, 2, {"plate": "*"}, {"plate": "invalid_plate"}),
        (24, 2, {"height_cm": 230}, {"height_cm": "too_high"}),
        (24, 2, {"starts_at": "soon"}, {"starts_at": "invalid"}),
        (24, 2, {"vehicle": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"}, {"vehicle": "not_found"}),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(api, lot, capacity, begins, hours, more, expected):
    lot.height_limit_cm = 210
    lot.save()
    answer = api.post(QUOTES, {**ask(capacity, timezone.now() + timedelta(hours=begins), hours), **more})
    assert (answer.status_code, problems(answer)) == (422, expected)
    assert not ParkingOffer.objects.exists()


def test_a_fans_own_vehicle_says_its_plate(api, fay, capacity):
    car = Vehicle(user=fay)
    car.set_plate("XYZ 987")
    car.save()
    quote = api.as_(fay).post(QUOTES, ask(capacity, tomorrow(), vehicle=str(car.pk))).json()
    assert quote["plate"] == "XYZ 987"


def test_a_vehicle_says_how_high_it_is_and_stands_in_place_of_a_plate(api, fay, lot, capacity):
    lot.height_limit_cm = 210
    lot.save()
    car = Vehicle(user=fay, height_cm=230)
    car.set_plate("XYZ 987")
    car.save()
    too_high = api.as_(fay).post(QUOTES, ask(capacity, tomorrow(), vehicle=str(car.pk)))
    assert (too_high.status_code, problems(too_high)) == (422, {"vehicle": "too_high"})
    both = api.as_(fay).post(QUOTES, ask(capacity, tomorrow(), vehicle=str(car.pk), plate="ABC 1"))
    assert (both.status_code, problems(both)) == (422, {"vehicle": "invalid"})


def test_a_lot_that_takes_no_reservations_gives_no_price(api, lot, capacity):
    def code(**more):
        for name, value in more.items():
            setattr(lot, name, value)
        lot.save()
        answer = api.post(QUOTES, ask(capacity, tomorrow()))
        return answer.status_code, answer.json()["error"]["code"]

    assert code(takes_reservations=False) == (409, "lot_not_open")
    assert code(takes_reservations=True, status="closed") == (409, "lot_not_open")
    assert code(status="draft") == (404, "not_found")
    lot.venue.is_active = False
    lot.venue.save()
    assert code(status="open") == (404, "not_found")
    assert not ParkingOffer.objects.exists()


def test_cars_come_in_during_the_hours_of_the_lot(api, lot, capacity):
    LotHours.objects.create(lot=lot, weekday=(tomorrow().weekday() + 3) % 7, opens_at="08:00", closes_at="20:00")
    lot.hours = "clock"
    lot.save()
    answer = api.post(QUOTES, ask(capacity, tomorrow()))
    assert (answer.status_code, problems(answer)) == (422, {"starts_at": "lot_not_open"})
    # Out they drive whenever they like.
    open_then = tomorrow(17) + timedelta(days=3)
    assert api.post(QUOTES, ask(capacity, open_then, hours=20)).status_code == 201


def test_a_time_without_an_offset_is_by_the_clocks_of_the_venue(api, capacity):
    begins = (timezone.now() + timedelta(days=10)).date()
    body = {**ask(capacity, tomorrow()), "starts_at": f"{begins}T18:00:00", "ends_at": f"{begins}T22:00:00"}
    quote = api.post(QUOTES, body).json()
    starts_at = datetime.fromisoformat(quote["starts_at"]).astimezone(capacity.lot.zone)
    assert (starts_at.date(), starts_at.hour, quote["price"]) == (begins, 18, 1_700)


def test_one_address_asks_for_so_many_quotes_a_minute(api, capacity, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "parking_quote": 2}
    codes = [api.post(QUOTES, ask(capacity, tomorrow())).status_code for _ in range(3)]
    assert codes == [201, 201, 429]
    assert ParkingOffer.objects.count() == 2


def test_where_nothing_is_left_there_is_no_quote(api, fay, capacity):
    capacity.spaces = 1
    capacity.save()
    held(fay, capacity)
    answer = api.post(QUOTES, ask(capacity, tomorrow(19)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_space")
    assert api.post(QUOTES, ask(capacity, tomorrow(22))).status_code == 201


def test_a_quote_of_a_person_is_nobody_elses(api, fay, stan, capacity):
    offer = offered(capacity, fay)
    assert api.as_(fay).get(f"{QUOTES}/{offer.pk}").status_code == 200
    assert api.as_(stan).get(f"{QUOTES}/{offer.pk}").status_code == 404
    assert api.get(f"{QUOTES}/{offer.pk}").status_code == 404


def test_quotes_that_nobody_took_are_forgotten(fay, capacity):
    kept, gone = held(fay, capacity), offered(capacity)
    later = timezone.now() + timedelta(days=2)
    assert quoting.forget_unsold(later) == 1
    assert not ParkingOffer.objects.filter(pk=gone.pk).exists()
    assert ParkingOffer.objects.filter(pk=kept.items.get().item_id).exists()
