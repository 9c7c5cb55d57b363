"""Downloads for spreadsheets: CSV as RFC 4180 has it and Excel workbooks, in which no text is taken for a formula.

A cell is what the value is. Money is `Money`, a share of a whole is `Ratio`, a length of time a `timedelta`: the
workbook shows each in its own format and still counts with it; CSV holds plain numbers (amounts in the currency's own
unit, shares as fractions, lengths of time in seconds). Whoever makes the rows says in which zone a time is read.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse

from trufan.lib import money
from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _

CONTENT_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How many rows a sheet of Excel holds, the header among them.
MAX_ROWS = 1_048_576
#: Excel counts in doubles: longer whole numbers (ids, bar codes) would be rounded, and are written as text.
_MAX_EXACT = 10**15
#: What a spreadsheet begins a formula with (OWASP, "CSV Injection"); full-width forms are read the same.
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: A file this small stays in memory, a larger one goes to disk.
_SPOOLED = 1_000_000
#: From how many rows the widths of the columns are guessed, and how wide one may get.
_MEASURED, _WIDEST = 100, 60


class SheetTooLong(DomainError):
    """More rows than one sheet of a workbook can hold."""

    code = "sheet_too_long"
    status = 422
    message = _("A workbook holds at most 1,048,575 rows. Narrow the list, or ask for CSV, which has no limit.")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of its currency."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share of a whole: 1 is all of it."""

    value: Decimal


# -- CSV --


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def cell(value: Any) -> Any:
    """The value as a cell: numbers as they are, text never as a formula."""
    if value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, Money):
        return money.to_decimal(value.amount, value.currency)
    if isinstance(value, Ratio):
        return value.value
    if isinstance(value, timedelta):
        return value // timedelta(seconds=1)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text.startswith(_STARTERS) else text


def lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The rows as lines of CSV, one by one."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def download(rows: Iterable[Sequence[Any]], filename: str, *, for_people: bool = False) -> StreamingHttpResponse:
    """The rows as a file, sent as they come; browsers keep it to whoever asked. `filename` is ASCII of our own.

    Files for people begin with UTF-8's mark, without which Excel reads them in the machine's old encoding. Those for
    programs have none: many take it for a part of the first column's name.
    """
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
    sent = chain([BOM], lines(rows)) if for_people else lines(rows)
    return StreamingHttpResponse(sent, content_type=CONTENT_TYPE, headers=headers)


# -- Excel --


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str = "Sheet1") -> IO[bytes]:
    """A workbook of one sheet, at its beginning; whoever takes it closes it.

    Memory stays constant however many rows there are: each is written as it comes. Raises `SheetTooLong`.
    """
    # It is handed out open: the response closes it, or whoever reads it.
    file = tempfile.SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115
    try:
        with closing(xlsxwriter.Workbook(file, {"constant_memory": True})) as workbook:
            _Sheet(workbook, sheet).write(header, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def xlsx_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str = "Sheet1"
) -> FileResponse:
    """The rows as a workbook to keep. `filename` is ASCII of our own. Raises `SheetTooLong`."""
    response = FileResponse(xlsx_file(header, rows, sheet=sheet), as_attachment=True, filename=filename)
    response["Content-Type"] = XLSX_TYPE
    response["Cache-Control"] = "no-store"
    return response


class _Sheet:
    """Writes values as what they are, each kind in its format; a format is made once for each workbook."""

    def __init__(self, workbook: Any, name: str) -> None:
        self._workbook = workbook
        self._sheet = workbook.add_worksheet(name)
        self._formats: dict[str, Any] = {}

    def write(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        rest = iter(rows)
        first = list(islice(rest, _MEASURED))
        for column, title in enumerate(header):
            widest: int = max([6, _width(title), *(_width(row[column]) for row in first if column < len(row))])
            self._sheet.set_column(column, column, min(widest + 2, _WIDEST))
        bold = self._workbook.add_format({"bold": True, "bottom": 1})
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(header):
            self._sheet.write_string(0, column, str(title), bold)
        for number, row in enumerate(chain(first, rest), start=1):
            if number >= MAX_ROWS:
                raise SheetTooLong
            for column, value in enumerate(row):
                self._put(number, column, value)

    def _put(self, row: int, column: int, value: Any) -> None:
        put = self._sheet
        match value:
            case None | "":
                return
            case bool():
                put.write_boolean(row, column, value)
            case Money(amount, currency):
                put.write_number(row, column, money.to_decimal(amount, currency), self._format(_of_currency(currency)))
            case Ratio(share):
                put.write_number(row, column, share, self._format("0.0%"))
            case _ if _counts(value):
                put.write_number(row, column, value)
            case timedelta():
                put.write_number(row, column, value / timedelta(days=1), self._format("[h]:mm:ss"))
            case datetime():
                # A workbook knows no zones: the hour on the wall of the zone that the time carries.
                put.write_datetime(row, column, value.replace(tzinfo=None), self._format("yyyy-mm-dd hh:mm:ss"))
            case date():
                put.write_datetime(row, column, value, self._format("yyyy-mm-dd"))
            case _:
                put.write_string(row, column, str(value))

    def _format(self, pattern: str) -> Any:
        if pattern not in self._formats:
            self._formats[pattern] = self._workbook.add_format({"num_format": pattern})
        return self._formats[pattern]


def _of_currency(currency: str) -> str:
    digits = money.minor_digits(currency)
    return f'"{currency}" #,##0{"." + "0" * digits if digits else ""}'


def _counts(value: Any) -> bool:
    """Whether Excel can count with the value without rounding it."""
    return isinstance(value, int | float | Decimal) and -_MAX_EXACT < value < _MAX_EXACT


def _width(value: Any) -> int:
    """About how many characters wide the value is shown."""
    match value:
        case Money():
            return len(f"{value.currency} {money.to_decimal(value.amount, value.currency):,}")
        case datetime():
            return 19
        case date() | timedelta():
            return 10
        case Ratio():
            return 7
        case _:
            return len(str(value)) if value is not None else 0
