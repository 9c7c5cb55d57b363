"""What every test of the scanner page starts from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ticketing.models import Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def tickets(fay, ticket_type) -> list[Ticket]:
    """Fay's two, for Opening Night, whose doors are open."""
    return buy(fay, ticket_type, 2)


@pytest.fixture
def shots() -> Callable[[Any, str], None]:
    """Keep a picture of the screen where the variable SCREENSHOTS names a folder."""

    def keep(browser: Any, name: str) -> None:
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            browser.save_screenshot(str(Path(folder) / f"scanner-{name}.png"))

    return keep
