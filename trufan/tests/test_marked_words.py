"""What people read in the console went through the catalogue: no page says in English alone what it says.

`unmarked_pages.txt` names the pages on which something else than words is left: names of messages and tables as
programs know them (`order.refunded`, `payments.payment`), a tariff written as JSON, what staff call a kind of space.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import User
from trufan.tests.console_client import as_
from trufan.tests.console_rows import rows_of
from trufan.tests.marked_words import LANGUAGE, kept_texts, marked, texts_of, unmarked
from trufan.tests.test_console_walk import addresses, filled
from venues.models import Venue

pytestmark = pytest.mark.django_db
WORD = "Zanzibar"
LEFT = set((Path(__file__).parent / "unmarked_pages.txt").read_text().split())


def pages(rows: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    """The name and the path of every page of the console; each button of a page has its own."""
    patterns, _, _ = admin.site.urls
    for pattern, name, converters, page in addresses(patterns):
        if pattern.startswith("^") or "catch" in name:
            continue
        for arguments in filled(name, converters, page, rows):
            path = "/admin/" + pattern
            for argument, converter in converters.items():
                tag = f"<{type(converter).__name__.removesuffix('Converter').lower()}:{argument}>"
                path = path.replace(tag.replace("<string:", "<str:"), str(arguments[argument]))
            yield ":".join([name, *([arguments["name"]] if "name" in arguments else [])]), path


def left_on_pages(rows: dict[Any, Any], user: User) -> tuple[set[str], dict[str, list[str]]]:
    """The pages that could be read, and of each the texts that nobody could translate."""
    client, data = as_(user, raise_request_exception=False), kept_texts()
    client.cookies["django_language"] = LANGUAGE
    read: set[str] = set()
    found: dict[str, list[str]] = {}
    with marked():
        for name, path in pages(rows):
            answer = client.get(path)
            if answer.status_code == 200 and "html" in answer["Content-Type"] and not answer.streaming:
                read.add(name)
                if left := [each for text in texts_of(answer.content.decode()) if (each := unmarked(text, data))]:
                    found[name] = left
    return read, found


def test_every_page_says_its_words_in_the_readers_language(venue: Venue, ada: User) -> None:
    venue.name = f"{WORD} Arena"
    venue.save()
    read, found = left_on_pages(rows_of(venue, WORD), ada)
    assert len(read) > 250
    assert read >= LEFT, "no page has this name"
    assert {name: texts for name, texts in found.items() if name not in LEFT} == {}


def test_a_text_without_a_mark_is_found_and_one_with_a_mark_is_not(venue: Venue) -> None:
    data = kept_texts()
    with marked():
        translation.activate(LANGUAGE)
        page = f'<p>{gettext("Venue")} {venue.name}</p><a title="Open the gate">{gettext("Yes")}</a>'
    assert [each for text in texts_of(page) if (each := unmarked(text, data))] == ["Open the gate"]
