"""A page tells before its session ends, and loses nothing that was typed when it has ended. In a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from accounts.console_sessions import sessions
from accounts.models import ConsoleSession
from trufan.testing import PASSWORD
from trufan.tests.by_touch import a_tablet, complaints, sign_in, wait
from venues.models import TaxRate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tablet() -> Iterator[webdriver.Chrome]:
    with a_tablet() as driver:
        yield driver


def store(row: ConsoleSession) -> Any:
    return import_module(django_settings.SESSION_ENGINE).SessionStore(row.session_key)


def clock(row: ConsoleSession) -> dict[str, Any]:
    return store(row)["console"]


def idle_for(row: ConsoleSession, seconds: int) -> None:
    """As if nobody had worked for so long."""
    kept = store(row)
    kept["console"] = kept["console"] | {"worked": int(timezone.now().timestamp()) - seconds}
    kept.save()


def look(tablet: webdriver.Chrome) -> None:
    """Somebody comes back to the window: the page asks how it stands."""
    tablet.execute_script("document.dispatchEvent(new Event('visibilitychange'))")


def gone(tablet: webdriver.Chrome) -> None:
    WebDriverWait(tablet, 15).until(lambda t: not t.find_elements(By.CSS_SELECTOR, "dialog.console-idle[open]"))


def test_it_warns_and_goes_on_at_a_touch(tablet, live_server, olga):
    sign_in(tablet, live_server, olga)
    tablet.get(live_server.url + reverse("admin:account"))
    row = ConsoleSession.objects.get(user=olga)
    idle_for(row, 29 * 60)
    look(tablet)
    assert "Are you still there?" in wait(tablet, "dialog.console-idle[open]").text
    assert tablet.switch_to.active_element.text == "Stay signed in"
    tablet.switch_to.active_element.click()
    gone(tablet)
    assert clock(row)["worked"] >= int(timezone.now().timestamp()) - 20
    assert complaints(tablet) == []


def test_a_page_without_typing_leads_to_signing_in_and_back(tablet, live_server, olga):
    sign_in(tablet, live_server, olga)
    here = reverse("admin:venues_taxrate_changelist") + "?q=city"
    tablet.get(live_server.url + here)
    idle_for(ConsoleSession.objects.get(user=olga), 31 * 60)
    look(tablet)
    wait(tablet, "input[name=username]").send_keys(olga.email)
    assert "Nobody worked here for 30 minutes" in tablet.page_source
    tablet.find_element(By.NAME, "password").send_keys(PASSWORD)
    tablet.find_element(By.NAME, "password").submit()
    WebDriverWait(tablet, 15).until(lambda t: t.current_url == live_server.url + here)


def test_what_was_typed_is_saved_after_signing_in_again(tablet, live_server, olga, venue):
    rate = TaxRate.objects.create(venue=venue, name="City tax", category="ticket", rate_ppm=80_000)
    sign_in(tablet, live_server, olga)
    tablet.get(live_server.url + reverse("admin:venues_taxrate_change", args=[rate.pk]))
    field = wait(tablet, "input[name=name]")
    field.clear()
    field.send_keys("Town tax")
    sessions.end(ConsoleSession.objects.get(user=olga), timezone.now(), because="ended_by_admin", by=None)
    look(tablet)
    assert "still on this page" in wait(tablet, "dialog.console-idle[open]").text
    tablet.switch_to.active_element.click()
    page, other = tablet.window_handles
    tablet.switch_to.window(other)
    wait(tablet, "input[name=username]").send_keys(olga.email)
    tablet.find_element(By.NAME, "password").send_keys(PASSWORD)
    tablet.find_element(By.NAME, "password").submit()
    wait(tablet, ".console-sessions")
    tablet.switch_to.window(page)
    gone(tablet)
    tablet.find_element(By.NAME, "_save").click()
    WebDriverWait(tablet, 15).until(lambda t: "/change/" not in t.current_url)
    rate.refresh_from_db()
    assert rate.name == "Town tax"
