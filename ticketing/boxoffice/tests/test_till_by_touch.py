"""The till in somebody's hands: a seat by thumb, cash, the change, and a sheet that prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By

from ticketing.models import DoorSale, Ticket
from ticketing.tests.nights import Night
from trufan.tests.by_touch import a_tablet, complaints, sign_in, wait

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def test_a_seat_for_cash(tablet: webdriver.Chrome, live_server, event, olga, bea, tmp_path: Path) -> None:
    night = Night(event, olga)
    sign_in(tablet, live_server, bea)
    tablet.get(live_server.url + reverse("admin:ticketing_doorsale_sell_event", args=[event.pk]))
    wait(tablet, "details.seats summary").click()
    seat = tablet.find_element(By.CSS_SELECTOR, f"[name='seats_{night.gold.pk}'][value='A-B-2']")
    tablet.execute_script("arguments[0].scrollIntoView({block: 'center'})", seat)
    seat.click()
    tablet.save_screenshot(str(tmp_path / "seats.png"))
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    tablet.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert tablet.execute_script("return document.documentElement.scrollWidth") <= 390
    tablet.save_screenshot(str(tmp_path / "phone.png"))
    tablet.find_element(By.NAME, "tendered").send_keys("500.00")
    sell = tablet.find_element(By.CSS_SELECTOR, "button.go")
    tablet.execute_script("arguments[0].scrollIntoView({block: 'center'})", sell)
    sell.click()
    wait(tablet, "form[action$='/send/']")
    assert "Give back" in wait(tablet, "main.sheet").text
    assert Ticket.objects.get().seat == "A-B-2"
    assert DoorSale.objects.get().change > 0
    tablet.save_screenshot(str(tmp_path / "sold.png"))
    tablet.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not tablet.find_element(By.CSS_SELECTOR, "form[action$='/send/']").is_displayed()
    assert tablet.find_element(By.CSS_SELECTOR, ".tile svg").is_displayed()
    tablet.save_screenshot(str(tmp_path / "print.png"))
    assert not complaints(tablet)
