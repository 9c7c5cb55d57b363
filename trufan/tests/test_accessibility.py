"""No screen of the console is closed to who reads it by ear or by keyboard: axe-core finds nothing serious on any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from selenium import webdriver

from audit.models import AuditLog
from events.models import Event
from orders.models import Order, Outlet, Product
from parking.models import ParkingLot
from trufan.tests.by_touch import a_tablet, sign_in
from trufan.tests.console_client import url
from trufan.tests.console_rows import rows_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: axe-core 4.14.1, MPL-2.0; its licence lies beside it.
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
#: Width and theme in which each page is looked at.
LOOKS = ((1280, "light"), (390, "dark"))
_RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(
  ({violations}) => done(violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
    .map(({id, nodes}) => [id, nodes.map(({target, html}) => `${target} ${html.slice(0, 160)}`)])),
  (error) => done([['axe failed', [String(error)]]]));"""


@pytest.fixture
def browser() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def pages(rows: dict[Any, Any]) -> list[str]:
    """The screens that were made for a job, and one of each kind of page that Django makes."""
    event, order, lot, outlet = (rows[model] for model in (Event, Order, ParkingLot, Outlet))
    return [
        reverse("admin:index"),
        reverse("admin:account"),
        reverse("console_find") + "?q=a",
        reverse("admin:reports_reportschedule_reports"),
        reverse("admin:ticketing_doorsale_sell_event", args=[event.pk]),
        reverse("admin:ticketing_ticket_door_event", args=[event.pk]),
        reverse("admin:orders_fulfilment_kitchen_board", args=[outlet.pk]),
        reverse("admin:orders_fulfilment_kitchen_runner", args=[outlet.pk]),
        reverse("admin:parking_parkinglot_board_lot", args=[lot.pk]),
        reverse("admin:parking_parkinglot_figures", args=[lot.pk]),
        reverse("admin:parking_valetticket_board_lot", args=[lot.pk]),
        reverse("admin:parking_valetticket_board_new", args=[lot.pk]),
        url(AuditLog, "changelist"),
        url(Order, "changelist"),
        url(Order, "change", order.pk),
        url(Event, "changelist"),
        url(Event, "add"),
        url(Event, "change", event.pk),
        url(ParkingLot, "change", lot.pk),
        url(Product, "add"),
    ]


def look(browser: webdriver.Chrome, width: int, theme: str) -> None:
    """The window's width, and the theme that the person's device asks for."""
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 1000}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)


def findings(browser: webdriver.Chrome, address: str) -> list[str]:
    browser.get(address)
    browser.execute_script(AXE)
    found = browser.execute_async_script(_RUN)
    return [f"{rule}: {node}" for rule, nodes in found for node in nodes]


def test_axe_finds_nothing_serious(browser: webdriver.Chrome, live_server: Any, olga: Any, venue: Any) -> None:
    found: list[str] = []
    browser.set_script_timeout(30)
    addresses = [reverse("admin:login")]
    for width, theme in LOOKS:
        look(browser, width, theme)
        found += [f"{width} {theme} login {each}" for each in findings(browser, live_server.url + addresses[0])]
    rows = pages(rows_of(venue, "axe"))
    sign_in(browser, live_server, olga)
    for width, theme in LOOKS:
        look(browser, width, theme)
        for page in rows:
            found += [f"{width} {theme} {page} {each}" for each in findings(browser, live_server.url + page)]
    assert not found, "\n".join(found)
