"""No screen of the console is closed to who reads it by ear, by keyboard or on a phone.

axe-core finds nothing serious on any, in three sizes, light and dark; none has to be pushed sideways on a phone; each
has a first stop that leads past the menu to what the page is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from selenium import webdriver

from accounts import password_reset
from accounts.second_factor.tests.phone import password, with_phone
from trufan.tests.by_touch import a_tablet, sign_in
from trufan.tests.console_client import as_
from trufan.tests.console_screens import rows_for, screens
from trufan.tests.pictures import show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: axe-core 4.14.1, MPL-2.0; its licence lies beside it.
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
PHONE = 390
#: Width and theme in which each page is looked at.
LOOKS = ((1280, "light"), (820, "dark"), (PHONE, "light"))
#: What fades from one colour into another is looked at when it has.
_STILL = """const style = document.createElement('style');
style.textContent = '*, *::before, *::after { transition: none !important; animation: none !important; }';
document.head.append(style);"""
_RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(
  ({violations}) => done(violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
    .map(({id, nodes}) => [id, nodes.map(({target, html}) => `${target} ${html.slice(0, 160)}`)])),
  (error) => done([['axe failed', [String(error)]]]));"""
_REACHED = "return [performance.getEntriesByType('navigation')[0].responseStatus, location.pathname + location.search]"
#: Where the first stop of the Tab key leads, and whether it is a place on this page that can take the focus.
_SKIPS = """const link = document.querySelector('a[href], button:not([disabled]), input:not([type=hidden])');
const to = link.hash && document.querySelector(link.hash);
return Boolean(to) && to.tabIndex === -1 && (to.matches('main, [role=main]'));"""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        driver.set_script_timeout(30)
        yield driver


def findings(browser: webdriver.Chrome, server: Any, path: str, status: int = HTTPStatus.OK) -> list[str]:
    """All that is wrong with the page; that another one was reached is not forgiven."""
    browser.get(server.url + path)
    reached = browser.execute_script(_REACHED)
    if reached != [status, path.partition("#")[0]]:
        return [f"{path} led to {reached}"]
    browser.execute_script(_STILL)
    browser.execute_script(AXE)
    found = browser.execute_async_script(_RUN)
    told = [f"{path} {rule}: {node}" for rule, nodes in found for node in nodes]
    width = browser.execute_script("return document.documentElement.scrollWidth")
    if width > browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssVisualViewport"]["clientWidth"]:
        told.append(f"{path} is {width} pixels wide")
    return told


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_no_screen_is_closed_to_anybody(browser, live_server, ada, venue, width: int, theme: str) -> None:
    with_phone(ada)
    pages = screens(as_(ada), rows_for(ada, venue))
    assert len(pages) > 50
    show(browser, width, theme)
    sign_in(browser, live_server, ada)
    found = []
    for page in pages:
        found += findings(browser, live_server, page)
        if not browser.execute_script(_SKIPS):
            found.append(f"{page} has no link past its menu")
    found += findings(browser, live_server, "/admin/nothing/", HTTPStatus.NOT_FOUND)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_nor_is_the_way_in(browser, live_server, olga, width: int, theme: str) -> None:
    with_phone(olga)
    browser.get(live_server.url + "/health")
    browser.delete_all_cookies()
    show(browser, width, theme)
    link = password_reset.link_for(olga)
    pages = [reverse("admin:login"), reverse("console_password_forgotten"), link[link.index("/admin/") :]]
    found = [each for page in pages for each in findings(browser, live_server, page)]
    halfway = as_(None)
    password(halfway, olga)
    session = halfway.cookies[settings.SESSION_COOKIE_NAME].value
    browser.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session})
    found += findings(browser, live_server, reverse("console_login_code"))
    assert not found, "\n".join(found)
