"""An attendant with a tablet: one car from the door to its owner, by touch, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from parking.models import ValetTicket
from parking.stays import pricing_override
from parking.valet import moves, requesting
from trufan.lib.pictures import MAX_BYTES
from trufan.tests.by_touch import a_tablet, complaints, gone, is_too_wide, settled, sign_in, too_small, touch, wait

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def a_large_picture(folder: Path) -> Path:
    """As a camera makes it: larger than what we take."""
    path = folder / "car.jpg"
    noise = Image.frombytes("RGB", (1800, 1200), os.urandom(1800 * 1200 * 3))
    noise.save(path, quality=90)
    assert path.stat().st_size > MAX_BYTES
    return path


def submit(tablet: webdriver.Chrome, deed: str) -> None:
    tablet.find_element(By.CSS_SELECTOR, f'button[value="{deed}"]').click()


def test_from_the_door_to_its_owner_by_touch(tablet, live_server, val, valet, tmp_path):
    sign_in(tablet, live_server, val)
    tablet.get(live_server.url + reverse("admin:parking_valetticket_board"))
    touch(tablet, wait(tablet, ".bar .here"))
    for name, words in (("plate", "abc 1234"), ("vehicle", "Blue Volvo V60"), ("phone", "+12125550123")):
        wait(tablet, f"input[name={name}]").send_keys(words)
    touch(tablet, tablet.find_element(By.CSS_SELECTOR, "form .go"))
    number, pin = (each.text for each in wait(tablet, ".paper").find_elements(By.CSS_SELECTOR, ".pair b"))
    ticket = ValetTicket.objects.get()
    assert (number, len(pin)) == ("1", 5)
    assert tablet.find_element(By.CSS_SELECTOR, "[data-print]").is_displayed()

    touch(tablet, tablet.find_element(By.XPATH, "//summary[text()='Picture']"))
    tablet.find_element(By.CSS_SELECTOR, ".plainly input[type=file]").send_keys(str(a_large_picture(tmp_path)))
    submit(tablet, "photo")
    image = wait(tablet, ".pictures img")
    WebDriverWait(tablet, 15).until(lambda t: t.execute_script("return arguments[0].naturalWidth", image) == 1600)
    assert pin not in tablet.page_source  # it was shown once

    wait(tablet, "input[name=place]").send_keys("P2 row C")
    submit(tablet, "park")
    tile = f'[data-tile="{ticket.pk}"]'
    wait(tablet, f".parked {tile}")
    requesting.by_number(valet.lot, 1, pin, "ticket", timezone.now())  # it moves without anybody loading the page again
    for column, then in (("requested", "retrieving"), ("retrieving", "ready")):
        button = wait(tablet, f".{column} {tile} button.go")
        settled(tablet)
        touch(tablet, button)
        wait(tablet, f".{then} {tile}")
    assert "1 is ready" in tablet.find_element(By.ID, "notice").text

    settled(tablet)
    touch(tablet, wait(tablet, f".ready {tile} a.go"))
    assert "$20.00 to be paid" in wait(tablet, ".sheet").text
    tablet.find_element(By.NAME, "pin").send_keys(pin)
    submit(tablet, "hand-over")
    assert "is to be paid first" in wait(tablet, ".refusal").text
    pricing_override.set_price(ticket.session, 0, reason="Guest of the house", by=val, now=timezone.now())
    wait(tablet, "input[name=pin]").send_keys(pin)
    submit(tablet, "hand-over")
    wait(tablet, ".columns")
    gone(tablet, tile)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.place, ticket.photos.count()) == ("handed_over", "P2 row C", 1)
    # The refusal was a page of 409, of which the browser takes note.
    assert [entry for entry in complaints(tablet) if "409" not in entry["message"]] == []


def test_a_touch_is_taken_back(tablet, live_server, val, drop):
    ticket = drop("ABC 1234")
    moves.park(ticket, place="A1", by=val, now=timezone.now())
    sign_in(tablet, live_server, val)
    tablet.get(live_server.url + reverse("admin:parking_valetticket_board_lot", args=[ticket.lot_id]))
    tile = f'[data-tile="{ticket.pk}"]'
    for column, then in (("parked", "requested"), ("requested", "retrieving")):
        settled(tablet)
        touch(tablet, wait(tablet, f".{column} {tile} button.go"))
        wait(tablet, f".{then} {tile}")
        settled(tablet)
        touch(tablet, wait(tablet, "#notice button"))
        wait(tablet, f".{column} {tile}")
        if then == "requested":
            settled(tablet)
            touch(tablet, wait(tablet, f".parked {tile} button.go"))
            wait(tablet, f".requested {tile}")
    ticket.refresh_from_db()
    assert ticket.status == "requested"


def test_everything_to_touch_is_large_enough_for_a_thumb(tablet, live_server, val, drop):
    now, cars = timezone.now(), [drop(f"ABC 100{n}", vehicle="Blue Volvo V60", key_tag=f"{n}") for n in range(5)]
    for car in cars[1:]:
        moves.park(car, place="P2 row C", by=val, now=now)
    for car in cars[2:]:
        moves.request(car, channel="desk", by=val, now=now)
    moves.fetch(cars[3], by=val, now=now)
    moves.ready(cars[4], by=val, now=now)
    sign_in(tablet, live_server, val)
    name, lot = "admin:parking_valetticket_board", cars[0].lot_id
    pages = [
        reverse(f"{name}_lot", args=[lot]),
        reverse(f"{name}_new", args=[lot]),
        *(reverse(f"{name}_sheet", args=[lot, car.pk]) for car in cars),
    ]
    for page in pages:
        tablet.get(live_server.url + page)
        assert too_small(tablet) == []
        assert not is_too_wide(tablet)
