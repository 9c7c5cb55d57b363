"""A client sets up a menu from nothing, the kitchen runs it, and nobody else touches it."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from audit.models import AuditLog
from orders.menu.models import Daypart, OpeningHours, Option, OptionGroup, Outlet, Product, ProductVariant
from payments.models import ConnectedAccount
from trufan.testing import EventFactory, OutletFactory, StaffFactory

API = "/api/v1"


@pytest.fixture
def cook(venue):
    return StaffFactory(venue=venue, role="kitchen").user


def test_a_menu_from_nothing_to_the_first_order(api, olga, fay, venue):
    staff = api.as_(olga)
    hours = [{"weekday": day, "opens_at": "00:00", "closes_at": "00:00"} for day in range(7)]
    outlet = staff.post(
        f"{API}/venues/{venue.pk}/outlets", {"name": "Grill", "hours": "clock", "opening_hours": hours}
    ).json()
    assert (outlet["is_open"], len(outlet["opening_hours"])) == (True, 7)
    product = staff.post(
        f"{API}/outlets/{outlet['id']}/products",
        {"name": "Burger", "category": "Burgers", "allergens": ["milk", "gluten"],
         "variants": [{"name": "Single", "price": 1200, "quantity": 10}, {"name": "Double", "price": 1500}]},
    ).json()  # fmt: skip
    assert (product["tax_category"], product["allergens"]) == ("food", ["gluten", "milk"])
    assert [(each["name"], each["left"]) for each in product["variants"]] == [("Single", 10), ("Double", None)]
    group = staff.post(
        f"{API}/products/{product['id']}/option-groups",
        {"name": "Sauce", "minimum": 1, "options": [{"name": "Hot", "price_delta": 50}, {"name": "House"}]},
    ).json()
    more = staff.post(f"{API}/option-groups/{group['id']}/options", {"name": "None"})
    assert (group["is_required"], more.status_code) == (True, 201)
    menu = api.get(f"{API}/outlets/{outlet['id']}/menu").json()
    shown = menu["categories"][0]["products"][0]
    line = {
        "type": "product", "id": shown["variants"][1]["id"], "quantity": 2,
        "options": [{"id": shown["option_groups"][0]["options"][0]["id"]}],
    }  # fmt: skip
    assert api.as_(fay).post(f"{API}/orders", {"items": [line]}).json()["total"] == 3_100


def test_merchandise_is_taxed_as_such_unless_somebody_says_otherwise(api, olga, grill):
    def add(**fields):
        asked = {"variants": [{"price": 900}], **fields}
        return api.as_(olga).post(f"{API}/outlets/{grill.pk}/products", asked).json()["tax_category"]

    assert add(name="Scarf", kind="merchandise") == "merchandise"
    assert add(name="Beer", tax_category="alcohol") == "alcohol"
    assert add(name="Fries") == "food"


def test_changes_are_recorded_and_only_changes(api, olga, grill, product, burger, extras):
    staff, option = api.as_(olga), Option.objects.get(name="Cheese")
    changes = [
        (f"outlets/{grill.pk}", {"prep_seconds": 300}, "outlet.changed"),
        (f"products/{product.pk}", {"dietary_marks": ["vegan"], "minimum_age": 18}, "product.changed"),
        (f"variants/{burger.pk}", {"price": 1300, "low_at": 5}, "variant.changed"),
        (f"option-groups/{extras.pk}", {"maximum": 2}, "option_group.changed"),
        (f"options/{option.pk}", {"is_available": False}, "option.changed"),
    ]
    for path, change, action in changes:
        for _ in range(2):
            answer = staff.patch(f"{API}/{path}", change)
            assert answer.status_code == 200, answer.content
            assert {name: answer.json()[name] for name in change} == change
        entry = AuditLog.objects.get(action=action)
        assert (entry.new_values, entry.actor, entry.venue_id) == (change, olga, grill.venue_id)


def test_opening_hours_are_replaced_as_a_whole(api, olga, grill):
    OpeningHours.objects.create(outlet=grill, weekday=0, opens_at="10:00", closes_at="12:00")
    new = [{"weekday": 5, "opens_at": "18:00", "closes_at": "02:00"}]
    assert api.as_(olga).patch(f"{API}/outlets/{grill.pk}", {"opening_hours": new}).json()["opening_hours"] == new
    assert AuditLog.objects.get(action="outlet.hours_changed").new_values == {"hours": ["5 18:00 to 02:00"]}


def test_groups_options_and_dayparts_can_go(api, olga, grill, product, extras, venue):
    staff = api.as_(olga)
    part = staff.post(f"{API}/venues/{venue.pk}/dayparts", {"name": "Late", "starts_at": "22:00", "ends_at": "02:00"})
    listed = staff.get(f"{API}/venues/{venue.pk}/dayparts").json()["results"]
    assert listed == [part.json()]
    part_id = part.json()["id"]
    shown = staff.patch(f"{API}/products/{product.pk}", {"dayparts": [part_id]}).json()
    assert [each["name"] for each in shown["dayparts"]] == ["Late"]
    assert staff.patch(f"{API}/dayparts/{part_id}", {"ends_at": "03:00"}).json()["ends_at"] == "03:00"
    for path in (f"dayparts/{part_id}", f"options/{Option.objects.first().pk}", f"option-groups/{extras.pk}"):
        assert staff.delete(f"{API}/{path}").status_code == 204
        assert staff.delete(f"{API}/{path}").status_code == 404
    assert not (Daypart.objects.exists() or OptionGroup.objects.exists() or Option.objects.exists())


def test_eighty_six_in_one_touch_and_back(api, cook, product, burger):
    path = f"{API}/products/{product.pk}/sold-out"
    for _ in range(2):
        shown = api.as_(cook).post(path).json()
        assert (shown["is_sold_out"], shown["is_available"]) == (True, False)
    assert api.as_(cook).delete(path).json()["is_available"] is True
    said = AuditLog.objects.filter(entity_id=product.pk).order_by("created_at").values_list("action", flat=True)
    assert list(said) == ["product.sold_out", "product.back"]


def test_the_kitchen_says_open_busy_or_closed(api, cook, grill):
    for status in ("busy", "closed", "open"):
        shown = api.as_(cook).post(f"{API}/outlets/{grill.pk}/status", {"status": status}).json()
        assert (shown["status"], shown["is_open"]) == (status, status != "closed")
    assert AuditLog.objects.filter(action="outlet.closed", actor=cook).exists()
    assert api.as_(cook).post(f"{API}/outlets/{grill.pk}/status", {"status": "gone"}).status_code == 422


def test_a_stock_is_counted_or_corrected(api, olga, burger):
    path = f"{API}/variants/{burger.pk}/stock"
    staff = api.as_(olga)
    assert staff.post(path, {"delta": -10, "reason": "Dropped"}).json()["left"] == 90
    assert staff.post(path, {"count": 40, "reason": "Counted"}).json()["quantity"] == 40
    assert staff.post(path, {"count": None, "reason": "Not counted"}).json()["left"] is None
    assert staff.post(path, {"delta": 1, "reason": "One"}).json()["error"]["code"] == "not_counted"
    for wrong in ({}, {"count": 1}, {"count": 1, "delta": 1, "reason": "Both"}, {"delta": 10**7, "reason": "Many"}):
        assert staff.post(path, wrong).status_code == 422


def test_counters_are_shown_to_who_runs_the_kitchen(api, cook, fay, grill, product, burger):
    path = f"{API}/outlets/{grill.pk}/products"
    assert api.as_(cook).get(path).json()["results"][0]["variants"][0]["left"] == 100
    assert api.as_(cook).get(f"{API}/products/{product.pk}").json()["variants"][0]["sold"] == 0
    assert api.as_(fay).get(path).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("products/{product}", {"allergens": ["water"]}, "allergens"),
        ("products/{product}", {"dietary_marks": ["tasty"]}, "dietary_marks"),
        ("products/{product}", {"tax_category": "luxury"}, "tax_category"),
        ("products/{product}", {"minimum_age": -1}, "minimum_age"),
        ("products/{product}", {"events": ["{foreign}"]}, "events"),
        ("products/{product}", {"dayparts": ["{daypart}"]}, "dayparts"),
        ("outlets/{grill}", {"connected_account": "{account}"}, "connected_account"),
        ("outlets/{grill}", {"offers_pickup": False}, "offers_pickup"),
        ("outlets/{grill}", {"opening_hours": [{"weekday": 7, "opens_at": "10:00", "closes_at": "11:00"}]},
         "opening_hours[0].weekday"),
        ("outlets/{grill}", {"service_charge_ppm": 1_000_001}, "service_charge_ppm"),
        ("variants/{burger}", {"price": -1}, "price"),
        ("variants/{burger}", {"price": 10**12}, "price"),
        ("option-groups/{extras}", {"minimum": 4}, "maximum"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_field(api, olga, grill, product, burger, extras, other_venue, path, body, field):
    names = {
        "product": product.pk, "grill": grill.pk, "burger": burger.pk, "extras": extras.pk,
        "foreign": EventFactory(venue=other_venue).pk,
        "daypart": Daypart.objects.create(venue=other_venue, name="X", starts_at="10:00", ends_at="11:00").pk,
        "account": ConnectedAccount.objects.create(
            venue_id=other_venue.pk, name="Theirs", provider="sandbox", country="US", default_currency="USD"
        ).pk,
    }  # fmt: skip
    filled = {
        name: [v.format(**names) if isinstance(v, str) else v for v in value] if isinstance(value, list)
        else value.format(**names) if isinstance(value, str) else value
        for name, value in body.items()
    }  # fmt: skip
    answer = api.as_(olga).patch(f"{API}/{path.format(**names)}", filled)
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"]["details"][0]["field"].startswith(field)


def test_a_name_is_taken_once_where_it_would_confuse(api, olga, venue, grill, product, burger, extras):
    staff = api.as_(olga)
    for path, body in (
        (f"venues/{venue.pk}/outlets", {"name": "Grill"}),
        (f"outlets/{grill.pk}/products", {"name": "Burger", "variants": [{"price": 1}]}),
        (f"products/{product.pk}/variants", {"name": "", "price": 1}),
        (f"products/{product.pk}/option-groups", {"name": "Extras"}),
        (f"option-groups/{extras.pk}/options", {"name": "Cheese"}),
    ):
        answer = staff.post(f"{API}/{path}", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "name_in_use"), path
    assert Product.objects.count() == ProductVariant.objects.count() == 1


# -- Who may --


def calls(venue, grill, product, burger, extras):
    option = extras.options.first()
    part = Daypart.objects.create(venue=venue, name="Late", starts_at="22:00", ends_at="02:00")
    return [
        ("post", f"venues/{venue.pk}/outlets", {"name": "Mine"}),
        ("patch", f"outlets/{grill.pk}", {"name": "Mine"}),
        ("post", f"outlets/{grill.pk}/status", {"status": "closed"}),
        ("get", f"outlets/{grill.pk}/products", None),
        ("post", f"outlets/{grill.pk}/products", {"name": "Mine", "variants": [{"price": 1}]}),
        ("get", f"products/{product.pk}", None),
        ("patch", f"products/{product.pk}", {"name": "Mine"}),
        ("post", f"products/{product.pk}/sold-out", {}),
        ("delete", f"products/{product.pk}/sold-out", {}),
        ("put", f"products/{product.pk}/picture", {}),
        ("delete", f"products/{product.pk}/picture", {}),
        ("post", f"products/{product.pk}/variants", {"price": 1, "name": "Mine"}),
        ("patch", f"variants/{burger.pk}", {"price": 1}),
        ("post", f"variants/{burger.pk}/stock", {"delta": 1, "reason": "Mine"}),
        ("post", f"products/{product.pk}/option-groups", {"name": "Mine"}),
        ("patch", f"option-groups/{extras.pk}", {"name": "Mine"}),
        ("delete", f"option-groups/{extras.pk}", {}),
        ("post", f"option-groups/{extras.pk}/options", {"name": "Mine"}),
        ("patch", f"options/{option.pk}", {"name": "Mine"}),
        ("delete", f"options/{option.pk}", {}),
        ("get", f"venues/{venue.pk}/dayparts", None),
        ("post", f"venues/{venue.pk}/dayparts", {"name": "Mine", "starts_at": "01:00", "ends_at": "02:00"}),
        ("patch", f"dayparts/{part.pk}", {"name": "Mine"}),
        ("delete", f"dayparts/{part.pk}", {}),
    ]


TABLES = [Outlet, OpeningHours, Daypart, Product, ProductVariant, OptionGroup, Option]


def everything():
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("fay", 403), ("gus", 403), ("stan", 403)])
def test_nobody_else_sets_up_a_menu(request, api, venue, grill, product, burger, extras, who, status):
    caller = api.as_(request.getfixturevalue(who) if who else None)
    asked = calls(venue, grill, product, burger, extras)
    before = everything()
    for method, path, body in asked:
        kind = {"format": "multipart"} if method == "put" else {}
        answer = getattr(caller, method)(f"{API}/{path}", body, **kind)
        assert answer.status_code == status, (path, answer.content)
    assert everything() == before


def test_of_an_outlet_that_is_not_in_use_a_stranger_knows_nothing(api, stan, venue, grill, product, burger, extras):
    asked = calls(venue, grill, product, burger, extras)
    Outlet.objects.update(is_active=False)
    for method, path, body in asked:
        if not path.startswith(("venues", "dayparts")):
            kind = {"format": "multipart"} if method == "put" else {}
            assert getattr(api.as_(stan), method)(f"{API}/{path}", body, **kind).status_code == 404, path


def test_the_kitchen_runs_the_menu_and_does_not_change_it(api, cook, grill, product, burger):
    assert api.as_(cook).patch(f"{API}/products/{product.pk}", {"name": "Mine"}).status_code == 403
    assert api.as_(cook).post(f"{API}/variants/{burger.pk}/stock", {"delta": 1, "reason": "x"}).status_code == 403


# -- Pictures --


def picture(kind="JPEG", size=(40, 30), exif=None):
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **({"exif": exif} if exif else {}))
    return SimpleUploadedFile("../evil name.php", written.getvalue())


def put(api, olga, product, file):
    return api.as_(olga).put(f"{API}/products/{product.pk}/picture", {"picture": file}, format="multipart")


@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_picture_is_kept_small_and_without_what_a_camera_adds(api, olga, product, kind, ending, client):
    exif = Image.Exif()
    exif[0x010E] = "at home"
    answer = put(api, olga, product, picture(kind, (3200, 100), exif))
    assert answer.status_code == 200, answer.content
    product.refresh_from_db()
    assert product.picture.name.startswith("products/")
    assert product.picture.name.endswith(f".{ending}")
    assert answer.json()["picture"].endswith(product.picture.url)
    with Image.open(product.picture.path) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == (kind, (1600, 50), {})
    shown = api.get(f"{API}/outlets/{product.outlet_id}/menu").json()
    assert shown["categories"] == [], "a product without a variant is not on the menu"


def test_another_picture_replaces_the_file(api, olga, product, django_capture_on_commit_callbacks):
    put(api, olga, product, picture())
    first = Product.objects.get().picture.name
    with django_capture_on_commit_callbacks(execute=True):
        put(api, olga, product, picture("PNG"))
    second = Product.objects.get().picture.name
    assert (default_storage.exists(first), default_storage.exists(second)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.as_(olga).delete(f"{API}/products/{product.pk}/picture").json()["picture"] is None
    assert not default_storage.exists(second)
    assert AuditLog.objects.filter(action="product.picture_changed").count() == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"\0" * 40, b"\xff\xd8\xff" + b"\0" * 90,
     b"x" * 1_000_001],
    ids=["empty", "svg", "gif", "broken", "large"],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_is_refused(api, olga, product, content):
    answer = put(api, olga, product, SimpleUploadedFile("picture.jpg", content))
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"]["details"][0]["field"] == "picture"
    assert not Product.objects.get().picture


def test_too_many_pixels_are_refused_before_they_are_read(api, olga, product):
    assert put(api, olga, product, picture("PNG", (6000, 6000))).json()["error"]["details"][0]["code"] == "too_large"


def test_an_outlet_may_have_the_account_of_its_venue(api, olga, grill, venue):
    account = ConnectedAccount.objects.create(
        venue_id=venue.pk, name="Grill Ltd", provider="sandbox", country="US", default_currency="USD"
    )
    shown = api.as_(olga).patch(f"{API}/outlets/{grill.pk}", {"connected_account": str(account.pk)}).json()
    assert shown["connected_account"] == str(account.pk)
    assert AuditLog.objects.get(action="outlet.changed").new_values == {"connected_account": str(account.pk)}


def test_lists_for_staff_cost_the_same_however_long(api, cook, grill, product, django_assert_num_queries):
    for number in range(12):
        made = Product.objects.create(outlet=grill, name=f"Dish {number}")
        made.variants.create(price=1)
    OutletFactory(venue=grill.venue)
    with django_assert_num_queries(10):
        assert api.as_(cook).get(f"{API}/outlets/{grill.pk}/products").json()["count"] == 13
