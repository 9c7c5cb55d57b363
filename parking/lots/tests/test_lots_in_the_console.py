"""Lots in the console: drawn up, priced, opened, blocked; and what a tariff means before it is saved."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from parking.models import ParkingCapacity, ParkingLot, ParkingSpace, PriceChange, SpaceUse
from parking.spaces import taking
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url
from venues.models import Venue

PRICING = {
    "version": 1, "floor_percent": 70, "cap_percent": 200, "step_percent": 10, "max_change_per_hour_percent": 30,
    "review_minutes": 15, "occupancy": [{"from_percent": 80, "move": "up"}, {"from_percent": 0, "move": "hold"}],
}  # fmt: skip
NUMBERS = {
    "quote_minutes": 10, "early_entry_minutes": 30, "no_show_minutes": "", "cancel_free_minutes": 60, "cancel_fee": "",
    "assumed_stay_minutes": 240, "exit_grace_minutes": 15, "overstay_percent": 150, "overstay_grace_minutes": 10,
    "lost_ticket_price": "", "plate_days": 30, "valet_minutes": 10,
    "latitude": 40.75, "longitude": -73.99, "hours": "always",
}  # fmt: skip


def inline(prefix: str, *rows: dict[str, Any], known: int = 0) -> dict[str, Any]:
    """What a browser sends of an inline."""
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": known}
    return sent | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def typed(lot: ParkingLot | None = None, **fields: Any) -> dict[str, Any]:
    """A filled-in form of a lot, its kinds, hours and pictures as they are unless said otherwise."""
    kinds = list(lot.capacities.all()) if lot else []
    sent: dict[str, Any] = NUMBERS | inline(
        "capacities", *({"id": each.pk, "lot": lot.pk, "spaces": each.spaces} for each in kinds), known=len(kinds)
    )
    sent |= inline("opening_hours") | inline("photos")
    if lot:
        sent |= {"name": lot.name, "slug": lot.slug, "tariff": json.dumps(lot.tariff), "has_barrier": "on"}
        sent |= {"takes_reservations": "on", "takes_drive_ups": "on"}
    return sent | fields


# -- Drawn up --


def test_a_lot_is_drawn_up_with_its_spaces_and_hours(venue: Venue, olga: User) -> None:
    asked = typed(venue=venue.pk, name="South Lot", hours="clock", cancel_fee="2.50", amenities=["lit", "cctv"])
    asked |= inline("capacities", {"kind": "standard", "spaces": 40}, {"kind": "ev", "spaces": 4})
    asked |= inline("opening_hours", {"weekday": 4, "opens_at": "18:00", "closes_at": "02:00"})

    response = as_(olga).post(url(ParkingLot, "add"), asked)

    assert response.status_code == 302, errors_of(response)
    lot = ParkingLot.objects.get()
    assert (lot.name, lot.slug, lot.status, lot.cancel_fee) == ("South Lot", "south-lot", "draft", 250)
    assert (lot.lost_ticket_price, lot.tariff, lot.amenities) == (None, {}, ["lit", "cctv"])
    assert dict(lot.capacities.values_list("kind", "spaces")) == {"standard": 40, "ev": 4}
    assert lot.opening_hours.get().weekday == 4
    assert AuditLog.objects.filter(action="parking_lot.created", actor=olga).exists()


def test_what_is_not_changed_stays_and_the_rest_is_saved(
    lot: ParkingLot, capacity: ParkingCapacity, olga: User
) -> None:
    tariff = lot.tariff
    asked = typed(lot, lost_ticket_price="30", name="North Lot and Deck")
    asked["capacities-0-spaces"] = 25

    response = as_(olga).post(url(ParkingLot, "change", lot.pk), asked)

    assert response.status_code == 302, errors_of(response)
    lot.refresh_from_db()
    assert (lot.name, lot.lost_ticket_price, lot.tariff) == ("North Lot and Deck", 3_000, tariff)
    assert lot.capacities.get().spaces == 25
    assert not AuditLog.objects.filter(action="parking_lot.changed", new_values__has_key="tariff").exists()


def test_a_broken_tariff_is_refused_at_its_field_with_the_path(
    lot: ParkingLot, capacity: ParkingCapacity, olga: User
) -> None:
    before = lot.tariff
    broken = before | {"base": before["base"] | {"every": {"minutes": 30, "price": -200}}}

    response = as_(olga).post(url(ParkingLot, "change", lot.pk), typed(lot, tariff=json.dumps(broken)))

    assert response.status_code == 200
    said = response.context["adminform"].form.errors
    assert list(said) == ["tariff"]
    assert "tariff.base.every.price: " in said["tariff"][0]
    assert "-200" in response.content.decode()
    lot.refresh_from_db()
    assert lot.tariff == before


def test_a_cap_below_the_floor_is_refused_at_its_field(lot: ParkingLot, capacity: ParkingCapacity, olga: User) -> None:
    broken = PRICING | {"cap_percent": 50}
    response = as_(olga).post(url(ParkingLot, "change", lot.pk), typed(lot, pricing=json.dumps(broken)))
    assert "pricing.cap_percent" in response.context["adminform"].form.errors["pricing"][0]


def test_what_is_no_json_is_refused_with_its_line(lot: ParkingLot, capacity: ParkingCapacity, olga: User) -> None:
    response = as_(olga).post(url(ParkingLot, "change", lot.pk), typed(lot, tariff='{"version": 1,\n}'))
    assert "at line 2, column 1" in response.context["adminform"].form.errors["tariff"][0]


def test_fewer_spaces_than_are_taken_are_refused(lot: ParkingLot, capacity: ParkingCapacity, olga: User) -> None:
    now = timezone.now()
    for _ in range(3):
        taking.put(capacity, now, now + timedelta(hours=1), taking.Purpose.SESSION, is_inside=True)
    asked = typed(lot)
    asked["capacities-0-spaces"] = 2

    response = as_(olga).post(url(ParkingLot, "change", lot.pk), asked)

    assert "3 Standard spaces are reserved, taken or blocked" in errors_of(response)
    capacity.refresh_from_db()
    assert capacity.spaces == 20


def test_a_kind_gets_a_tariff_of_its_own_and_gives_it_up(capacity: ParkingCapacity, olga: User) -> None:
    own = {"version": 1, "base": {"type": "flat", "price": 2_000}}
    client, page = as_(olga), url(ParkingCapacity, "change", capacity.pk)

    assert client.post(page, {"spaces": 20, "tariff": json.dumps(own)}).status_code == 302
    capacity.refresh_from_db()
    assert capacity.tariff == own
    assert "$20.00" in client.get(page).content.decode()

    client.post(page, {"spaces": 20, "tariff": ""})
    capacity.refresh_from_db()
    assert capacity.tariff == {}
    assert "the lot&#x27;s is asked" in client.get(page).content.decode()


# -- What it means --


def test_the_page_says_the_tariff_in_words_and_figures(lot: ParkingLot, capacity: ParkingCapacity, olga: User) -> None:
    text = as_(olga).get(url(ParkingLot, "change", lot.pk)).content.decode()
    for expected in ("$5.00 for the first hour, then $2.00 for each 30 minutes begun.", "3 hours", "$13.00"):
        assert expected in text


def test_what_is_typed_is_shown_before_it_is_saved(lot: ParkingLot, olga: User) -> None:
    before = AuditLog.objects.count()
    address = reverse("admin:parking_parkinglot_preview_row", args=[lot.pk])
    asked = {"preview": "tariff", "tariff": '{"version": 1, "base": {"type": "flat", "price": 1234}}'}

    part = as_(olga).post(address, asked, HTTP_X_PREVIEW_PART="1").content.decode()
    page = as_(olga).post(address, asked).content.decode()

    assert "$12.34" in part
    assert "<html" not in part
    assert "$12.34" in page
    assert "Nothing was saved." in page
    lot.refresh_from_db()
    assert lot.tariff["base"]["type"] == "interval"
    assert AuditLog.objects.count() == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"preview": "tariff", "tariff": '{"version": 1, "base": {"type": "flat", "price": -1}}'}, "tariff.base.price"),
        ({"preview": "tariff", "tariff": "{"}, "This is not JSON"),
        ({"preview": "tariff", "tariff": ""}, "Without a tariff"),
        ({"preview": "pricing", "pricing": json.dumps(PRICING)}, "at or over 80 %"),
        ({"preview": "pricing", "pricing": json.dumps(PRICING | {"cap_percent": 50})}, "pricing.cap_percent"),
        ({"preview": "pricing", "pricing": "{}"}, "Prices do not move"),
    ],
)
def test_a_preview_says_what_is_wrong_where(lot: ParkingLot, olga: User, asked: dict[str, str], said: str) -> None:
    assert (
        said in as_(olga).post(reverse("admin:parking_parkinglot_preview_row", args=[lot.pk]), asked).content.decode()
    )


def test_a_new_lot_is_previewed_in_the_currency_of_its_venue(venue: Venue, olga: User) -> None:
    Venue.objects.update(currency="EUR")
    asked = {
        "preview": "tariff",
        "tariff": '{"version": 1, "base": {"type": "flat", "price": 1234}}',
        "venue": venue.pk,
    }
    assert "€12.34" in as_(olga).post(reverse("admin:parking_parkinglot_preview_new"), asked).content.decode()


def test_a_preview_is_asked_for_by_post_alone_and_for_known_fields(lot: ParkingLot, olga: User) -> None:
    address = reverse("admin:parking_parkinglot_preview_row", args=[lot.pk])
    assert as_(olga).get(address).status_code == 405
    assert as_(olga).post(address, {"preview": "name", "name": "x"}).status_code == 404


def test_the_page_says_how_prices_moved_and_why(lot: ParkingLot, capacity: ParkingCapacity, olga: User) -> None:
    ParkingCapacity.objects.update(multiplier_ppm=1_200_000)
    PriceChange.objects.create(
        capacity=capacity, at=timezone.now(), old_ppm=1_100_000, new_ppm=1_200_000, words="Occupancy is 86 %: 10 % up."
    )
    text = as_(olga).get(url(ParkingLot, "change", lot.pk)).content.decode()
    for expected in ("× 1.2", "× 1.1 → × 1.2", "Occupancy is 86 %: 10 % up."):
        assert expected in text


# -- Buttons --


def test_a_lot_is_opened_once_it_is_ready_and_closed(lot: ParkingLot, olga: User, val: User) -> None:
    ParkingLot.objects.update(status="draft", tariff={})
    lot.refresh_from_db()
    said = press(olga, lot, "open")
    assert "not ready" in said
    assert "Say what a stay costs." in said
    assert "Say how many spaces of which kind there are." in said

    ParkingCapacity.objects.create(lot=lot, kind="standard", spaces=5)
    ParkingLot.objects.update(tariff={"version": 1, "base": {"type": "flat", "price": 100}})
    assert press(olga, lot, "open") == "North Lot is open."
    assert press(olga, lot, "close") == "North Lot is closed."
    lot.refresh_from_db()
    assert lot.status == "closed"
    assert not buttons_on(val, lot) & {"open", "close", "numbers"}


def test_spaces_are_blocked_by_the_venues_clock_and_given_back(
    lot: ParkingLot, capacity: ParkingCapacity, val: User
) -> None:
    tomorrow = (timezone.now().astimezone(lot.zone) + timedelta(days=1)).replace(
        hour=18, minute=0, second=0, microsecond=0
    )
    wall = "%Y-%m-%dT%H:%M"
    assert "lift" not in buttons_on(val, lot)

    press(
        val, lot, "block", kind=str(capacity.pk), quantity=6, reason="TV trucks", starts_at=tomorrow.strftime(wall),
        ends_at=(tomorrow + timedelta(hours=4)).strftime(wall),
    )  # fmt: skip

    use = SpaceUse.objects.get(purpose="block")
    assert (use.starts_at, use.quantity, use.reason) == (tomorrow, 6, "TV trucks")
    assert "TV trucks" in as_(val).get(url(ParkingLot, "change", lot.pk)).content.decode()
    assert press(val, lot, "lift", block=str(use.pk)) == "The block at North Lot is lifted."
    use.refresh_from_db()
    assert not use.is_active


def test_more_than_is_free_is_not_blocked(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    ends_at = (timezone.now().astimezone(lot.zone) + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M")
    said = press(val, lot, "block", kind=str(capacity.pk), quantity=21, reason="TV trucks", ends_at=ends_at)
    assert "Only 20 Standard spaces are left" in said
    assert not SpaceUse.objects.exists()


def test_the_hour_that_summer_time_skips_is_refused(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    asked = {"kind": str(capacity.pk), "quantity": 1, "reason": "Works", "ends_at": "2027-03-14T02:30"}
    response = as_(val).post(url(ParkingLot, "button", lot.pk, "block"), asked)
    assert "ends_at" in response.context["form"].errors
    assert not SpaceUse.objects.exists()


def test_spaces_are_numbered_in_a_row(lot: ParkingLot, olga: User) -> None:
    asked = {"begins_with": "A-", "first": 1, "last": 12, "width": 3, "kind": "ev", "level": "P1"}
    press(olga, lot, "numbers", **asked)
    assert list(ParkingSpace.objects.order_by("number").values_list("number", flat=True))[::11] == ["A-001", "A-012"]
    assert "already has a space A-001" in press(olga, lot, "numbers", **asked)
    assert ParkingSpace.objects.count() == 12


def test_one_space_is_numbered_and_taken_out_of_use(lot: ParkingLot, olga: User) -> None:
    client = as_(olga)
    client.post(url(ParkingSpace, "add"), {"lot": lot.pk, "number": " P 7 ", "kind": "standard", "is_active": "on"})
    space = ParkingSpace.objects.get()
    assert space.number == "P 7"
    client.post(url(ParkingSpace, "change", space.pk), {"number": "P 7", "kind": "standard"})
    space.refresh_from_db()
    assert not space.is_active


def test_attendants_read_prices_and_change_none(lot: ParkingLot, capacity: ParkingCapacity, val: User) -> None:
    text = as_(val).get(url(ParkingLot, "change", lot.pk)).content.decode()
    assert "$5.00 for the first hour" in text
    assert "Preview what is typed" not in text
    assert as_(val).post(url(ParkingLot, "change", lot.pk), typed(lot)).status_code == 403


def test_the_venue_of_a_lot_is_chosen_once(lot: ParkingLot, olga: User, other_venue: Venue) -> None:
    as_(olga).post(url(ParkingLot, "change", lot.pk), typed(lot, venue=other_venue.pk, name="Moved"))
    lot.refresh_from_db()
    assert (lot.name, lot.venue.name) == ("Moved", "Garden Arena")


def test_an_open_lot_gets_its_hours_before_it_goes_by_them(
    lot: ParkingLot, capacity: ParkingCapacity, olga: User
) -> None:
    hours = inline("opening_hours", {"weekday": 0, "opens_at": "06:00", "closes_at": "23:00"})
    page, client = url(ParkingLot, "change", lot.pk), as_(olga)

    assert "Say when cars may come in" in errors_of(client.post(page, typed(lot, hours="clock") | hours))
    assert not lot.opening_hours.exists()

    client.post(page, typed(lot) | hours)
    span = lot.opening_hours.get()
    assert (f"{span.opens_at:%H:%M}", f"{span.closes_at:%H:%M}") == ("06:00", "23:00")
    known = {"id": span.pk, "lot": lot.pk, "weekday": 0, "opens_at": "06:00", "closes_at": "23:00"}
    assert client.post(page, typed(lot, hours="clock") | inline("opening_hours", known, known=1)).status_code == 302

    known["DELETE"] = "on"
    asked = typed(lot, hours="clock") | inline("opening_hours", known, known=1)
    assert "Say when cars may come in" in errors_of(client.post(page, asked))
    assert client.post(page, typed(lot, hours="always") | inline("opening_hours", known, known=1)).status_code == 302
    assert not lot.opening_hours.exists()
