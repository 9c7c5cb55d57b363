"""The rows of a grid by the names of its columns, and their cells as what they should be.

Numbers have no mark between thousands; a point or a comma begins their decimals. Times are by the venue's clock, as
2027-05-31 18:30. Text that a spreadsheet would take for a formula has an apostrophe in front, as in our own files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from trufan.lib import escapes, money
from trufan.lib.importing import files
from trufan.lib.importing.reports import Report
from trufan.lib.printable import is_printable
from trufan.lib.spreadsheets import cell as as_text

_NUMBER = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,9})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YES = frozenset({"true", "yes", "y", "1", "x", "sí", "si", "verdadero"})
_NO = frozenset({"false", "no", "n", "0", "falso"})


@dataclass(frozen=True)
class Column:
    """A column that a file may have, or must; `help` and `example` stand on the screen and in the template."""

    name: str
    help: str
    is_needed: bool = False
    example: str = ""


class Row:
    """One row. What cannot be read becomes a problem of the report, and None or empty; so does an empty cell."""

    def __init__(self, number: int, values: dict[str, Any], report: Report) -> None:
        self.number = number
        self.values = values
        self.report = report
        self.refused: set[str] = set()

    def wrong(self, column: str, message: str) -> None:
        self.refused.add(column)
        self.report.wrong(self.number, column, message)

    @property
    def is_wrong(self) -> bool:
        """Whether a problem was found in it so far."""
        return bool(self.refused)

    def has(self, name: str) -> bool:
        """Whether the cell holds anything."""
        value = self.values.get(name)
        return value is not None and (not isinstance(value, str) or bool(value.strip()))

    def text(self, name: str, field: Any = None, *, is_long: bool = False) -> str:
        """A line of text without spaces around it, as the field of a model takes it; a number counts as text.

        What is long may have several lines.
        """
        value = self.values.get(name)
        if isinstance(value, date):
            self.wrong(name, gettext("This is a date. Format the cell as text."))
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = str(value).strip() if self.has(name) else ""
        if text.startswith("'"):
            text = escapes.undone(text)
        elif as_text(text) != text:
            self.wrong(name, gettext("It begins like a formula. Put an apostrophe in front if it is text."))
            return ""
        if not all(map(is_printable, text.splitlines() if is_long else [text])):
            self.wrong(name, gettext("Give one line without control characters."))
            return ""
        return self._checked(name, field, text) if field is not None and text else text

    def _checked(self, name: str, field: models.Field[Any, Any], text: str) -> str:
        """What the forms check of such a field."""
        try:
            return str(field.clean(text, None))
        except ValidationError as refusal:
            self.wrong(name, " ".join(refusal.messages))
            return ""

    def choice(self, name: str, known: Iterable[str]) -> str:
        """One of the words, in any case."""
        text = self.text(name).lower().replace(" ", "_")
        words = list(known)
        if text and text not in words:
            self.wrong(name, gettext("One of {words}.").format(words=", ".join(words)))
            return ""
        return text

    def number_of(self, name: str) -> Decimal | None:
        """A number, as exact as it is written."""
        if not self.has(name):
            return None
        value = self.values[name]
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return Decimal(value.strip().replace(",", "."))
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            number = Decimal(str(value))
            if number.is_finite() and abs(number) < 10**15:
                return number
        self.wrong(name, gettext("This is not a number. Write 1250.50 or 1250,50, nothing between the thousands."))
        return None

    def whole(self, name: str, least: int = 0, most: int = 2_147_483_647) -> int | None:
        number = self.number_of(name)
        if number is None:
            return None
        if number != int(number) or not least <= number <= most:
            self.wrong(name, gettext("A whole number from {least} to {most}.").format(least=least, most=most))
            return None
        return int(number)

    def amount(self, name: str, currency: str) -> int | None:
        """Money in the currency's own unit, such as 12.50, as minor units; not less than nothing."""
        number = self.number_of(name)
        if number is None:
            return None
        digits = money.minor_digits(currency)
        if -int(number.as_tuple().exponent) > digits:
            # 1,250 is more likely a thousand than one and a quarter: refused instead of guessed.
            self.wrong(
                name,
                gettext("{currency} has {digits} decimals. Write nothing between the thousands.").format(
                    currency=currency, digits=digits
                ),
            )
            return None
        if number < 0 or number.scaleb(digits) > money.MAX_AMOUNT:
            self.wrong(name, gettext("This may not be less than nothing, nor beyond any price."))
            return None
        return int(number.scaleb(digits))

    def percent(self, name: str) -> int | None:
        """8.875 as 88750 millionths."""
        number = self.number_of(name)
        if number is None:
            return None
        if not 0 <= number <= 100 or number * 10_000 != int(number * 10_000):
            self.wrong(name, gettext("A percentage from 0 to 100, with four decimals at most."))
            return None
        return int(number * 10_000)

    def flag(self, name: str) -> bool | None:
        if not self.has(name):
            return None
        value = self.values[name]
        word = str(value).strip().lower()
        if word in _YES | _NO:
            return word in _YES
        self.wrong(name, gettext("yes or no."))
        return None

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A time by the clock of the zone; a day alone is its beginning."""
        if not self.has(name):
            return None
        value = self.values[name]
        try:
            if isinstance(value, str):
                text = value.strip()
                value = parse_datetime(f"{text} 00:00" if _DAY.fullmatch(text) else text)
            if isinstance(value, datetime) and value.tzinfo is None:
                with timezone.override(zone):
                    return from_current_timezone(value)
        except (ValueError, ValidationError):
            # No such day, or an hour that the clock leaves out.
            pass
        self.wrong(name, gettext("Write a time by the venue's clock, such as 2027-05-31 18:30."))
        return None


def rows_of(content: bytes, columns: Sequence[Column], max_rows: int, report: Report) -> list[Row]:
    """The file's rows; nothing where its header is wrong. Raises `UnreadableFile`."""
    lines = files.grid(content, max_rows)
    header = next(lines, None)
    if header is None:
        raise files.UnreadableFile(gettext("This file is empty."))
    names = _named(header, columns, report)
    if report.problems:
        return []
    found = list(_rows(lines, names, max_rows, report))
    if not found and not report.problems:
        report.wrong(None, "", gettext("There are no rows below the names of the columns."))
    needed = [column.name for column in columns if column.is_needed]
    for row in found:
        for name in needed:
            if not row.has(name) and name not in row.refused:
                row.wrong(name, gettext("This is needed."))
    return found


def _named(header: files.GridRow, columns: Sequence[Column], report: Report) -> list[str]:
    """The names in the first line, each known, none twice, all there that are needed."""
    number, cells = header
    names = [_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = [column.name for column in columns]
    for name in dict.fromkeys(names):
        if name and name not in known:
            message = gettext("Unknown column. Known are {known}.").format(known=", ".join(known))
            report.wrong(number, name[:40], message)
        elif name and names.count(name) > 1:
            report.wrong(number, name, gettext("This column is there twice."))
    for column in columns:
        if column.is_needed and column.name not in names:
            message = gettext("This column is missing. The first row names the columns: {known}.")
            report.wrong(number, column.name, message.format(known=", ".join(known)))
    return names


def _name(cell: Any) -> str:
    return "" if cell is None or isinstance(cell, files.Formula) else "_".join(str(cell).lower().split())


def _rows(lines: Iterable[files.GridRow], names: list[str], max_rows: int, report: Report) -> Iterator[Row]:
    for count, (number, cells) in enumerate(lines, start=1):
        if count > max_rows:
            message = gettext("At most {max_rows:,} rows at once. Split the file.").format(max_rows=max_rows)
            report.wrong(number, "", message)
            return
        row = Row(number, dict(zip(names, cells, strict=False)), report)
        if any(cell not in (None, "") for cell in cells[len(names) :]):
            row.wrong("", gettext("There are more cells than columns have names."))
        for name, value in row.values.items():
            if isinstance(value, files.Formula):
                row.wrong(name, gettext("This is a formula. Paste its value instead."))
                row.values[name] = None
            elif isinstance(value, str) and len(value) > files.MAX_CELL:
                row.wrong(name, gettext("This is too long."))
                row.values[name] = None
        yield row
