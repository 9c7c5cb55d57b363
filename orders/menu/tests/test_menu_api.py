"""The public face: a venue's outlets and a whole menu, in a constant number of queries."""

from __future__ import annotations

import pytest

from orders.menu.models import Outlet, Product, ProductVariant
from orders.models import Option, OptionGroup
from trufan.testing import OutletFactory, ProductFactory, ProductVariantFactory


def outlets_of(venue):
    return f"/api/v1/venues/{venue.pk}/outlets"


def menu_of(outlet):
    return f"/api/v1/outlets/{outlet.pk}/menu"


def products_of(menu):
    return {product["name"]: product for heading in menu["categories"] for product in heading["products"]}


def test_outlets_say_whether_they_are_open_and_how_long_it_takes(api, venue, grill):
    busy = OutletFactory(venue=venue, name="Bar", position=1, status="busy", prep_seconds=120, busy_seconds=300)
    OutletFactory(venue=venue, name="Cellar", position=2, status="closed")
    OutletFactory(venue=venue, name="Old stand", is_active=False)
    shown = api.get(outlets_of(venue)).json()["results"]
    assert [(each["name"], each["is_open"], each["status"], each["wait_seconds"]) for each in shown] == [
        ("Grill", True, "open", 600),
        ("Bar", True, "busy", 420),
        ("Cellar", False, "closed", 600),
    ]
    assert busy.wait_seconds == 420


def test_staff_see_more_of_their_outlets_and_nobody_elses(api, venue, grill, olga, stan):
    OutletFactory(venue=venue, name="Old stand", is_active=False)
    mine = api.as_(olga).get(outlets_of(venue)).json()["results"]
    theirs = api.as_(stan).get(outlets_of(venue)).json()["results"]
    assert {each["name"] for each in mine} == {"Grill", "Old stand"}
    assert "connected_account" in mine[0]
    assert [each["name"] for each in theirs] == ["Grill"]
    assert "connected_account" not in theirs[0]


def test_a_venue_that_is_not_there_has_no_outlets(api, db):
    assert api.get("/api/v1/venues/00000000-0000-7000-8000-000000000000/outlets").status_code == 404


def test_one_call_answers_the_whole_menu(api, grill, product, burger, doneness, extras):
    ProductVariantFactory(product=product, name="Off", is_active=False)
    Product.objects.filter(pk=product.pk).update(category="Burgers", allergens=["milk"], minimum_age=18)
    ProductVariantFactory(product=ProductFactory(outlet=grill, name="Cola", category="Drinks"), quantity=0)
    ProductFactory(outlet=grill, name="Nothing to buy")
    ProductVariantFactory(product=ProductFactory(outlet=grill, name="Former", is_active=False))
    menu = api.get(menu_of(grill)).json()
    assert menu["currency"] == "USD"
    assert [heading["name"] for heading in menu["categories"]] == ["Burgers", "Drinks"]
    shown = products_of(menu)
    assert set(shown) == {"Burger", "Cola"}
    one = shown["Burger"]
    assert (one["is_available"], one["allergens"], one["minimum_age"], one["picture"]) == (True, ["milk"], 18, None)
    assert one["variants"] == [{"id": str(burger.pk), "name": "", "price": 1200, "is_available": True}]
    assert [(g["name"], g["is_required"], len(g["options"])) for g in one["option_groups"]] == [
        ("Doneness", True, 3),
        ("Extras", False, 3),
    ]
    assert [o["is_available"] for o in one["option_groups"][0]["options"]] == [True, False, True]
    assert (shown["Cola"]["is_available"], shown["Cola"]["unavailable_because"]) == (False, "Cola is sold out.")


def test_the_menu_and_the_cart_agree_on_what_an_event_needs(api, grill, product, burger, event):
    product.events.add(event)
    without = products_of(api.get(menu_of(grill)).json())["Burger"]
    with_it = products_of(api.get(menu_of(grill), {"event": str(event.pk)}).json())["Burger"]
    assert (without["is_available"], without["events"]) == (False, [str(event.pk)])
    assert (with_it["is_available"], with_it["unavailable_because"]) == (True, "")
    assert api.get(menu_of(grill), {"event": "tonight"}).status_code == 422


def test_a_closed_outlet_shows_its_menu_and_sells_none_of_it(api, grill, burger):
    Outlet.objects.update(status="closed")
    shown = products_of(api.get(menu_of(grill)).json())
    assert (shown["Burger"]["is_available"], shown["Burger"]["unavailable_because"]) == (False, "Grill is closed.")


def test_an_outlet_that_is_not_in_use_has_no_menu_for_the_public(api, grill, olga, stan):
    Outlet.objects.update(is_active=False)
    assert api.get(menu_of(grill)).status_code == 404
    assert api.as_(stan).get(menu_of(grill)).status_code == 404
    assert api.as_(olga).get(menu_of(grill)).status_code == 200


def test_a_menu_that_did_not_change_is_not_sent_again(api, grill, burger):
    first = api.get(menu_of(grill))
    again = api.get(menu_of(grill), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    ProductVariant.objects.update(price=1)
    changed = api.get(menu_of(grill), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["Cache-Control"] == "private, max-age=10"


def test_a_menu_is_made_once_for_many_who_look_at_the_same_time(
    settings, api, grill, burger, fay, django_assert_max_num_queries
):
    settings.PUBLIC_READ_SECONDS = 60
    first = api.as_(None).get(menu_of(grill))
    ProductVariant.objects.update(price=1)
    with django_assert_max_num_queries(4):  # who asks, where they work, the outlet and its hours
        again = api.as_(fay).get(menu_of(grill))
    assert again.json() == first.json()
    assert api.get(menu_of(grill), headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_a_menu_that_is_kept_tells_each_what_they_may_know(settings, api, grill, burger, olga, fay, event):
    settings.PUBLIC_READ_SECONDS = 60
    assert "prep_seconds" in api.as_(olga).get(menu_of(grill)).json()["outlet"]
    assert "prep_seconds" not in api.as_(fay).get(menu_of(grill)).json()["outlet"]
    burger.product.events.add(event)
    named = products_of(api.get(f"{menu_of(grill)}?event={event.pk}").json())
    assert (named["Burger"]["is_available"], named["Burger"]["events"]) == (True, [str(event.pk)])
    Outlet.objects.update(is_active=False)
    assert api.get(menu_of(grill)).status_code == 404


@pytest.fixture
def large(venue, event):
    """Twenty outlets, the first with three hundred products, two sizes and four options each."""
    stands = [OutletFactory(venue=venue, hours=["always", "clock", "event"][number % 3]) for number in range(20)]
    for stand in stands:
        stand.opening_hours.create(weekday=4, opens_at="18:00", closes_at="02:00")
    products = Product.objects.bulk_create(
        Product(outlet=stands[0], name=f"Dish {n}", category=f"Heading {n % 12}") for n in range(300)
    )
    ProductVariant.objects.bulk_create(
        ProductVariant(product=product, name=name, price=900, quantity=50) for product in products for name in "SL"
    )
    groups = OptionGroup.objects.bulk_create(OptionGroup(product=product, name="Extras") for product in products)
    Option.objects.bulk_create(Option(group=group, name=f"Extra {n}") for group in groups for n in range(4))
    for product in products[:30]:
        product.events.add(event)
    return stands


def test_a_large_menu_takes_as_many_queries_as_a_small_one(
    api, grill, burger, extras, large, django_assert_num_queries
):
    with django_assert_num_queries(9):
        assert len(products_of(api.get(menu_of(grill)).json())) == 1
    with django_assert_num_queries(9):
        assert len(products_of(api.get(menu_of(large[0])).json())) == 300


def test_twenty_outlets_take_as_many_queries_as_one(api, venue, large, django_assert_num_queries):
    with django_assert_num_queries(5):
        assert len(api.get(outlets_of(venue)).json()["results"]) == 20
