"""Text that a spreadsheet would take for a formula: marked with an apostrophe on its way out, unmarked on its way in.

What begins with apostrophes in front of such text gets one more, so that every text comes back as it was.
"""

from __future__ import annotations

from trufan.lib.spreadsheets import cell


def done(text: str) -> str:
    """The text as a cell that is no formula."""
    bare = text.lstrip("'")
    return f"'{text}" if cell(bare) != bare else text


def undone(text: str) -> str:
    """The text that `done` was given; what a person typed, as they typed it."""
    bare = text.lstrip("'")
    return text[1:] if text != bare and cell(bare) != bare else text
