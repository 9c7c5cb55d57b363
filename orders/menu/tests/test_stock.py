"""The stock of variants: corrected with a reason, warned of once a crossing, and proven."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from orders.cancellation import cancel
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.errors import CounterBroken, NotCounted, QuantityTooSmall
from orders.menu import products, stock, stocktaking
from orders.menu.models import ProductVariant
from orders.models import OrderItem
from orders.refunding import refund_order
from payments import charges
from trufan.lib.errors import Invalid
from trufan.testing import ProductVariantFactory, StaffFactory


def order(user, variant, quantity):
    lines = cart_lines([("product", variant.pk, quantity)])
    return place_order(lines, user=user, contact=Contact(), now=timezone.now())


def buy(user, variant, quantity):
    placed = order(user, variant, quantity)
    charges.start(placed, payer=user, payment_method="pm_card_visa", now=timezone.now())
    return placed


def counters(variant):
    variant.refresh_from_db()
    return variant.quantity, variant.held, variant.sold


def warnings():
    return [each.context["left"] for each in Notification.objects.filter(template="low_stock").order_by("created_at")]


def test_a_count_says_what_is_there_and_not_sold(fay, olga, burger):
    buy(fay, burger, 30)
    order(fay, burger, 5)
    stocktaking.count(burger, olga, counted=40, reason="Counted at half-time")
    assert counters(burger) == (70, 5, 30)
    assert burger.left == 35
    entry = AuditLog.objects.get(action="variant.stock_corrected")
    assert (entry.old_values, entry.new_values["quantity"], entry.new_values["reason"]) == (
        {"quantity": 100}, 70, "Counted at half-time",
    )  # fmt: skip
    assert (entry.actor, entry.venue_id) == (olga, burger.venue_id)


def test_a_difference_is_added(olga, burger):
    stocktaking.correct(burger, olga, delta=-3, reason="Dropped a tray")
    stocktaking.correct(burger, olga, delta=10, reason="From the store")
    assert counters(burger) == (107, 0, 0)


def test_what_is_held_and_sold_cannot_be_counted_away(fay, olga, burger):
    buy(fay, burger, 30)
    order(fay, burger, 5)
    with pytest.raises(QuantityTooSmall):
        stocktaking.count(burger, olga, counted=4, reason="Few")
    with pytest.raises(QuantityTooSmall):
        stocktaking.correct(burger, olga, delta=-66, reason="Few")
    assert counters(burger) == (100, 5, 30)
    stocktaking.count(burger, olga, counted=5, reason="Few")
    assert counters(burger) == (35, 5, 30)
    assert burger.left == 0


def test_a_stock_may_not_be_counted_at_all(fay, olga, burger):
    stocktaking.count(burger, olga, counted=None, reason="From the tap")
    buy(fay, burger, 20)
    assert counters(burger) == (None, 0, 20)
    with pytest.raises(NotCounted):
        stocktaking.correct(burger, olga, delta=1, reason="One more")
    stocktaking.count(burger, olga, counted=7, reason="Last barrel")
    assert counters(burger) == (27, 0, 20)


@pytest.mark.parametrize("ask", [{"delta": 0, "reason": "Why not"}, {"delta": 1, "reason": "  "}])
def test_a_correction_changes_something_for_a_reason(olga, burger, ask):
    with pytest.raises(Invalid):
        stocktaking.correct(burger, olga, **ask)
    assert counters(burger) == (100, 0, 0)


# -- The warning --


@pytest.fixture
def scarce(burger, olga, gus):
    """Ten, warned of at three. Gus, at the door, has no business with it; the other cook has."""
    StaffFactory(venue=burger.product.outlet.venue, role="kitchen", extra_permissions=["manage_menu"])
    ProductVariant.objects.update(quantity=10, low_at=3)
    burger.refresh_from_db()
    return burger


def test_the_staff_hear_once_that_a_stock_runs_low(fay, olga, scarce):
    buy(fay, scarce, 6)
    assert warnings() == []
    buy(fay, scarce, 1)
    assert warnings() == [3, 3]
    assert olga.email in Notification.objects.filter(template="low_stock").values_list("recipient", flat=True)
    buy(fay, scarce, 1)
    assert warnings() == [3, 3]


def test_only_what_was_bought_is_warned_of(fay, scarce):
    """Another variant that stands below its mark has its own moment."""
    beside = ProductVariantFactory(product=scarce.product, name="Beside", quantity=2, low_at=3)
    heard = []

    def hear(low):
        heard.append([each.pk for each in low])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stock.announcements, "low_stock", hear)
        buy(fay, scarce, 10)
    beside.refresh_from_db()
    scarce.refresh_from_db()
    assert (scarce.is_low, beside.is_low) == (True, False)
    assert heard == [[scarce.pk]]
    assert warnings() == [0, 0]


def test_only_what_came_back_is_above_its_mark_again(scarce):
    beside = ProductVariantFactory(product=scarce.product, name="Beside", quantity=10, low_at=3, is_low=True)
    stock.note_refilled([scarce.pk])
    beside.refresh_from_db()
    assert beside.is_low


def test_what_carts_hold_warns_nobody(fay, scarce):
    cancel(order(fay, scarce, 9), by=fay, now=timezone.now())
    assert warnings() == []


def test_above_the_mark_again_it_is_warned_of_anew(fay, olga, scarce, django_capture_on_commit_callbacks):
    bought = buy(fay, scarce, 8)
    with django_capture_on_commit_callbacks(execute=True):
        refund_order(bought, by=olga, reason="", now=timezone.now())
    assert counters(scarce) == (10, 0, 0)
    assert not scarce.is_low
    buy(fay, scarce, 8)
    assert warnings() == [2, 2, 2, 2]
    stocktaking.correct(scarce, olga, delta=5, reason="From the store")
    stocktaking.correct(scarce, olga, delta=-5, reason="No, they are not here")
    assert warnings() == [2, 2, 2, 2, 2, 2]


def test_a_mark_set_above_what_is_left_warns_at_once(olga, burger):
    products.change_variant(burger, olga, low_at=100)
    assert warnings() == [100]


# -- The proof --


def check():
    said = StringIO()
    try:
        call_command("check_inventory", stdout=said)
    except CommandError:
        return [line.partition(": ")[2] for line in said.getvalue().splitlines()]
    return []


def test_after_all_sorts_of_sales_the_counters_hold(fay, olga, burger, django_capture_on_commit_callbacks):
    order(fay, burger, 2)
    buy(fay, burger, 3)
    cancel(order(fay, burger, 4), by=fay, now=timezone.now())
    bought = buy(fay, burger, 5)
    with django_capture_on_commit_callbacks(execute=True):
        refund_order(bought, by=olga, reason="", now=timezone.now())
    assert counters(burger) == (100, 2, 3)
    assert check() == []


def test_wrong_counters_are_named(fay, burger):
    buy(fay, burger, 3)
    ProductVariant.objects.update(held=5, sold=4)
    assert check() == ["held is 5, the lines say 0", "sold is 4, the lines say 3"]


def test_a_counter_never_falls_below_nothing(burger):
    with pytest.raises(CounterBroken):
        stock.sell([OrderItem(item_id=burger.pk, quantity=1)])
