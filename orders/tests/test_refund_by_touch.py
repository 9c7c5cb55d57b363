"""The refund screen in somebody's hands: counted by thumb, reckoned by the server, done by one press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from orders.models import Order
from orders.tests.refunds import buy
from trufan.tests.by_touch import a_tablet, complaints, sign_in, wait
from trufan.tests.console_client import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def test_two_of_three_by_thumb(tablet: webdriver.Chrome, live_server, fay, olga, ticket_type, tmp_path: Path) -> None:
    bought = buy(fay, (ticket_type, 3))
    sign_in(tablet, live_server, olga)
    tablet.get(live_server.url + url(Order, "button", bought.pk, "refund-lines"))
    more = wait(tablet, "[data-step='1']")
    for _ in range(2):
        more.click()
    WebDriverWait(tablet, 15).until(lambda t: "$100.00" in t.find_element(By.ID, "refund-figures").text)
    assert not bought.refunds.exists()
    tablet.save_screenshot(str(tmp_path / "refund.png"))
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    tablet.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    tablet.save_screenshot(str(tmp_path / "phone.png"))
    assert tablet.execute_script("return document.documentElement.scrollWidth") <= 390
    tablet.find_element(By.NAME, "reason").send_keys("Did not come")
    press = tablet.find_element(By.CSS_SELECTOR, "#refund-form button[type=submit], #refund-form button:not([type])")
    tablet.execute_script("arguments[0].scrollIntoView({block: 'center'})", press)
    press.click()
    wait(tablet, "#story")
    assert bought.refunds.get().amount == 100_00
    assert not complaints(tablet)
