"""docs/security.md names a test for each threat, and these tests exist."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "security.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
#: What an open ticket shop has to fear at the least.
THREATS = 17


def rows() -> list[str]:
    """The lines of the table of threats, without its head."""
    chapter = DOCUMENT.read_text().split("## Threats")[1].split("\n## ")[0]
    return [line for line in chapter.splitlines() if line.startswith("| ")][1:]


def test_every_threat_names_a_test() -> None:
    assert len(rows()) >= THREATS
    assert [row for row in rows() if not NAMED.search(row)] == []


def test_every_named_test_exists() -> None:
    named = NAMED.findall(DOCUMENT.read_text())
    missing = [
        f"{path}::{name}" for path, name in named if f"def {name}(" not in (Path(settings.BASE_DIR) / path).read_text()
    ]
    assert missing == []


def test_every_named_module_exists() -> None:
    paths = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", DOCUMENT.read_text())
    assert paths
    assert [path for path in paths if not (Path(settings.BASE_DIR) / path).exists()] == []
