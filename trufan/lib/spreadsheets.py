"""Downloads for spreadsheets: CSV as RFC 4180 has it, in which no text is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

CONTENT_TYPE = "text/csv; charset=utf-8"
#: What a spreadsheet begins a formula with (OWASP, "CSV Injection"); full-width forms are read the same.
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> Any:
    """The value as a cell: numbers as they are, text never as a formula."""
    if value is None or isinstance(value, int | Decimal):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_STARTERS) else text


def lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The rows as lines of CSV, one by one."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def download(rows: Iterable[Sequence[Any]], filename: str) -> StreamingHttpResponse:
    """The rows as a file, sent as they come; browsers keep it to whoever asked. `filename` is ASCII of our own."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines(rows), content_type=CONTENT_TYPE, headers=headers)
