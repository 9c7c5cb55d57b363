"""The scanner page in a real browser: its camera sees codes, with and without a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import ServerHandler, ThreadedWSGIServer
from django.test.testcases import LiveServerThread
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from selenium import webdriver
from selenium.webdriver.common.by import By

from ticketing import codes
from ticketing.models import Scan, Ticket
from ticketing.rotation import texts
from ticketing.scanner import screens
from ticketing.scanner.tests.phone import WIDTH, a_phone, film, network
from trufan.tests.by_touch import sign_in, too_small, wait

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Phone = webdriver.Chrome


@pytest.fixture
def phone_that_sees(tmp_path: Path, live_server, gus, event) -> Iterator[Callable[[str], Phone]]:
    """Gus's phone at the event's door, held before that code."""
    with ExitStack() as stack:

        def make(text: str) -> Phone:
            phone = stack.enter_context(a_phone(film(text, tmp_path / "film.y4m")))
            sign_in(phone, live_server, gus)
            phone.get(live_server.url + screens.address(event))
            return phone

        yield make


def answer(phone: Phone, result: str) -> str:
    """The words of the answer that fills the screen, or did: it goes by itself, sooner than a busy machine looks."""
    wait(phone, f"#last li:first-child.{result}")
    return str(phone.find_element(By.ID, "answer").get_property("textContent"))


def again(phone: Phone) -> None:
    """Touch the answer: what the camera sees now counts anew."""
    phone.execute_script("document.getElementById('answer').click()")


class ServerThatComesBack(ThreadedWSGIServer):
    """Takes an address where connections of the one before it are still closing."""

    def __init__(self, *where: Any, **how: Any) -> None:
        super().__init__(*where, **{**how, "allow_reuse_address": True})


def waiting(phone: Phone, number: int) -> None:
    """Wait until so many scans wait to be sent."""
    wait(phone, f'#queue[data-waiting="{number}"]')


def connected(phone: Phone) -> None:
    wait(phone, "#net.online")


def type_in(phone: Phone, text: str) -> None:
    phone.execute_script("document.getElementById('text').value = arguments[0]", text)
    phone.execute_script("document.getElementById('by-hand').requestSubmit()")


def complaints(phone: Phone) -> list[Any]:
    """What went wrong in the page's scripts; that there was no network is none of it."""
    severe = [entry for entry in phone.get_log("browser") if entry["level"] == "SEVERE"]
    return [entry for entry in severe if "ERR_INTERNET_DISCONNECTED" not in entry["message"]]


def test_the_camera_lets_in_once(phone_that_sees, tickets, shots):
    phone = phone_that_sees(codes.sign(tickets[0]))
    said = answer(phone, "accepted")
    assert "Welcome." in said
    assert "General Admission" in said
    shots(phone, "accepted")

    again(phone)

    assert "used already" in answer(phone, "refused")
    shots(phone, "refused")
    tickets[0].refresh_from_db()
    assert tickets[0].status == Ticket.Status.USED
    assert list(Scan.objects.order_by("created_at").values_list("result", flat=True)) == ["accepted", "refused"]
    assert complaints(phone) == []


def test_a_code_that_the_library_misreads_while_it_stands_straight_is_read_turned(phone_that_sees):
    phone = phone_that_sees(f"TF1.{'held-straight-' * 9}5")
    assert "not a ticket" in answer(phone, "refused").lower()


def test_one_look_is_one_scan(phone_that_sees, tickets):
    phone = phone_that_sees(codes.sign(tickets[0]))
    answer(phone, "accepted")
    wait(phone, "#answer[hidden]")
    time.sleep(2)  # it is in sight all the time
    assert Scan.objects.count() == 1


def test_without_a_network_the_phone_decides_and_tells_later(phone_that_sees, tickets, shots):
    phone = phone_that_sees("")
    connected(phone)
    network(phone, there=False)

    type_in(phone, codes.sign(tickets[0]))
    assert "Decided on this phone" in answer(phone, "accepted")
    waiting(phone, 1)
    shots(phone, "offline")
    again(phone)
    wait(phone, "#answer[hidden]")
    type_in(phone, codes.sign(tickets[0]))
    assert "used already" in answer(phone, "refused")
    assert not Scan.objects.exists()
    again(phone)
    wait(phone, "#answer[hidden]")
    shots(phone, "waiting")

    network(phone, there=True)
    phone.execute_script("window.dispatchEvent(new Event('online'))")
    wait(phone, '#queue[data-waiting="0"]')

    told = Scan.objects.filter(is_offline=True, ticket=tickets[0]).order_by("scanned_at")
    assert list(told.values_list("result", "reason")) == [("accepted", ""), ("refused", "already_used")]
    tickets[0].refresh_from_db()
    assert tickets[0].status == Ticket.Status.USED
    assert complaints(phone) == []


def test_where_codes_rotate_the_phone_tells_a_screenshot_by_itself(phone_that_sees, event, tickets):
    type(event).objects.filter(pk=event.pk).update(configuration={"rotating_codes": True})
    event.refresh_from_db()
    ticket = Ticket.objects.with_event().get(pk=tickets[0].pk)
    phone = phone_that_sees("")
    connected(phone)
    network(phone, there=False)

    type_in(phone, texts.shown_at(ticket, timezone.now() - timedelta(minutes=2)))
    assert "not of this moment" in answer(phone, "refused")
    again(phone)
    type_in(phone, codes.sign(ticket))
    wait(phone, "#last li:nth-child(2)")
    assert "not the living code" in phone.find_element(By.ID, "answer").text
    again(phone)
    type_in(phone, texts.shown_at(ticket, timezone.now()))
    assert "Welcome." in answer(phone, "accepted")


def test_the_page_survives_a_reload_while_the_server_is_gone(tmp_path, gus, event, tickets, monkeypatch):
    whole = ServerHandler.cleanup_headers

    def closing(handler: ServerHandler) -> None:
        """No connection outlives its answer: else a server that was stopped goes on answering."""
        handler.headers["Connection"] = "close"
        whole(handler)

    monkeypatch.setattr(ServerHandler, "cleanup_headers", closing)
    monkeypatch.setattr(LiveServerThread, "server_class", ServerThatComesBack)
    server = LiveServer("localhost")
    address = server.url + screens.address(event)
    with a_phone(film("", tmp_path / "film.y4m")) as phone:
        sign_in(phone, server, gus)
        phone.get(address)
        connected(phone)
        phone.execute_async_script("const done = arguments[0]; navigator.serviceWorker.ready.then(() => done());")
        phone.get(address)  # the first visit the worker sees
        connected(phone)
        server.stop()

        type_in(phone, codes.sign(tickets[0]))
        waiting(phone, 1)
        phone.get(address)
        waiting(phone, 1)
        type_in(phone, codes.sign(tickets[0]))
        wait(phone, "#last li.refused")

        back = LiveServer(server.url.removeprefix("http://"))  # at the same address
        phone.execute_script("window.dispatchEvent(new Event('online'))")
        wait(phone, '#queue[data-waiting="0"]')
        back.stop()
    assert Scan.objects.filter(is_offline=True, ticket=tickets[0], result="accepted").count() == 1


def test_a_number_is_let_in_by_hand(phone_that_sees, tickets):
    phone = phone_that_sees("")
    connected(phone)
    type_in(phone, tickets[1].number.lower())
    assert "Welcome." in answer(phone, "accepted")
    assert Scan.objects.get(ticket=tickets[1]).method == Scan.Method.BY_HAND

    again(phone)
    type_in(phone, "NOSUCH")
    assert "no such ticket" in answer(phone, "undecided")


def test_everything_to_touch_is_large_enough_for_a_thumb(phone_that_sees):
    phone = phone_that_sees("")
    connected(phone)
    assert [each for each in too_small(phone) if 'hidden=""' not in each] == []
    assert phone.execute_script("return document.documentElement.scrollWidth") <= WIDTH
