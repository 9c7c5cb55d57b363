"""A client sets up a lot from nothing and opens it; what is broken cannot be saved, and nobody else touches it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.lots import hours, setting_up
from parking.lots.examples import LOT_REQUEST, PRICING, TARIFF
from parking.models import LotHours, ParkingCapacity, ParkingLot
from parking.spaces import taking
from payments.models import ConnectedAccount
from trufan.lib.errors import Conflict
from trufan.testing import CapacityFactory, LotFactory

API = "/api/v1/parking"
URL = f"{API}/lots"


def problems(answer, status=422):
    assert answer.status_code == status, answer.content
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


@pytest.fixture
def least(venue):
    """What a lot is made of at least."""
    return {"venue": str(venue.pk), "name": "North Lot", "latitude": 40.751, "longitude": -73.994}


def test_a_lot_from_nothing_to_the_first_car(api, olga, fay, venue):
    staff = api.as_(olga)
    asked = {**LOT_REQUEST, "venue": str(venue.pk), "pricing": PRICING}
    made = staff.post(URL, asked, HTTP_IDEMPOTENCY_KEY="one")
    assert made.status_code == 201, made.content
    lot = made.json()
    assert staff.post(URL, asked, HTTP_IDEMPOTENCY_KEY="one").json() == lot
    assert ParkingLot.objects.count() == 1
    assert (lot["status"], lot["slug"], lot["is_open"], lot["total_spaces"]) == ("draft", "north-lot", False, 0)
    assert (lot["tariff"], lot["pricing"], len(lot["sign_code"])) == (TARIFF, PRICING, 6)
    path = f"{URL}/{lot['id']}"
    assert api.get(path).status_code == 404
    assert problems(staff.post(f"{path}/open"), 409) == [("capacities", "required")]
    assert staff.put(f"{path}/capacities/standard", {"spaces": 120}).status_code == 200
    opened = staff.post(f"{path}/open")
    assert (opened.status_code, opened.json()["status"]) == (200, "open")
    assert staff.post(f"{path}/open").json()["status"] == "open"
    assert api.as_(fay).get(path).json()["total_spaces"] == 120
    entries = AuditLog.objects.filter(venue_id=venue.pk, actor=olga).order_by("created_at")
    assert [each.action for each in entries] == [
        "parking_lot.created", "parking_capacity.created", "parking_lot.opened",
    ]  # fmt: skip


def test_opening_names_everything_that_is_missing(api, olga, least):
    lot = api.as_(olga).post(URL, {**least, "hours": "clock"}).json()
    answer = api.as_(olga).post(f"{URL}/{lot['id']}/open")
    assert answer.json()["error"]["code"] == "lot_not_ready"
    assert [field for field, _ in problems(answer, 409)] == [
        "tariff", "capacities", "overstay_percent", "opening_hours",
    ]  # fmt: skip
    assert ParkingLot.objects.get().status == "draft"
    assert not AuditLog.objects.filter(action="parking_lot.opened").exists()


def test_who_takes_nobody_who_pays_ahead_needs_no_price_for_staying_on(api, olga, least):
    asked = {**least, "tariff": TARIFF, "takes_reservations": False, "takes_drive_ups": False}
    lot = api.as_(olga).post(URL, asked).json()
    CapacityFactory(lot_id=lot["id"])
    assert api.as_(olga).post(f"{URL}/{lot['id']}/open").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tariff": {}}, "tariff"),
        ({"overstay_percent": None}, "overstay_percent"),
        ({"hours": "clock"}, "opening_hours"),
    ],
)
def test_an_open_lot_keeps_what_it_needs(api, olga, lot, capacity, change, field):
    before = ParkingLot.objects.values().get()
    assert problems(api.as_(olga).patch(f"{URL}/{lot.pk}", change), 409) == [(field, "required")]
    assert ParkingLot.objects.values().get() == before
    api.as_(olga).post(f"{URL}/{lot.pk}/close")
    assert api.as_(olga).patch(f"{URL}/{lot.pk}", change).status_code == 200
    assert problems(api.as_(olga).post(f"{URL}/{lot.pk}/open"), 409) == [(field, "required")]


def test_a_lot_is_closed_and_opened_again(api, olga, lot, capacity):
    path = f"{URL}/{lot.pk}"
    for _ in range(2):
        shown = api.as_(olga).post(f"{path}/close").json()
        assert (shown["status"], shown["is_open"]) == ("closed", False)
    assert api.get(path).status_code == 404
    assert api.as_(olga).post(f"{path}/open").json()["is_open"] is True
    assert AuditLog.objects.filter(action="parking_lot.closed", actor=olga).count() == 1
    draft = LotFactory(venue=lot.venue, status="draft")
    answer = api.as_(olga).post(f"{URL}/{draft.pk}/close")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "invalid_state")


def test_changes_are_recorded_and_only_changes(api, olga, lot, capacity):
    change = {"exit_grace_minutes": 20, "amenities": ["lit", "covered", "lit"], "cancel_fee": 300}
    for _ in range(2):
        answer = api.as_(olga).patch(f"{URL}/{lot.pk}", change)
        assert answer.status_code == 200, answer.content
        assert answer.json()["amenities"] == ["covered", "lit"]
    entry = AuditLog.objects.get(action="parking_lot.changed")
    assert entry.new_values == {"exit_grace_minutes": 20, "amenities": ["covered", "lit"], "cancel_fee": 300}
    assert (entry.old_values["exit_grace_minutes"], entry.actor, entry.venue_id) == (15, olga, lot.venue_id)


def test_opening_hours_are_replaced_as_a_whole(api, olga, lot, capacity):
    new = [{"weekday": 5, "opens_at": "18:00", "closes_at": "02:00"}]
    shown = api.as_(olga).patch(f"{URL}/{lot.pk}", {"hours": "clock", "opening_hours": new}).json()
    assert (shown["hours"], shown["opening_hours"]) == ("clock", new)
    assert AuditLog.objects.get(action="parking_lot.hours_changed").new_values == {"hours": ["5 18:00 to 02:00"]}
    assert problems(api.as_(olga).patch(f"{URL}/{lot.pk}", {"opening_hours": []}), 409) == [
        ("opening_hours", "required")
    ]
    assert LotHours.objects.count() == 1


def test_the_console_edits_hours_one_by_one(olga, lot, capacity):
    lot.hours = ParkingLot.Hours.CLOCK
    lot.save()
    span = hours.add(lot, olga, weekday=0, opens_at="08:00", closes_at="20:00")
    hours.change(span, olga, closes_at="22:00")
    assert [f"{each:}" for each in LotHours.objects.values_list("closes_at", flat=True)] == ["22:00:00"]
    with pytest.raises(Conflict):
        hours.remove(LotHours.objects.get(), olga)
    hours.add(lot, olga, weekday=1, opens_at="08:00", closes_at="20:00")
    hours.remove(LotHours.objects.get(weekday=0), olga)
    assert LotHours.objects.get().weekday == 1
    assert AuditLog.objects.filter(action="parking_lot.hours_changed").count() == 4


# -- What is broken --

BROKEN_TARIFFS = [
    ({"version": 1}, "tariff.base"),
    ({**TARIFF, "minimum": -1}, "tariff.minimum"),
    ({"version": 1, "base": {"type": "flat", "price": -5}}, "tariff.base.price"),
    (
        {"version": 1, "base": {"type": "tiers", "then": {"minutes": 60, "price": 1}, "tiers": [
            {"up_to_minutes": 60, "price": 500}, {"up_to_minutes": 60, "price": 600}]}},
        "tariff.base.tiers[1].up_to_minutes",
    ),
    ({**TARIFF, "discount": 1}, "tariff.discount"),
    ([], "tariff"),
    ("cheap", "tariff"),
]  # fmt: skip
BROKEN_PRICING = [
    ({**PRICING, "cap_percent": 60}, "pricing."),
    ({**PRICING, "step_percent": 0}, "pricing.step_percent"),
    ({**PRICING, "occupancy": [{"from_percent": 80, "move": "up"}]}, "pricing.occupancy"),
    ({"version": 1}, "pricing."),
    ([1], "pricing"),
]


@pytest.mark.parametrize(("tariff", "field"), BROKEN_TARIFFS)
def test_a_broken_tariff_cannot_be_saved_anywhere(api, olga, least, lot, capacity, tariff, field):
    staff, before = api.as_(olga), ParkingLot.objects.values().get()
    for answer in (
        staff.post(URL, {**least, "name": "Other", "tariff": tariff}),
        staff.patch(f"{URL}/{lot.pk}", {"tariff": tariff}),
        staff.put(f"{URL}/{lot.pk}/capacities/standard", {"spaces": 20, "tariff": tariff}),
        staff.put(f"{URL}/{lot.pk}/capacities/ev", {"spaces": 20, "tariff": tariff}),
        staff.post(f"{URL}/{lot.pk}/rates/preview", {"tariff": tariff}),
    ):
        assert field in [each for each, _ in problems(answer)]
    assert ParkingLot.objects.values().get() == before
    assert ParkingCapacity.objects.get().tariff == {}


@pytest.mark.parametrize(("pricing", "field"), BROKEN_PRICING)
def test_a_broken_pricing_cannot_be_saved(api, olga, least, lot, pricing, field):
    for answer in (
        api.as_(olga).post(URL, {**least, "name": "Other", "pricing": pricing}),
        api.as_(olga).patch(f"{URL}/{lot.pk}", {"pricing": pricing}),
    ):
        assert any(each.startswith(field) for each, _ in problems(answer))
    assert ParkingLot.objects.get().pricing == {}


def test_every_problem_of_tariff_and_pricing_is_told_at_once(api, olga, lot, capacity):
    change = {"tariff": {"version": 1}, "pricing": {**PRICING, "step_percent": 0}, "amenities": ["pool"]}
    found = [field for field, _ in problems(api.as_(olga).patch(f"{URL}/{lot.pk}", change))]
    assert found == ["amenities[0]"], "what has no form is refused first"
    del change["amenities"]
    found = [field for field, _ in problems(api.as_(olga).patch(f"{URL}/{lot.pk}", change))]
    assert found == ["tariff.base", "pricing.step_percent"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"slug": "not a slug"}, "slug"),
        ({"latitude": 91}, "latitude"),
        ({"longitude": "west"}, "longitude"),
        ({"country": "ZZ"}, "country"),
        ({"height_limit_cm": 20}, "height_limit_cm"),
        ({"amenities": ["pool"]}, "amenities[0]"),
        ({"hours": "never"}, "hours"),
        ({"opening_hours": [{"weekday": 7, "opens_at": "08:00", "closes_at": "09:00"}]}, "opening_hours[0].weekday"),
        ({"quote_minutes": 0}, "quote_minutes"),
        ({"assumed_stay_minutes": 5}, "assumed_stay_minutes"),
        ({"cancel_fee": -1}, "cancel_fee"),
        ({"lost_ticket_price": -1}, "lost_ticket_price"),
        ({"overstay_percent": 99}, "overstay_percent"),
        ({"overstay_percent": 1001}, "overstay_percent"),
        ({"plate_days": 0}, "plate_days"),
        ({"valet_minutes": 0}, "valet_minutes"),
        ({"connected_account": "0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60"}, "connected_account"),
        ({"takes_reservations": "perhaps"}, "takes_reservations"),
    ],
)
def test_bad_input_names_the_field(api, olga, lot, change, field):
    before = ParkingLot.objects.values().get()
    assert [each for each, _ in problems(api.as_(olga).patch(f"{URL}/{lot.pk}", change))] == [field]
    assert ParkingLot.objects.values().get() == before


def test_a_new_lot_needs_a_venue_a_name_and_a_place(api, olga, least):
    assert problems(api.as_(olga).post(URL, {})) == [("venue", "required")]
    assert {field for field, _ in problems(api.as_(olga).post(URL, {"venue": least["venue"]}))} == {
        "name", "latitude", "longitude",
    }  # fmt: skip
    assert not ParkingLot.objects.exists()


def test_names_are_taken_once_a_venue_and_slugs_once(api, olga, lot, least, other_venue):
    answer = api.as_(olga).post(URL, least)
    assert problems(answer, 409) == [("name", "lot_name_taken")]
    other = LotFactory(venue=other_venue, name="North Lot", slug="north-lot-2")
    assert problems(api.as_(olga).post(URL, {**least, "name": "South", "slug": other.slug}), 409) == [
        ("slug", "lot_name_taken")
    ]
    assert problems(api.as_(olga).patch(f"{URL}/{lot.pk}", {"slug": other.slug}), 409) == [("slug", "lot_name_taken")]
    made = setting_up.create(lot.venue, olga, name="North-Lot", latitude=1, longitude=1)
    assert made.slug.startswith("north-lot-")
    assert setting_up.create(lot.venue, olga, name="北", latitude=1, longitude=1).slug.startswith("lot-")


def test_money_goes_to_an_account_of_the_venue_only(api, olga, lot, venue, other_venue):
    def account(of):
        return ConnectedAccount.objects.create(
            venue_id=of.pk, name="Sunny Ltd", provider="sandbox", country="US", default_currency="USD"
        )

    mine, theirs = account(venue), account(other_venue)
    staff = api.as_(olga)
    assert staff.patch(f"{URL}/{lot.pk}", {"connected_account": str(mine.pk)}).json()["is_independent"] is True
    assert problems(staff.patch(f"{URL}/{lot.pk}", {"connected_account": str(theirs.pk)})) == [
        ("connected_account", "does_not_exist")
    ]
    with pytest.raises(Exception, match="no such account"):
        setting_up.change(lot, olga, connected_account=theirs)
    assert ParkingLot.objects.get().connected_account == mine


def test_the_currency_stays_once_there_are_prices_in_it(api, olga, lot):
    answer = api.as_(olga).patch(f"/api/v1/venues/{lot.venue_id}", {"currency": "EUR"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "currency_in_use")


# -- How many spaces --


def put(api, user, lot, kind="standard", **body):
    return api.as_(user).put(f"{URL}/{lot.pk}/capacities/{kind}", body)


def test_a_kind_of_space_is_added_resized_and_priced(api, olga, lot):
    flat = {"version": 1, "base": {"type": "flat", "price": 300}}
    made = put(api, olga, lot, "ev", spaces=4, tariff=flat).json()
    assert (made["kind"], made["spaces"], made["tariff"], made["multiplier_ppm"]) == ("ev", 4, flat, 1_000_000)
    assert put(api, olga, lot, "ev", spaces=6).json()["tariff"] == flat
    assert put(api, olga, lot, "ev", spaces=6, tariff={}).json()["tariff"] == {}
    changes = AuditLog.objects.filter(action="parking_capacity.changed").order_by("created_at")
    assert [each.new_values for each in changes] == [{"spaces": 6}, {"tariff": {}}]
    assert ParkingCapacity.objects.get().lot == lot


def test_there_are_never_fewer_than_are_promised_at_one_time(api, olga, lot, capacity):
    now, hour = timezone.now(), timezone.timedelta(hours=1)
    for begins, ends, quantity in ((1, 3, 6), (2, 4, 5), (5, 6, 8)):
        taking.put(capacity, now + begins * hour, now + ends * hour, "reservation", quantity=quantity)
    taking.put(capacity, now - 5 * hour, now - hour, "reservation", quantity=20)
    answer = put(api, olga, lot, spaces=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "spaces_in_use")
    assert "11" in answer.json()["error"]["message"]
    assert ParkingCapacity.objects.get().spaces == 20
    assert put(api, olga, lot, spaces=11).status_code == 200
    assert ParkingCapacity.objects.get().spaces == 11


def test_an_open_lot_keeps_a_space(api, olga, lot, capacity):
    assert problems(put(api, olga, lot, spaces=0), 409) == [("capacities", "required")]
    assert put(api, olga, lot, "ev", spaces=1).status_code == 200
    assert put(api, olga, lot, spaces=0).status_code == 200
    assert [each["kind"] for each in api.get(f"{URL}/{lot.pk}").json()["spaces"]] == ["ev"]


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("flying", {"spaces": 1}, "kind"),
        ("ev", {}, "spaces"),
        ("ev", {"spaces": -1}, "spaces"),
        ("ev", {"spaces": "many"}, "spaces"),
        ("ev", {"spaces": 100_001}, "spaces"),
    ],
)
def test_what_is_no_number_of_spaces_is_refused(api, olga, lot, kind, body, field):
    assert [each for each, _ in problems(put(api, olga, lot, kind, **body))] == [field]
    assert not ParkingCapacity.objects.exists()


# -- Trying a tariff --


def test_a_tariff_is_tried_before_it_is_saved(api, olga, lot):
    path = f"{URL}/{lot.pk}/rates/preview"
    shown = api.as_(olga).post(path, {"tariff": {"version": 1, "base": {"type": "flat", "price": 700}}}).json()
    assert (shown["currency"], shown["sentences"]) == ("USD", ["$7.00 however long you stay."])
    assert {row["amount"] for row in shown["rows"]} == {700}
    assert {row["label"]: row["amount"] for row in api.as_(olga).post(path, {}).json()["rows"]}["2 hours"] == 900
    dearer = api.as_(olga).post(path, {"multiplier_ppm": 1_500_000}).json()["rows"]
    assert {row["label"]: row["shown"] for row in dearer}["2 hours"] == "$13.50"
    assert problems(api.as_(olga).post(path, {"starts_at": "9999-12-31T23:00:00Z"})) == [("starts_at", "invalid")]
    assert ParkingLot.objects.get().tariff == lot.tariff
    ParkingLot.objects.update(tariff={}, status="draft")
    assert api.as_(olga).post(path, {}).json()["error"]["code"] == "lot_not_ready"


# -- Who may --


def calls(lot):
    path = f"lots/{lot.pk}"
    return [
        ("post", "lots", {**LOT_REQUEST, "venue": str(lot.venue_id), "name": "Mine"}),
        ("patch", path, {"name": "Mine"}),
        ("post", f"{path}/open", {}),
        ("post", f"{path}/close", {}),
        ("put", f"{path}/capacities/ev", {"spaces": 1}),
        ("post", f"{path}/rates/preview", {}),
    ]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("fay", 404), ("stan", 404), ("gus", 403), ("val", 403)])
def test_nobody_else_sets_up_a_lot(request, api, lot, capacity, who, status):
    caller = api.as_(request.getfixturevalue(who) if who else None)
    before = list(ParkingLot.objects.values()), list(ParkingCapacity.objects.values())
    for method, path, body in calls(lot):
        # The venue itself is public: who may not add a lot there is told so.
        expected = 403 if path == "lots" and status == 404 else status
        assert getattr(caller, method)(f"{API}/{path}", body).status_code == expected, path
    assert (list(ParkingLot.objects.values()), list(ParkingCapacity.objects.values())) == before


def test_a_lot_that_is_not_there_is_missing(api, olga, lot):
    nowhere = LotFactory.build(pk="0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60", venue=lot.venue)
    for method, path, body in calls(nowhere)[1:]:
        assert getattr(api.as_(olga), method)(f"{API}/{path}", body).status_code == 404, path
