"""A menu out of a file: a row for each variant, shown first, then all of it or nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from orders.menu.importing import IMPORTER
from orders.menu.models import Product, ProductVariant
from trufan.lib.importing import running
from trufan.testing import OutletFactory, ProductFactory, ProductVariantFactory, StaffFactory
from trufan.tests.console_client import as_
from trufan.tests.imports import Screen, csv_of

pytestmark = pytest.mark.django_db
HEADER = ["product", "variant", "sku", "price", "stock", "category", "tax", "active"]
MENU = [
    HEADER,
    ["Cola", "Small", "COL-S", "3.50", "100", "Drinks", "beverage", ""],
    ["Cola", "Large", "COL-L", "5,00", "", "Drinks", "beverage", ""],
    ["Scarf", "", "", "25", "0", "", "", "no"],
]


@pytest.fixture
def screen(olga, grill) -> Screen:
    return Screen(olga, Product, grill)


def test_a_dry_run_writes_nothing(screen):
    answer = screen.rehearse(MENU)
    lines = answer.context["report"].lines
    assert [(line.row, line.deed, line.what) for line in lines] == [
        (2, "made", "Cola, Small"), (3, "made", "Cola, Large"), (4, "made", "Scarf"),
    ]  # fmt: skip
    assert "price: nothing → 3.50" in answer.content.decode()
    assert not Product.objects.exists()
    assert not AuditLog.objects.filter(action__startswith="product").exists()


def test_products_are_made_with_their_variants_by_the_rules(screen, olga, grill):
    screen.take(MENU)
    small, large = ProductVariant.objects.filter(product__name="Cola").order_by("position")
    assert (small.price, small.quantity, small.sku, small.position) == (350, 100, "COL-S", 0)
    assert (large.price, large.quantity, large.position) == (500, None, 1)
    assert (small.product.tax_category, small.product.category, small.product.outlet) == ("beverage", "Drinks", grill)
    assert not ProductVariant.objects.get(product__name="Scarf").is_active
    assert AuditLog.objects.filter(action="variant.created").count() == 3
    entry = AuditLog.objects.get(action="products.imported")
    assert (entry.new_values, entry.entity_id, entry.actor_id) == ({"rows": 3, "made": 3}, grill.pk, olga.pk)


def test_the_same_file_twice_changes_nothing(screen):
    screen.take(MENU)
    assert screen.report(MENU).counts == {"same": 3}
    screen.take(MENU)
    assert (Product.objects.count(), ProductVariant.objects.count()) == (2, 3)
    assert not AuditLog.objects.filter(action__endswith=".changed").exists()


def test_a_variant_is_known_by_its_sku_and_changed(screen, burger):
    ProductVariant.objects.update(sku="BUR", sold=10, held=2)
    rows = [HEADER[:5], ["Burger", "Classic", "BUR", "13", "50"]]
    [line] = screen.report(rows).lines
    assert (line.deed, line.notes) == ("changed", ("stock until now: 90",))
    screen.take(rows)
    burger.refresh_from_db()
    assert (burger.name, burger.price, burger.quantity, burger.sold) == ("Classic", 1300, 60, 10)
    assert AuditLog.objects.get(action="variant.stock_corrected").new_values["quantity"] == 60


def test_a_sale_in_between_does_not_ask_again(screen, burger):
    rehearsed = screen.rehearse([HEADER[:5], ["Burger", burger.name, "", "12", "50"]])
    ProductVariant.objects.update(sold=1)
    assert screen.confirm(rehearsed).status_code == 302
    burger.refresh_from_db()
    assert (burger.quantity, burger.sold) == (51, 1)


def test_an_empty_cell_leaves_what_is_there(screen, burger):
    report = screen.report([HEADER, ["Burger", burger.name, "", "", "", "", "", ""]])
    assert report.counts == {"same": 1}


def test_every_problem_is_said_at_its_row_and_column(screen, burger):
    ProductVariant.objects.update(sku="BUR", held=5)
    rows = [
        HEADER,
        ["Cola", "", "BUR", "1", "", "", "", ""],
        ["Fries", "", "", "", "", "", "", ""],
        ["Soup", "", "", "1.234", "x", "", "sugar", "maybe"],
        ["Burger", burger.name, "", "12", "3", "", "", ""],
        ["Tea", "", "", "2", "", "Hot", "", ""],
        ["Tea", "Big", "", "2", "", "Cold", "", ""],
        ["Tea", "", "", "2", "", "Hot", "", ""],
        ["N" * 121, "", "", "2", "", "", "", ""],
    ]
    assert screen.problems(rows) == [
        (2, "sku"), (3, "price"), (4, "tax"), (4, "price"), (4, "stock"), (4, "active"), (5, ""), (7, "category"),
        (8, "variant"), (9, "product"),
    ]  # fmt: skip
    assert Product.objects.count() == 1


def test_one_wrong_row_keeps_all_others_out(screen):
    assert screen.rehearse([*MENU, ["Soup", "", "", "", "", "", "", ""]]).context["kept"] == ""
    assert not Product.objects.exists()


def test_other_outlets_and_other_venues_are_out_of_reach(screen, venue, other_venue, stan, grill):
    elsewhere = OutletFactory(venue=other_venue, name="Grill")
    theirs = ProductVariantFactory(product=ProductFactory(outlet=elsewhere, name="Cola"), name="Small", sku="COL-S")
    assert screen.rehearse(MENU, target=elsewhere).context["form"].errors["target"]
    assert Screen(stan, Product, grill).rehearse(MENU).context["form"].errors["target"]
    screen.take(MENU)
    before = theirs.price
    theirs.refresh_from_db()
    assert theirs.price == before
    assert ProductVariant.objects.filter(sku="COL-S").count() == 2


def test_who_runs_the_kitchen_but_not_the_menu_has_no_import(venue, screen):
    cook = StaffFactory(venue=venue, role="kitchen").user
    client = as_(cook)
    assert client.get(screen.address).status_code == 403
    assert "data-import" not in client.get(screen.address.replace("import/", "")).content.decode()


def test_a_file_that_is_as_it_was_costs_no_query_for_a_row(grill, olga):
    def content(count: int) -> bytes:
        return csv_of([HEADER[:4], *([f"Dish {n}", "", f"D{n}", "4"] for n in range(count))])

    def statements(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            report = running.run(IMPORTER, grill, content(count), by=olga, now=timezone.now())
        assert report.counts == {"same": count}
        return len(seen)

    expected = running.run(IMPORTER, grill, content(40), by=olga, now=timezone.now()).digest
    with CaptureQueriesContext(connection) as seen:
        running.run(IMPORTER, grill, content(40), by=olga, now=timezone.now(), expected=expected)
    assert len(seen) <= 40 * 17 + 20, "a new variant is written by the rules, each with its entry in the trail"
    # A savepoint is a statement of its own, and reads nothing.
    assert statements(40) - statements(20) <= 20 * 2


def test_the_description_may_have_lines_and_a_number_may_be_a_name(screen):
    screen.take([["product", "price", "description"], ["1664", "5", "Cold.\nVery cold."]])
    assert Product.objects.get().description == "Cold.\nVery cold."
