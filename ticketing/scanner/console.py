"""The way to the scanner page from the event's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from events import console_parts
from events.models import Event
from ticketing.scanner import screens
from trufan.lib.console.sections import Section


def connect() -> None:
    """Called once, by the console."""
    console_parts.add_sections(_sections)


def _sections(page: Any, request: HttpRequest, event: Event) -> Iterator[Section]:
    if event.status == Event.Status.PUBLISHED and page.may(request, Permission.CHECK_IN, event):
        yield Section(
            title=gettext("Scanner"),
            headers=[],
            rows=[],
            empty=gettext("Reads tickets with the camera of a phone, with and without a network."),
            link=screens.address(event),
            link_label=gettext("Open the scanner"),
        )
