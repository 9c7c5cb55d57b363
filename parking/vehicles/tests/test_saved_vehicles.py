"""A fan keeps vehicles: their own, each once, one of them the default."""

from __future__ import annotations

import pytest

from accounts import personal_data
from audit.models import AuditLog
from parking.models import Vehicle
from parking.vehicles import keeping

URL = "/api/v1/parking/vehicles"


@pytest.fixture
def mine(api, fay):
    return api.as_(fay)


def test_the_first_one_is_the_default_and_a_new_default_takes_its_place(mine):
    first = mine.post(URL, {"plate": " abc  1234", "name": "Blue", "height_cm": 152, "is_electric": True})
    assert first.status_code == 201, first.content
    shown = {name: value for name, value in first.json().items() if name not in ("id", "created_at")}
    assert shown == {
        "plate": "ABC 1234", "name": "Blue", "height_cm": 152, "is_electric": True, "is_default": True,
    }  # fmt: skip
    second = mine.post(URL, {"plate": "XYZ 987"}).json()
    assert second["is_default"] is False
    assert mine.patch(f"{URL}/{second['id']}", {"is_default": True}).json()["is_default"] is True
    listed = mine.get(URL).json()["results"]
    assert [(row["plate"], row["is_default"]) for row in listed] == [("XYZ 987", True), ("ABC 1234", False)]


def test_one_that_is_removed_leaves_the_default_to_another(mine):
    first, second = (mine.post(URL, {"plate": plate}).json() for plate in ("AAA 1", "CCC 3"))
    assert mine.delete(f"{URL}/{first['id']}").status_code == 204
    assert mine.get(f"{URL}/{first['id']}").status_code == 404
    assert mine.get(f"{URL}/{second['id']}").json()["is_default"] is True
    assert mine.delete(f"{URL}/{second['id']}").status_code == 204
    assert mine.get(URL).json()["count"] == 0


@pytest.mark.parametrize("plate", ["ABC 1234", "abc-1234", "A8C I234"])
def test_a_plate_is_kept_once_however_it_is_typed(mine, plate):
    mine.post(URL, {"plate": "ABC 1234"})
    answer = mine.post(URL, {"plate": plate})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "vehicle_known"
    assert answer.json()["error"]["details"][0]["field"] == "plate"
    other = mine.post(URL, {"plate": "XYZ 9"}).json()
    assert mine.patch(f"{URL}/{other['id']}", {"plate": plate}).status_code == 409
    assert Vehicle.objects.count() == 2


def test_its_own_plate_can_be_typed_anew(mine):
    kept = mine.post(URL, {"plate": "ABC 1234"}).json()
    assert mine.patch(f"{URL}/{kept['id']}", {"plate": "A8C-1234"}).json()["plate"] == "A8C-1234"


def test_another_fan_may_keep_the_same_plate(mine, api, stan):
    assert mine.post(URL, {"plate": "ABC 1234"}).status_code == 201
    assert api.as_(stan).post(URL, {"plate": "ABC 1234"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "plate", "required"),
        ({"plate": "!!"}, "plate", "invalid_plate"),
        ({"plate": ""}, "plate", "blank"),
        ({"plate": "A" * 21}, "plate", "max_length"),
        ({"plate": "ABC 1", "height_cm": 10}, "height_cm", "min_value"),
        ({"plate": "ABC 1", "height_cm": "tall"}, "height_cm", "invalid"),
        ({"plate": "ABC 1", "name": "x" * 61}, "name", "max_length"),
    ],
)
def test_bad_input_names_the_field(mine, body, field, code):
    answer = mine.post(URL, body)
    assert answer.status_code == 422, answer.content
    assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [(field, code)]
    assert not Vehicle.objects.exists()


def test_nobody_sees_or_touches_the_vehicles_of_another(mine, api, stan, ada):
    kept = mine.post(URL, {"plate": "ABC 1234"}).json()
    path = f"{URL}/{kept['id']}"
    for other in (stan, ada):
        caller = api.as_(other)
        assert caller.get(URL).json()["count"] == 0
        assert caller.get(path).status_code == 404
        assert caller.patch(path, {"name": "Mine"}).status_code == 404
        assert caller.delete(path).status_code == 404
    assert api.get(URL).status_code == api.post(URL, {"plate": "A 1"}).status_code == 401
    assert Vehicle.objects.get().name == ""


def test_the_same_request_again_keeps_one(mine):
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    answers = [mine.post(URL, {"plate": "ABC 1234"}, **key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Vehicle.objects.count() == 1


def test_nobody_keeps_a_car_park(mine, fay, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 2)
    assert [mine.post(URL, {"plate": f"AAA {n}"}).status_code for n in (1, 2, 3)] == [201, 201, 409]


def test_a_list_costs_two_queries_however_long(mine, fay, django_assert_num_queries):
    for number in range(12):
        keeping.add(fay, plate=f"ABX 9{number:03d}")
    with django_assert_num_queries(2):
        assert mine.get(URL).json()["count"] == 12


def test_the_history_names_no_plate(mine, fay):
    kept = mine.post(URL, {"plate": "ABC 1234"}).json()
    mine.patch(f"{URL}/{kept['id']}", {"name": "Blue"})
    mine.delete(f"{URL}/{kept['id']}")
    said = AuditLog.objects.filter(entity_id=kept["id"]).order_by("created_at")
    assert [entry.action for entry in said] == ["vehicle.added", "vehicle.changed", "vehicle.removed"]
    assert not any(entry.new_values or entry.old_values for entry in said)


def test_vehicles_are_exported_and_erased(mine, fay, stan):
    mine.post(URL, {"plate": "ABC 1234", "name": "Blue"})
    keeping.add(stan, plate="XYZ 1")
    assert [row["plate"] for row in personal_data.export_all(fay)["vehicles"]] == ["ABC 1234"]
    personal_data._keepers["vehicles"].erase(fay, None)
    assert list(Vehicle.objects.values_list("plate", flat=True)) == ["XYZ 1"]
