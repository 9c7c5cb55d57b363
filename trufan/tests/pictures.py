"""Pictures of what a test sees in a browser, kept where the variable SCREENSHOTS names a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Keep = Callable[[Any, str], None]
#: A desk by day, a phone, a desk at night.
LOOKS = (("desk", 1280, "light"), ("phone", 390, "light"), ("night", 1280, "dark"))


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Keep:
    """Keep a picture of the screen, under the names of test and moment."""
    folder, test = os.environ.get("SCREENSHOTS"), request.node.name.replace("/", "-")

    def keep(browser: Any, name: str) -> None:
        if folder:
            browser.save_screenshot(str(Path(folder) / f"{test}-{name}.png"))

    return keep


@pytest.fixture
def looks(shots: Keep) -> Keep:
    """Keep three pictures of the page: the theme is the device's, so the page is loaded again for the dark one."""

    def keep(browser: Any, name: str) -> None:
        if "SCREENSHOTS" not in os.environ:
            return
        for look, width, theme in LOOKS:
            show(browser, width, theme)
            if theme == "dark":
                browser.refresh()
            shots(browser, f"{name}-{look}")
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.refresh()

    return keep


def show(browser: Any, width: int, theme: str) -> None:
    """The window's width, and the theme that the person's device asks for."""
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 1000}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
