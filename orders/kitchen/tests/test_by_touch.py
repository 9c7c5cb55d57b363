"""A cook with a tablet: one order from placed to picked up, by touch, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By

from orders.kitchen.tests.kitchens import ordered
from trufan.testing import ProductVariantFactory
from trufan.tests.by_touch import a_tablet, complaints, gone, is_too_wide, settled, sign_in, too_small, touch, wait

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def test_from_placed_to_picked_up_by_touch(tablet, live_server, fay, cook, stand, burger):
    sign_in(tablet, live_server, cook)
    tablet.get(live_server.url + reverse("admin:orders_fulfilment_kitchen"))
    assert "Nothing to make" in tablet.page_source

    fulfilment = ordered(fay, (burger, 2))  # it appears without anybody loading the page again
    tile = f'[data-tile="{fulfilment.pk}"]'
    for column, then in (("placed", "accepted"), ("accepted", "preparing"), ("preparing", "ready")):
        button = wait(tablet, f".{column} {tile} button.go")
        settled(tablet)
        touch(tablet, button)
        wait(tablet, f".{then} {tile}")
    settled(tablet)
    touch(tablet, wait(tablet, f".ready {tile} button.go"))
    gone(tablet, tile)
    assert f"{fulfilment.pickup_number} was handed over" in tablet.find_element(By.ID, "notice").text
    fulfilment.refresh_from_db()
    assert fulfilment.status == "picked_up"

    settled(tablet)
    touch(tablet, wait(tablet, "#notice button"))  # that was the wrong one
    wait(tablet, f".ready {tile}")
    fulfilment.refresh_from_db()
    assert fulfilment.status == "ready"
    assert complaints(tablet) == []


def test_everything_to_touch_is_large_enough_for_a_thumb(tablet, live_server, fay, cook, stand, burger):
    beer = ProductVariantFactory(product__outlet=stand, product__minimum_age=21)
    stand.offers_seat_delivery = True
    stand.save()
    fulfilment = ordered(fay, (burger, 1), (beer, 1), delivery={"method": "seat", "section": "112", "seat": "12"})
    sign_in(tablet, live_server, cook)
    name = "admin:orders_fulfilment_kitchen"
    pages = [
        reverse(f"{name}_board", args=[stand.pk]),
        reverse(f"{name}_runner", args=[stand.pk]),
        reverse(f"{name}_sheet", args=[stand.pk, fulfilment.pk]),
    ]
    for page in pages:
        tablet.get(live_server.url + page)
        assert too_small(tablet) == []
        assert not is_too_wide(tablet)
