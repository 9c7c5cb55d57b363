"""Which of its two runs asks which test, where there are both databases (`pytest --half`, as `.ci/run` does).

Each test is asked of one, which halves the time; of both what has SQL of its own for each, and what sells. A test that
needs PostgreSQL or Redis runs on them wherever it lies; one that needs a browser runs on SQLite, which is quicker.
Without `--half`, everything runs on what there is.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pytest


class Half(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


_BOTH = frozenset(Half)
#: Folder or file → who is asked; the longest that a test lies in counts, and what lies in none is asked of both.
_PLACES: dict[str, frozenset[Half]] = {
    # What renders, sends and parses.
    "accounts": frozenset({Half.SQLITE}),
    "notifications": frozenset({Half.SQLITE}),
    "trufan": frozenset({Half.SQLITE}),
    "parking/rates": frozenset({Half.SQLITE}),
    "parking/pricing/tests/test_configuration.py": frozenset({Half.SQLITE}),
    "venues/seating/tests/test_problems.py": frozenset({Half.SQLITE}),
    # What moves money, stock and the rows of several venues.
    "events": frozenset({Half.POSTGRES}),
    "orders": frozenset({Half.POSTGRES}),
    "parking": frozenset({Half.POSTGRES}),
    "payments": frozenset({Half.POSTGRES}),
    "ticketing": frozenset({Half.POSTGRES}),
    "venues": frozenset({Half.POSTGRES}),
    "trufan/tests/security": frozenset({Half.POSTGRES}),
    "trufan/tests/test_console_tenancy.py": frozenset({Half.POSTGRES}),
    "trufan/tests/test_console_walk.py": frozenset({Half.POSTGRES}),
    "trufan/tests/test_schema_fuzz.py": frozenset({Half.POSTGRES}),
    # What sells, and what says one thing in the SQL of two.
    "orders/tests": _BOTH,
    "payments/tests/test_check_books.py": _BOTH,
    "ticketing/manifest": _BOTH,
    "trufan/lib": _BOTH,
}


def leaves_out(half: Half, item: pytest.Item) -> bool:
    """Whether the other half is asked this test, and this one is not."""
    if any(item.get_closest_marker(service) for service in ("postgres", "redis")):
        return half is not Half.POSTGRES
    if item.get_closest_marker("browser"):
        return half is not Half.SQLITE
    return half not in _asked(item.path.relative_to(item.config.rootpath))


def _asked(path: Path) -> frozenset[Half]:
    return next((_PLACES[str(place)] for place in (path, *path.parents) if str(place) in _PLACES), _BOTH)
