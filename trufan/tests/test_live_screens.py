"""The console's screens are renewed by what they hear, in a real browser, with nobody asking every few seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from orders.kitchen import moves, screens
from orders.kitchen.tests.kitchens import ordered
from trufan.testing import OutletFactory, ProductVariantFactory, StaffFactory
from trufan.tests.by_touch import a_tablet, complaints, sign_in, wait
from trufan.tests.live_server import SocketServer
from venues.models import VenueStaff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def server() -> Iterator[SocketServer]:
    running = SocketServer()
    yield running
    running.stop()


@pytest.fixture
def tablet(server: SocketServer) -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def subscribed(tablet: webdriver.Chrome) -> None:
    """Wait until the page has asked once more after it began to listen."""
    asked = "return performance.getEntriesByType('resource').filter((e) => e.initiatorType === 'fetch').length"
    WebDriverWait(tablet, 15).until(lambda t: t.execute_script(asked) >= 1)


def test_the_kitchen_board_changes_without_a_poll(tablet, server, fay, venue, monkeypatch):
    monkeypatch.setattr(screens, "POLL", 600_000)
    stand = OutletFactory(venue=venue)
    burger = ProductVariantFactory(product__outlet=stand)
    cook = StaffFactory(venue=venue, role=VenueStaff.Role.KITCHEN).user
    sign_in(tablet, server, cook)
    tablet.get(server.url + reverse("admin:orders_fulfilment_kitchen_board", args=[stand.pk]))
    subscribed(tablet)

    fulfilment = ordered(fay, (burger, 1))

    tile = f'[data-tile="{fulfilment.pk}"]'
    wait(tablet, f".placed {tile}")
    moves.step(fulfilment, "accept", by=cook, now=timezone.now())
    wait(tablet, f".accepted {tile}")
    assert tablet.get_log("browser") == []
    assert complaints(tablet) == []


def test_the_dashboard_shows_a_sale_without_being_loaded_again(tablet, server, fay, olga, ticket_type):
    sign_in(tablet, server, olga)
    tablet.get(server.url + reverse("admin:index"))
    assert "0 of 1000" in tablet.find_element(By.ID, "tonight").text
    subscribed(tablet)
    from trufan.tests.test_live import pay, pending

    pay(pending(fay, ticket_type))

    WebDriverWait(tablet, 15).until(lambda t: "1 of 1000" in t.find_element(By.ID, "tonight").text)
