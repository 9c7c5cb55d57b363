"""A file as a grid of cells. What cannot be read is refused in words; what would fill the memory is not read at all."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
from django.utils.translation import gettext

from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _

#: What a workbook may come to once it is unpacked, and of how many parts it may be.
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 500
#: Columns that are looked at; no import has as many.
MAX_COLUMNS = 60
#: Characters in one cell, as in Excel.
MAX_CELL = 32_767
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", ";", "\t")
_QUOTED = re.compile(r'"[^"]*"')

#: The number that a spreadsheet shows beside the row, and its cells.
GridRow = tuple[int, list[Any]]


class UnreadableFile(DomainError):
    """The file is no CSV and no workbook, or not one that is taken."""

    code, status, message = "unreadable_file", 422, _("This file is neither CSV nor XLSX.")


class Formula:
    """Stands for a cell that holds a formula or an error instead of a value."""


def grid(content: bytes, max_rows: int) -> Iterator[GridRow]:
    """The rows that hold anything, the header first; one more than `max_rows` below it at most.

    Raises `UnreadableFile`, at the latest while the rows are read.
    """
    if not content.strip():
        raise UnreadableFile(gettext("This file is empty."))
    if content.startswith(_OLE):
        raise UnreadableFile(
            gettext("This is an old or a locked Excel file. Save it as “Excel workbook (.xlsx)”, without a password.")
        )
    rows = _of_workbook(content, max_rows) if content.startswith(_ZIP) else _of_csv(content)
    for count, row in enumerate(each for each in rows if any(cell not in (None, "") for cell in each[1])):
        yield row
        if count > max_rows:
            return


# -- CSV --


def _of_csv(content: bytes) -> Iterator[GridRow]:
    text = _decoded(content)
    heading = _QUOTED.sub("", text.lstrip("\r\n").split("\n", 1)[0])
    separator = max(_SEPARATORS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for values in reader:
            yield begins, [_plain(value) for value in values[:MAX_COLUMNS]]
            begins = reader.line_num + 1
    except csv.Error as mistake:
        raise UnreadableFile(
            gettext("Line {line} is not CSV: {mistake}.").format(line=reader.line_num, mistake=mistake)
        ) from None


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF16):
        raise UnreadableFile(gettext("This file is UTF-16. Save it as “CSV UTF-8”."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as mistake:
        line = content.count(b"\n", 0, mistake.start) + 1
        raise UnreadableFile(
            gettext("Line {line} is not UTF-8. Save the file as “CSV UTF-8”.").format(line=line)
        ) from None
    if "\x00" in text:
        raise UnreadableFile(gettext("This file is not text."))
    return text


def _plain(value: str) -> Any:
    return Formula() if value.startswith("=") else value


# -- Excel --


def _of_workbook(content: bytes, max_rows: int) -> Iterator[GridRow]:
    _refuse_bombs(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            # The header, the rows, and gaps between them as long again.
            sheet = book.worksheets[0]
            for number, cells in enumerate(sheet.iter_rows(max_row=2 * max_rows + 10, max_col=MAX_COLUMNS), start=1):
                yield number, [_value(cell) for cell in cells]
        finally:
            book.close()
    except Exception as problem:
        # The library has no error of its own: whatever it stumbles over is a file that no spreadsheet wrote.
        raise UnreadableFile(gettext("This workbook cannot be read. Save it anew, or as CSV.")) from problem


def _refuse_bombs(content: bytes) -> None:
    """Look at the parts before any of them is unpacked; the library that unpacks them stops at the announced size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as problem:
        raise UnreadableFile from problem
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableFile(
            gettext("Unpacked, this workbook is larger than {limit} MB. Split it, or save it as CSV.").format(
                limit=MAX_UNPACKED // 1024 // 1024
            )
        )
    if any("externallink" in part.filename.lower() for part in parts):
        raise UnreadableFile(gettext("This workbook takes values out of other files. Save a copy with values alone."))


def _value(cell: Any) -> Any:
    if cell.data_type in ("f", "e"):
        return Formula()
    return cell.value
