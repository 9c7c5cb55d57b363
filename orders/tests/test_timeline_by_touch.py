"""The timeline in somebody's hands: narrowed by touch, on a tablet and as wide as a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from orders.models import Order
from orders.tests.refunds import buy
from trufan.tests.by_touch import a_tablet, complaints, sign_in, wait
from trufan.tests.console_client import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def test_narrowed_to_the_money_on_a_tablet_and_a_phone(
    tablet: webdriver.Chrome, live_server, fay, olga, ticket_type, tmp_path: Path
) -> None:
    bought = buy(fay, (ticket_type, 2))
    sign_in(tablet, live_server, olga)
    tablet.get(live_server.url + url(Order, "change", bought.pk))
    assert "order.paid" in wait(tablet, "#story").text
    tablet.execute_script("document.getElementById('story').scrollIntoView()")
    tablet.save_screenshot(str(tmp_path / "order.png"))
    # The bar with the page's buttons covers the lower edge of the window: what is touched stands in its middle.
    money = tablet.find_element(By.CSS_SELECTOR, "#story a[href*='story=money']")
    tablet.execute_script("arguments[0].scrollIntoView({block: 'center'})", money)
    money.click()
    story = wait(tablet, "#story a[aria-current][href*='story=money']").find_element(By.XPATH, "ancestor::section")
    assert "Payment of $100.00 succeeded." in story.text
    assert "order.paid" not in story.text
    tablet.save_screenshot(str(tmp_path / "money.png"))
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    tablet.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    tablet.execute_script("document.getElementById('story').scrollIntoView()")
    tablet.save_screenshot(str(tmp_path / "phone.png"))
    assert tablet.execute_script("return document.documentElement.scrollWidth") <= 390
    assert not complaints(tablet)
