"""Numbered spaces, pictures, blocks and price changes of a lot, by its staff alone."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from audit.models import AuditLog
from parking.lots import numbered, photos
from parking.models import LotPhoto, ParkingSpace, PriceChange, SpaceUse
from parking.spaces import blocks, counting, taking
from trufan.testing import CapacityFactory, LotFactory

API = "/api/v1/parking"
HOUR = timedelta(hours=1)


@pytest.fixture
def path(lot):
    return f"{API}/lots/{lot.pk}"


@pytest.fixture
def staff(api, olga):
    return api.as_(olga)


def problems(answer, status=422):
    assert answer.status_code == status, answer.content
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


# -- Numbered spaces --


def test_spaces_are_numbered_one_by_one_or_in_a_series(staff, path, lot):
    one = staff.post(f"{path}/spaces", {"number": " E  1 ", "kind": "ev", "level": "P1"}, HTTP_IDEMPOTENCY_KEY="one")
    assert one.status_code == 201, one.content
    shown = {name: value for name, value in one.json().items() if name != "id"}
    assert shown == {"number": "E 1", "kind": "ev", "level": "P1", "is_active": True, "is_taken": False}
    assert staff.post(f"{path}/spaces", {"number": " E  1 ", "kind": "ev", "level": "P1"},
                      HTTP_IDEMPOTENCY_KEY="one").json() == one.json()  # fmt: skip
    series = {"prefix": "A-", "first": 8, "last": 11, "width": 3, "level": "P2"}
    made = staff.post(f"{path}/spaces/series", series)
    assert (made.status_code, made.json()) == (201, {"count": 4, "first": "A-008", "last": "A-011"})
    listed = staff.get(f"{path}/spaces").json()["results"]
    assert [(row["number"], row["level"], row["kind"]) for row in listed] == [
        ("E 1", "P1", "ev"), ("A-008", "P2", "standard"), ("A-009", "P2", "standard"), ("A-010", "P2", "standard"),
        ("A-011", "P2", "standard"),
    ]  # fmt: skip
    actions = set(AuditLog.objects.filter(venue_id=lot.venue_id).values_list("action", flat=True))
    assert actions == {"parking_space.created", "parking_lot.spaces_added"}


def test_a_number_is_taken_once_and_a_series_is_all_or_nothing(staff, path):
    staff.post(f"{path}/spaces", {"number": "A-2"})
    for body, where in (({"number": "A-2"}, "spaces"), ({"prefix": "A-", "first": 1, "last": 3}, "spaces/series")):
        assert problems(staff.post(f"{path}/{where}", body), 409) == [("number", "space_number_taken")]
    other = staff.post(f"{path}/spaces", {"number": "B"}).json()
    taken = staff.patch(f"{API}/spaces/{other['id']}", {"number": "A-2"})
    assert problems(taken, 409) == [("number", "space_number_taken")]
    assert sorted(ParkingSpace.objects.values_list("number", flat=True)) == ["A-2", "B"]


@pytest.mark.parametrize(
    ("where", "body", "field"),
    [
        ("spaces", {}, "number"),
        ("spaces", {"number": "  "}, "number"),
        ("spaces", {"number": "x" * 21}, "number"),
        ("spaces", {"number": "1", "kind": "flying"}, "kind"),
        ("spaces/series", {"first": 5}, "last"),
        ("spaces/series", {"first": 5, "last": 4}, "last"),
        ("spaces/series", {"first": 1, "last": 1001}, "last"),
        ("spaces/series", {"first": -1, "last": 4}, "first"),
        ("spaces/series", {"first": 1, "last": 4, "prefix": "x" * 13}, "prefix"),
    ],
)
def test_what_is_no_number_is_refused_by_field(staff, path, where, body, field):
    assert [each for each, _ in problems(staff.post(f"{path}/{where}", body))] == [field]
    assert not ParkingSpace.objects.exists()


def test_a_list_of_numbers_is_checked_too(lot, olga):
    for numbers, code in (([], "required"), (["1"] * 1001, "too_many"), (["ok", " "], "invalid")):
        with pytest.raises(Exception) as refusal:
            numbered.add_many(lot, olga, numbers)
        assert [each.code for each in refusal.value.details] == [code]
    with pytest.raises(Exception, match="already has a space 7"):
        numbered.add_many(lot, olga, ["7", " 7"])
    assert not ParkingSpace.objects.exists()


def test_a_space_that_a_car_needs_stays_as_it_is(staff, path, lot, capacity):
    space = ParkingSpace.objects.create(lot=lot, number="1")
    now = timezone.now()
    use = taking.put(capacity, now, now + HOUR, "session", is_inside=True, space=space)
    url = f"{API}/spaces/{space.pk}"
    for change in ({"is_active": False}, {"kind": "ev"}):
        assert staff.patch(url, change).json()["error"]["code"] == "spaces_in_use"
    renamed = staff.patch(url, {"number": "1a", "level": "Roof"}).json()
    assert (renamed["number"], renamed["is_taken"]) == ("1a", True)
    assert [row["number"] for row in staff.get(f"{path}/spaces", {"is_taken": "true"}).json()["results"]] == ["1a"]
    taking.end(use, now)
    assert staff.patch(url, {"is_active": False}).json()["is_active"] is False
    assert staff.get(f"{path}/spaces", {"is_active": "true"}).json()["count"] == 0


def test_a_list_of_spaces_is_narrowed_and_costs_the_same_however_long(api, val, path, lot, django_assert_num_queries):
    ParkingSpace.objects.bulk_create(ParkingSpace(lot=lot, number=f"{n:03d}", level="P1") for n in range(60))
    ParkingSpace.objects.create(lot=lot, number="E1", kind="ev", level="P2")
    caller = api.as_(val)
    for asked, count in (({"kind": "ev"}, 1), ({"level": "P1"}, 60), ({"search": "05"}, 11)):
        assert caller.get(f"{path}/spaces", asked).json()["count"] == count
    with django_assert_num_queries(3):
        assert len(caller.get(f"{path}/spaces").json()["results"]) == 61


# -- Pictures --


def picture(size=(40, 30), exif=None):
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, "JPEG", **({"exif": exif} if exif else {}))
    return SimpleUploadedFile("../evil name.php", written.getvalue())


def upload(staff, path, file, **more):
    return staff.post(f"{path}/photos", {"picture": file, **more}, format="multipart")


def test_a_picture_is_kept_small_without_what_a_camera_adds_and_shown(api, staff, path):
    exif = Image.Exif()
    exif[0x010E] = "at home"
    answer = upload(staff, path, picture((3200, 100), exif), caption="The way in")
    assert answer.status_code == 201, answer.content
    kept = LotPhoto.objects.get()
    assert kept.picture.name.startswith("parking/lots/")
    assert kept.picture.name.endswith(".jpg")
    with Image.open(kept.picture.path) as image:
        assert (image.size, dict(image.getexif())) == ((1600, 50), {})
    upload(staff, path, picture())
    shown = api.get(path).json()["photos"]
    assert [(row["caption"], row["position"]) for row in shown] == [("The way in", 0), ("", 1)]
    assert shown[0]["picture"].startswith("http")
    assert shown[0]["picture"].endswith(kept.picture.url)
    assert AuditLog.objects.filter(action="parking_lot.photo_added").count() == 2


def test_a_picture_goes_with_its_file(staff, path, django_capture_on_commit_callbacks):
    kept = upload(staff, path, picture()).json()
    name = LotPhoto.objects.get().picture.name
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.delete(f"{path}/photos/{kept['id']}").status_code == 204
    assert not (LotPhoto.objects.exists() or default_storage.exists(name))
    assert staff.delete(f"{path}/photos/{kept['id']}").status_code == 404


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\xff\xd8\xff" + b"\0" * 90, b"x" * 1_000_001])
def test_what_is_no_picture_is_refused(staff, path, content):
    answer = upload(staff, path, SimpleUploadedFile("picture.jpg", content))
    assert [field for field, _ in problems(answer)] == ["picture"]
    assert not LotPhoto.objects.exists()


def test_a_lot_has_so_many_pictures(staff, path, lot, monkeypatch):
    monkeypatch.setattr(photos, "MOST", 1)
    assert upload(staff, path, picture()).status_code == 201
    before = len(default_storage.listdir("parking/lots")[1])
    refused = upload(staff, path, picture())
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_photos")
    assert len(default_storage.listdir("parking/lots")[1]) == before


# -- Blocks --


def test_spaces_are_blocked_from_now_and_lifted_again(api, val, path, lot, capacity):
    caller, until = api.as_(val), timezone.now() + 5 * HOUR
    body = {"quantity": 6, "ends_at": until.isoformat(), "reason": " Coaches "}
    made = caller.post(f"{path}/blocks", body, HTTP_IDEMPOTENCY_KEY="one")
    assert made.status_code == 201, made.content
    assert caller.post(f"{path}/blocks", body, HTTP_IDEMPOTENCY_KEY="one").json() == made.json()
    assert (made.json()["kind"], made.json()["quantity"], made.json()["reason"]) == ("standard", 6, "Coaches")
    assert api.get(path).json()["available_spaces"] == 14
    assert caller.get(f"{path}/blocks").json()["results"] == [made.json()]
    for _ in range(2):
        assert caller.delete(f"{path}/blocks/{made.json()['id']}").status_code == 204
    assert (api.get(path).json()["available_spaces"], caller.get(f"{path}/blocks").json()["count"]) == (20, 0)
    said = AuditLog.objects.filter(venue_id=lot.venue_id, actor=val).order_by("created_at")
    assert [each.action for each in said] == ["parking_lot.spaces_blocked", "parking_lot.spaces_unblocked"]


def test_what_is_promised_is_not_blocked(staff, path, capacity):
    now = timezone.now()
    taking.put(capacity, now + HOUR, now + 2 * HOUR, "reservation", quantity=15)
    body = {"quantity": 6, "ends_at": (now + 3 * HOUR).isoformat(), "reason": "Works"}
    answer = staff.post(f"{path}/blocks", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_space")
    assert SpaceUse.objects.count() == 1
    assert staff.post(f"{path}/blocks", {**body, "quantity": 5}).status_code == 201
    beside = {"starts_at": (now + 4 * HOUR).isoformat(), "ends_at": (now + 5 * HOUR).isoformat()}
    assert staff.post(f"{path}/blocks", {**body, **beside, "quantity": 20}).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"kind": "flying"}, "kind"),
        ({"kind": "ev"}, "kind"),
        ({"reason": " "}, "reason"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": "2090-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2090-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": None}, "ends_at"),
    ],
)
def test_what_is_no_block_is_refused_by_field(staff, path, capacity, change, field):
    body = {"ends_at": (timezone.now() + HOUR).isoformat(), "reason": "Works"}
    assert [each for each, _ in problems(staff.post(f"{path}/blocks", {**body, **change}))] == [field]
    assert not SpaceUse.objects.exists()


def test_only_a_block_of_this_lot_is_lifted(staff, path, lot, capacity):
    now = timezone.now()
    sold = taking.put(capacity, now, now + HOUR, "reservation")
    elsewhere = CapacityFactory(lot=LotFactory(venue=lot.venue))
    other = taking.put(elsewhere, now, now + HOUR, "block", reason="Works")
    for use in (sold, other):
        assert staff.delete(f"{path}/blocks/{use.pk}").status_code == 404
    assert SpaceUse.objects.filter(is_active=True).count() == 2


def test_past_blocks_end_by_themselves(capacity):
    now = timezone.now()
    past = taking.put(capacity, now - 2 * HOUR, now - HOUR, "block", reason="Works")
    live = taking.put(capacity, now - HOUR, now + HOUR, "block", reason="Works")
    sold = taking.put(capacity, now - 2 * HOUR, now - HOUR, "reservation")
    assert (blocks.end_past(now), blocks.end_past(now)) == (1, 0)
    assert set(SpaceUse.objects.filter(is_active=True)) == {live, sold}
    assert not SpaceUse.objects.get(pk=past.pk).is_active
    assert counting.left(capacity, now, now + HOUR, now) == 19


# -- Price changes --


def test_price_changes_are_listed_with_their_reasons(api, val, path, capacity, django_assert_num_queries):
    now = timezone.now()
    for number in range(5):
        PriceChange.objects.create(
            capacity=capacity, at=now - number * HOUR, old_ppm=1_000_000, new_ppm=1_100_000, causes=["occupancy_high"],
            facts={"occupied": 19}, words="Occupancy is 95 %: 10 % up.",
        )  # fmt: skip
    caller = api.as_(val)
    caller.get(f"{path}/price-changes")
    with django_assert_num_queries(3):
        rows = caller.get(f"{path}/price-changes").json()["results"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert (rows[0]["kind"], rows[0]["causes"], rows[0]["facts"]) == ("standard", ["occupancy_high"], {"occupied": 19})
    since = {"since": (now - 2 * HOUR).isoformat()}
    assert caller.get(f"{path}/price-changes", since).json()["count"] == 3
    assert caller.get(f"{path}/price-changes", {"kind": "ev"}).json()["count"] == 0


# -- Who may --


def calls(lot):
    path = f"lots/{lot.pk}"
    space = ParkingSpace.objects.create(lot=lot, number="1")
    photo = LotPhoto.objects.create(lot=lot, picture="parking/lots/one.jpg")
    now = timezone.now()
    block = taking.put(CapacityFactory(lot=lot), now, now + HOUR, "block", reason="Works")
    soon = (now + HOUR).isoformat()
    setting_up = [
        ("post", f"{path}/spaces", {"number": "2"}),
        ("post", f"{path}/spaces/series", {"first": 3, "last": 4}),
        ("patch", f"spaces/{space.pk}", {"number": "Mine"}),
        ("post", f"{path}/photos", {}),
        ("delete", f"{path}/photos/{photo.pk}", None),
    ]
    running = [
        ("get", f"{path}/spaces", None),
        ("get", f"{path}/price-changes", None),
        ("get", f"{path}/blocks", None),
        ("post", f"{path}/blocks", {"ends_at": soon, "reason": "Mine"}),
        ("delete", f"{path}/blocks/{block.pk}", None),
    ]
    return setting_up, running


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("fay", 404), ("stan", 404), ("gus", 403)])
def test_nobody_else_reaches_the_parts_of_a_lot(request, api, lot, who, status):
    caller = api.as_(request.getfixturevalue(who) if who else None)
    setting_up, running = calls(lot)
    for method, path, body in [*setting_up, *running]:
        kind = {"format": "multipart"} if path.endswith("photos") else {}
        assert getattr(caller, method)(f"{API}/{path}", body, **kind).status_code == status, path
    assert (ParkingSpace.objects.count(), LotPhoto.objects.count(), SpaceUse.objects.count()) == (1, 1, 1)


def test_who_runs_a_lot_blocks_spaces_and_does_not_set_it_up(api, val, lot):
    setting_up, running = calls(lot)
    for method, path, body in setting_up:
        kind = {"format": "multipart"} if path.endswith("photos") else {}
        assert getattr(api.as_(val), method)(f"{API}/{path}", body, **kind).status_code == 403, path
    for method, path, body in running:
        assert getattr(api.as_(val), method)(f"{API}/{path}", body).status_code in (200, 201, 204), path
