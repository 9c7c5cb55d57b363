"""What other apps put on an event's page in the console: buttons, and sections below the form.

Registered in the app's own admin module, which Django loads after all models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest

from trufan.lib.console.buttons import RowButton
from trufan.lib.console.sections import Section

#: `(admin, request, event)`; `admin.may(request, permission, event)` tells what this person may do.
Sections = Callable[[Any, HttpRequest, Any], Iterable[Section]]
buttons: list[RowButton] = []
_sections: list[Sections] = []


def add_button(button: RowButton) -> None:
    """Show it on every event's page, to whoever may press it there. Raises `ValueError` for a name that is taken."""
    if any(button.name == each.name for each in buttons):
        raise ValueError(f"an event's page has a button {button.name!r} already")
    buttons.append(button)


def add_sections(sections: Sections) -> None:
    """Show these between what was sold and the history, in the order of registration."""
    if sections not in _sections:
        _sections.append(sections)


def sections_of(admin: Any, request: HttpRequest, event: Any) -> Iterable[Section]:
    for each in _sections:
        yield from each(admin, request, event)
