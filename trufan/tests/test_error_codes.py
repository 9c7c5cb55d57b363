"""The codes in the guide are those that the API answers with."""

import re
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver

from trufan.lib.errors import codes

ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \|", re.MULTILINE)


def test_the_guide_lists_every_code_with_its_status():
    _ = get_resolver().url_patterns
    answered = {code: str(kind.status) for code, kind in codes().items() if ".tests" not in kind.__module__}
    listed = dict(ROW.findall((Path(settings.BASE_DIR) / "docs" / "api.md").read_text()))

    assert listed == answered


def test_a_code_has_the_same_status_wherever_it_is_used():
    differing = []
    for code, first in codes().items():
        tree = [first]
        for kind in tree:
            tree.extend(kind.__subclasses__())
        differing += [(code, kind.__name__) for kind in tree if kind.code == code and kind.status != first.status]

    assert differing == []


def test_the_command_prints_the_rows_of_the_table():
    printed = StringIO()
    call_command("error_codes", stdout=printed)

    assert "| `not_found` | 404 | There is nothing here by that name. |" in printed.getvalue().splitlines()
