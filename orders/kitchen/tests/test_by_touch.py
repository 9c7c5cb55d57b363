"""A cook with a tablet: one order from placed to picked up, by touch, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.interaction import POINTER_TOUCH
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from orders.kitchen.tests.kitchens import ordered
from trufan.testing import ProductVariantFactory
from trufan.tests.console_client import as_

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH, HEIGHT = 1024, 768
#: What a thumb hits; see https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html for the least.
THUMB = 48
TARGETS = "a, button, summary, .chips span, input:not([type=hidden], [type=radio])"


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    yield driver
    driver.quit()


def sign_in(tablet: webdriver.Chrome, live_server: Any, user: Any) -> None:
    """The session of somebody who signed in before the doors opened."""
    session = as_(user).cookies[settings.SESSION_COOKIE_NAME].value
    tablet.get(f"{live_server.url}/health")
    tablet.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session})


def touch(tablet: webdriver.Chrome, element: Any) -> None:
    finger = PointerInput(POINTER_TOUCH, "finger")
    actions = ActionBuilder(tablet, mouse=finger)
    actions.pointer_action.move_to(element).pointer_down().pointer_up()
    actions.perform()


def wait(tablet: webdriver.Chrome, for_what: str) -> Any:
    return WebDriverWait(tablet, 15).until(lambda t: t.find_element(By.CSS_SELECTOR, for_what))


def settled(tablet: webdriver.Chrome) -> None:
    """After tiles moved a tap waits a moment; so do we."""
    WebDriverWait(tablet, 15).until(lambda t: not t.find_elements(By.CSS_SELECTOR, "#screen.is-busy"))


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
    WebDriverWait(tablet, 15).until(lambda t: not t.find_elements(By.CSS_SELECTOR, tile))
    assert f"{fulfilment.pickup_number} was handed over" in tablet.find_element(By.ID, "notice").text
    fulfilment.refresh_from_db()
    assert fulfilment.status == "picked_up"

    settled(tablet)
    touch(tablet, wait(tablet, "#notice button"))  # that was the wrong one
    wait(tablet, f".ready {tile}")
    fulfilment.refresh_from_db()
    assert fulfilment.status == "ready"
    assert [entry for entry in tablet.get_log("browser") if entry["level"] == "SEVERE"] == []


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
        for summary in tablet.find_elements(By.TAG_NAME, "summary"):
            summary.click()
        small = tablet.execute_script(
            """return [...document.querySelectorAll(arguments[1])]
            .map((each) => [each.outerHTML, each.getBoundingClientRect()])
            .filter(([, box]) => box.width < arguments[0] || box.height < arguments[0]).map(([html]) => html)""",
            THUMB,
            TARGETS,
        )
        assert small == []
        assert tablet.execute_script("return document.documentElement.scrollWidth") <= WIDTH
