"""Every job that is done in a hurry is done by keys alone, from the top of its page to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from orders.kitchen.tests.kitchens import ordered
from orders.models import Order
from orders.tests.refunds import buy as paid
from parking.models import ParkingSession
from ticketing.models import DoorSale, Scan
from ticketing.tests.sales import buy
from trufan.testing import CapacityFactory, LotFactory, OutletFactory, ProductVariantFactory, StaffFactory
from trufan.tests.by_keyboard import Keyboard
from trufan.tests.by_touch import a_tablet, complaints, gone, settled, sign_in, wait
from trufan.tests.console_client import url
from venues.models import VenueStaff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Role = VenueStaff.Role


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


@pytest.fixture
def keys(browser: webdriver.Chrome, live_server: Any, venue: Any) -> Any:
    """Somebody of that role at that page, with a keyboard."""

    def at(role: str, path: str) -> Keyboard:
        sign_in(browser, live_server, StaffFactory(venue=venue, role=role).user)
        browser.get(live_server.url + path)
        return Keyboard(browser)

    return at


def says(keys: Keyboard, words: str) -> None:
    WebDriverWait(keys.driver, 20).until(lambda d: words in d.find_element(By.TAG_NAME, "body").text)


def test_the_till(keys, event, ticket_type):
    clerk = keys(Role.BOX_OFFICE, reverse("admin:ticketing_doorsale_sell_event", args=[event.pk]))
    clerk.skip_to_the_content()
    clerk.to("General Admission").type(Keys.ARROW_UP + Keys.ARROW_UP)
    clerk.to("Cash handed over").type("200")
    clerk.to("Name").type("Ana Costa")
    clerk.to("Sell").enter()
    says(clerk, "Give back")
    assert DoorSale.objects.get().order.contact_name == "Ana Costa"
    clerk.to("Next customer").enter()
    says(clerk, "Cash handed over")


def test_the_scanner(keys, event, ticket_type, fay):
    ticket, _ = buy(fay, ticket_type, 2)
    steward = keys(Role.DOOR, reverse("door_scan", args=[event.pk]))
    wait(steward.driver, "#net.online")
    steward.skip_to_the_content()
    steward.to("Ticket number or code").type(ticket.number).enter()
    wait(steward.driver, "#last li.accepted")
    assert Scan.objects.get(ticket=ticket).result == "accepted"


def test_the_kitchen_board(keys, venue, fay):
    burger = ProductVariantFactory(product__outlet=OutletFactory(venue=venue))
    meal = ordered(fay, (burger, 1))
    cook = keys(Role.KITCHEN, reverse("admin:orders_fulfilment_kitchen_board", args=[burger.product.outlet_id]))
    tile = f'[data-tile="{meal.pk}"]'
    cook.skip_to_the_content()
    cook.to("Accept").enter()
    for column in ("accepted", "preparing"):  # the focus went along with the tile
        wait(cook.driver, f".{column} {tile} .go:focus")
        settled(cook.driver)
        cook.enter()
    wait(cook.driver, f".ready {tile} .go:focus")
    settled(cook.driver)
    cook.enter()
    gone(cook.driver, tile)
    settled(cook.driver)
    cook.to("Undo").enter()
    wait(cook.driver, f".ready {tile}")
    assert complaints(cook.driver) == []


def test_the_parking_board(keys, venue):
    lot = LotFactory(venue=venue)
    CapacityFactory(lot=lot)
    attendant = keys(Role.PARKING, reverse("admin:parking_parkinglot_board_lot", args=[lot.pk]))
    attendant.skip_to_the_content()
    attendant.to("Let in").enter()
    wait(attendant.driver, "input[name=plate]")
    if attendant.here != "Plate":  # a browser that is not in front gives no page the focus by itself
        attendant.to("Plate")
    attendant.type("22-AB-33").enter()
    wait(attendant.driver, "#part .inside tbody tr")
    attendant.skip_to_the_content()
    attendant.to("22-AB-33").enter()
    says(attendant, "To pay now")
    assert ParkingSession.objects.get().status == "active"


def test_the_refund(keys, fay, ticket_type):
    bought = paid(fay, (ticket_type, 3))
    clerk = keys(Role.BOX_OFFICE, url(Order, "button", bought.pk, "refund-lines"))
    clerk.skip_to_the_content()
    for _ in range(2):
        clerk.to("One more").enter()
        clerk.press(Keys.SHIFT + Keys.TAB + Keys.NULL)
    says(clerk, "$100.00")
    clerk.to("Reason").type("Did not come")
    clerk.to("Refund lines").enter()
    wait(clerk.driver, "#story")
    assert bought.refunds.get().amount == 100_00
