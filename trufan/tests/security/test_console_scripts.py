"""What people typed is text in the console, on every list and every row's page, and runs nowhere."""

from __future__ import annotations

import pytest
from django.contrib import admin

from trufan.tests.console_client import as_, url
from trufan.tests.console_rows import rows_of

pytestmark = pytest.mark.django_db
#: Short enough for every column that a word of the rows goes into.
TAG = "<b onx=1>"


def test_a_tag_in_any_text_is_shown_and_not_obeyed(venue, ada) -> None:
    venue.name, venue.description = f"{TAG} Arena", TAG
    venue.save()
    rows, console = rows_of(venue, TAG), as_(ada)
    shown, bare = 0, []
    for model in admin.site._registry:
        pages = [url(model, "changelist")]
        if model in rows:
            pages.append(url(model, "change", rows[model].pk))
        for page in pages:
            text = console.get(page).content.decode().lower()
            bare += [page] if TAG in text else []
            shown += "&lt;b onx=1&gt;" in text
    assert bare == []
    assert shown > 60
