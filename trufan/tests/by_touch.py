"""A tablet in somebody's hands: a real browser, worked with a finger, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.interaction import POINTER_TOUCH
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from trufan.tests.console_client import as_

WIDTH, HEIGHT = 1024, 768
#: What a thumb hits; see https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html for the least.
THUMB = 48
TARGETS = "a, button, summary, .chips span, input:not([type=hidden], [type=radio], [type=checkbox]), textarea"


@contextmanager
def a_tablet() -> Iterator[webdriver.Chrome]:
    """A browser of a tablet's size that feels fingers."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        yield driver
    finally:
        driver.quit()


def sign_in(tablet: webdriver.Chrome, live_server: Any, user: Any) -> None:
    """The session of somebody who signed in before the doors opened."""
    session = as_(user).cookies[settings.SESSION_COOKIE_NAME].value
    tablet.get(f"{live_server.url}/health")
    tablet.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session})


def touch(tablet: webdriver.Chrome, element: Any) -> None:
    """One tap."""
    finger = PointerInput(POINTER_TOUCH, "finger")
    actions = ActionBuilder(tablet, mouse=finger)
    actions.pointer_action.move_to(element).pointer_down().pointer_up()
    actions.perform()


def wait(tablet: webdriver.Chrome, for_what: str) -> Any:
    """The first element of that selector, once it is there; as long as the busiest machine takes."""
    return WebDriverWait(tablet, 45).until(lambda t: t.find_element(By.CSS_SELECTOR, for_what))


def gone(tablet: webdriver.Chrome, what: str) -> None:
    """Wait until there is none of that selector any more."""
    WebDriverWait(tablet, 15).until(lambda t: not t.find_elements(By.CSS_SELECTOR, what))


def settled(tablet: webdriver.Chrome) -> None:
    """After tiles moved a tap waits a moment; so do we."""
    gone(tablet, "#screen.is-busy")


def too_small(tablet: webdriver.Chrome) -> list[str]:
    """What is to be touched on the page, all of it unfolded, and too small for a thumb."""
    for summary in tablet.find_elements(By.TAG_NAME, "summary"):
        summary.click()
    return tablet.execute_script(
        """return [...document.querySelectorAll(arguments[1])]
        .map((each) => [each.outerHTML, each.getBoundingClientRect()])
        .filter(([, box]) => box.width < arguments[0] || box.height < arguments[0]).map(([html]) => html)""",
        THUMB,
        TARGETS,
    )


def is_too_wide(tablet: webdriver.Chrome) -> bool:
    """Whether the page has to be pushed sideways."""
    return tablet.execute_script("return document.documentElement.scrollWidth") > WIDTH


def complaints(tablet: webdriver.Chrome) -> list[Any]:
    """What went wrong in the page's scripts. A server without sockets is asked for one in vain: then the page polls."""
    severe = [entry for entry in tablet.get_log("browser") if entry["level"] == "SEVERE"]
    return [entry for entry in severe if "/ws/v1/" not in entry["message"]]
