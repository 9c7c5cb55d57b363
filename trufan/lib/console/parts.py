"""What apps above put on a row's page in the console: buttons, and sections below the form.

The app that has the page owns a `Parts`; others register in their own admin modules, which Django loads after all
models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest

from trufan.lib.console.buttons import RowButton
from trufan.lib.console.sections import Section

#: `(admin, request, row)`; `admin.may(request, permission, row)` tells what this person may do.
Sections = Callable[[Any, HttpRequest, Any], Iterable[Section]]


class Parts:
    """The parts of others on one table's pages, in the order of their registration; `page` is what errors call it."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.buttons: list[RowButton] = []
        self._sections: list[Sections] = []

    def add_button(self, button: RowButton) -> None:
        """Show it on every row's page, to whoever may press it there. Raises `ValueError` for a name that is taken."""
        if any(button.name == each.name for each in self.buttons):
            raise ValueError(f"{self.page} has a button {button.name!r} already")
        self.buttons.append(button)

    def add_sections(self, sections: Sections) -> None:
        """Show these between the page's own and its history."""
        if sections not in self._sections:
            self._sections.append(sections)

    def sections_of(self, admin: Any, request: HttpRequest, row: Any) -> Iterable[Section]:
        for each in self._sections:
            yield from each(admin, request, row)
