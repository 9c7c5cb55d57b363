"""The console sets up a menu by the same rules, marks sold out in one touch and corrects a stock with a reason."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit.models import AuditLog
from orders.menu.models import Daypart, OpeningHours, Option, OptionGroup, Outlet, Product, ProductVariant
from trufan.testing import EventFactory, StaffFactory
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url


@pytest.fixture
def cook(venue):
    return StaffFactory(venue=venue, role="kitchen").user


def inline(prefix, *rows, initial=0):
    """What a browser sends of an inline."""
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return sent | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def product_form(outlet, *variants, groups=(), initial=0, **changes):
    typed = {
        "outlet": outlet.pk, "name": "Fries", "category": "Sides", "description": "", "kind": "concession",
        "tax_category": "food", "allergens": ["celery"], "dietary_marks": ["vegan"], "minimum_age": 0,
        "max_per_order": 20, "position": 0, "is_active": "on",
        **inline("variants", *variants, initial=initial), **inline("option_groups", *groups),
    }  # fmt: skip
    return typed | changes


def outlet_form(venue, *hours, initial=0, **changes):
    typed = {
        "venue": venue.pk, "name": "Bar", "kind": "bar", "description": "", "location": "", "position": 0,
        "is_active": "on", "hours": "clock", "prep_seconds": 60, "makes_at_once": "4", "busy_seconds": 60,
        "offers_pickup": "on", "service_charge_ppm": "12.5", **inline("opening_hours", *hours, initial=initial),
    }  # fmt: skip
    return typed | changes


def test_an_outlet_is_opened_with_its_hours(olga, venue):
    span = {"weekday": 4, "opens_at": "18:00", "closes_at": "02:00"}
    assert as_(olga).post(url(Outlet, "add"), outlet_form(venue, span)).status_code == 302
    outlet = Outlet.objects.get()
    assert outlet.service_charge_ppm == 125_000
    hours = outlet.opening_hours.get()
    kept = {"id": hours.pk, "outlet": outlet.pk, "weekday": 5, "opens_at": "18:00", "closes_at": "02:00"}
    more = {"outlet": outlet.pk, "weekday": 6, "opens_at": "12:00", "closes_at": "15:00"}
    answer = as_(olga).post(url(Outlet, "change", outlet.pk), outlet_form(venue, kept, more, initial=1))
    assert answer.status_code == 302
    assert set(outlet.opening_hours.values_list("weekday", flat=True)) == {5, 6}
    gone = [{"id": each.pk, "outlet": outlet.pk, "weekday": each.weekday, "opens_at": each.opens_at,
             "closes_at": each.closes_at, "DELETE": "on"} for each in outlet.opening_hours.all()]  # fmt: skip
    as_(olga).post(url(Outlet, "change", outlet.pk), outlet_form(venue, *gone, initial=2))
    assert not OpeningHours.objects.exists()
    actions = AuditLog.objects.filter(entity_type="orders.openinghours").order_by("created_at")
    assert [each.action.partition(".")[2] for each in actions] == ["created", "changed", "created", *["deleted"] * 2]


def test_an_outlet_that_hands_over_in_no_way_is_refused_on_the_form(olga, venue):
    typed = outlet_form(venue)
    del typed["offers_pickup"]
    response = as_(olga).post(url(Outlet, "add"), typed)
    assert "at least one way" in errors_of(response)
    assert not Outlet.objects.exists()


def test_the_list_of_outlets_leads_to_their_kitchens(olga, grill):
    board = reverse("admin:orders_fulfilment_kitchen_board", args=[grill.pk])
    assert board in as_(olga).get(url(Outlet, "changelist")).content.decode()
    assert as_(olga).get(board).status_code == 200
    Outlet.objects.filter(pk=grill.pk).update(is_active=False)
    assert board not in as_(olga).get(url(Outlet, "changelist")).content.decode()


def test_a_product_is_set_up_with_variants_and_choices(olga, grill, venue, event):
    part = Daypart.objects.create(venue=venue, name="Late", starts_at="22:00", ends_at="02:00")
    variants = [{"name": "Small", "price": "4.50", "quantity": 40, "low_at": 5, "position": 0, "is_active": "on"},
                {"name": "Large", "price": "6.00", "position": 1, "is_active": "on"}]  # fmt: skip
    groups = [{"name": "Dip", "minimum": 0, "maximum": 2, "position": 0}]
    typed = product_form(grill, *variants, groups=groups, events=[event.pk], dayparts=[part.pk])
    assert as_(olga).post(url(Product, "add"), typed).status_code == 302
    product = Product.objects.get()
    assert (product.allergens, product.dietary_marks) == (["celery"], ["vegan"])
    assert (product.events.get(), product.dayparts.get()) == (event, part)
    assert list(product.variants.values_list("name", "price", "quantity", "low_at")) == [
        ("Small", 450, 40, 5),
        ("Large", 600, None, None),
    ]
    group = product.option_groups.get()
    options = [{"name": "Mayo", "price_delta": "0.50", "is_available": "on", "position": 0},
               {"name": "No salt", "price_delta": "-0.10", "is_available": "on", "position": 1}]  # fmt: skip
    typed = {"name": "Dips", "minimum": 1, "maximum": 2, "position": 0, **inline("options", *options)}
    assert as_(olga).post(url(OptionGroup, "change", group.pk), typed).status_code == 302
    assert set(Option.objects.values_list("group__name", "name", "price_delta")) == {
        ("Dips", "Mayo", 50),
        ("Dips", "No salt", -10),
    }


def test_a_variant_is_changed_in_place_but_its_stock_is_not(olga, grill, product, burger):
    row = {"id": burger.pk, "product": product.pk, "name": "", "price": "13.00", "quantity": 999, "position": 0,
           "is_active": "on"}  # fmt: skip
    typed = product_form(grill, row, initial=1, name="Burger")
    assert as_(olga).post(url(Product, "change", product.pk), typed).status_code == 302
    burger.refresh_from_db()
    assert (burger.price, burger.quantity) == (1300, 100)
    shown = as_(olga).get(url(Product, "change", product.pk)).content.decode()
    assert 'value="13.00"' in shown


def test_a_wrong_row_refuses_the_whole_form(olga, grill):
    variants = [{"name": "", "price": "lots", "position": 0, "is_active": "on"}]
    assert as_(olga).post(url(Product, "add"), product_form(grill, *variants)).status_code == 200
    twice = [{"name": "S", "price": "1.00", "position": 0}] * 2
    assert as_(olga).post(url(Product, "add"), product_form(grill, *twice)).status_code == 200
    assert not (Product.objects.exists() or ProductVariant.objects.exists())


def test_what_is_of_another_venue_cannot_be_linked(olga, grill, other_venue):
    foreign = EventFactory(venue=other_venue)
    response = as_(olga).post(url(Product, "add"), product_form(grill, events=[foreign.pk]))
    assert "events" in response.context["adminform"].form.errors
    assert not Product.objects.exists()


def test_a_picture_is_put_on_the_page(olga, grill):
    written = BytesIO()
    Image.new("RGB", (20, 20), "red").save(written, "PNG")
    upload = SimpleUploadedFile("fries.png", written.getvalue(), "image/png")
    variant = {"name": "", "price": "4.00", "position": 0, "is_active": "on"}
    assert as_(olga).post(url(Product, "add"), product_form(grill, variant, picture=upload)).status_code == 302
    assert Product.objects.get().picture.name.endswith(".png")


def test_sold_out_in_one_touch_from_the_list(cook, grill, product, burger):
    client = as_(cook, enforce_csrf_checks=True)
    page = client.get(url(Product, "changelist"), {"outlet": grill.pk}).content.decode()
    action = re.search(r'formaction="([^"]*sold-out[^"]*)"', page).group(1).replace("&amp;", "&")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    assert client.post(action).status_code == 403
    answer = client.post(action, {"csrfmiddlewaretoken": token})
    assert answer["Location"] == f"{url(Product, 'changelist')}?outlet={grill.pk}"
    product.refresh_from_db()
    assert product.is_sold_out
    assert "Back on the menu" in client.get(answer["Location"]).content.decode()


def test_the_list_never_leads_elsewhere(cook, product):
    address = url(Product, "button", product.pk, "sold-out")
    answer = as_(cook).post(f"{address}?list=//example.com")
    assert answer["Location"] == f"{url(Product, 'changelist')}?//example.com"


def test_the_kitchen_runs_the_menu_and_changes_none_of_it(cook, grill, product, burger):
    assert buttons_on(cook, grill) == {"busy", "closed"}
    assert buttons_on(cook, product) == {"sold-out"}
    assert buttons_on(cook, burger) == set()
    assert press(cook, grill, "busy") == "Grill is busy."
    assert press(cook, product, "sold-out") == "Burger is sold out."
    assert as_(cook).post(url(Product, "change", product.pk), {"name": "Mine"}).status_code == 403
    assert as_(cook).get(url(Product, "add")).status_code == 403
    grill.refresh_from_db()
    assert grill.status == "busy"


def test_a_stock_is_corrected_with_a_reason(olga, burger):
    assert press(olga, burger, "stock", delta=-3, reason="Dropped a tray") == "The stock of Burger is corrected."
    assert press(olga, burger, "stock", counted=50, reason="Counted").startswith("The stock")
    burger.refresh_from_db()
    assert burger.quantity == 50
    assert "either" in press(olga, burger, "stock", counted=1, delta=1, reason="Both")
    press(olga, burger, "stop-counting", reason="From the tap")
    burger.refresh_from_db()
    assert burger.quantity is None
    assert AuditLog.objects.filter(action="variant.stock_corrected", actor=olga).count() == 3
