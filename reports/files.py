"""An answer as a file: CSV or a workbook, with the same figures as everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils.text import slugify

from reports.asking import Answer, Figure
from reports.definition import Kind
from trufan.lib import spreadsheets
from trufan.lib.spreadsheets import CONTENT_TYPE, XLSX_TYPE, Money, Ratio

FORMATS = {"csv": CONTENT_TYPE, "xlsx": XLSX_TYPE}
#: Ratios of whole numbers are shown to the hundredth of a percent.
_FINE = Decimal("0.0001")


def filename(answer: Answer, kind: str) -> str:
    """`sales-garden-arena-2026-11-01-2026-11-30.csv`."""
    asked = answer.asked
    name = f"{asked.report.key}-{asked.venue.slug}-{asked.period.since}-{asked.period.until}"
    return f"{slugify(name)}.{kind}"


def header(answer: Answer) -> list[str]:
    """What stands above the columns; the currency has one of its own, for a file goes where nobody knows the venue."""
    measures = answer.table.measures
    before = [f"{each.title}, before" for each in measures] if answer.other else []
    return [answer.table.dimension.title, "currency", *(each.title for each in measures), *before]


def rows(answer: Answer) -> Iterator[list[Any]]:
    """The lines and, last, the totals, as cells."""
    for line in answer.lines():
        yield _cells(answer, line.row.key if answer.table.dimension.kind == "day" else line.row.label,
                     line.row.figures, line.before)  # fmt: skip
    yield _cells(answer, "total", answer.table.totals, answer.other.totals if answer.other else {})


def response(answer: Answer, kind: str) -> StreamingHttpResponse | FileResponse:
    """The file to keep; `kind` is one of `FORMATS`."""
    name = filename(answer, kind)
    if kind == "csv":
        return spreadsheets.download([header(answer), *rows(answer)], name)
    return spreadsheets.xlsx_response(name, header(answer), rows(answer), sheet=answer.asked.report.title[:31])


def content(answer: Answer, kind: str) -> tuple[str, bytes, str]:
    """The file to attach: its name, its bytes, its type."""
    if kind == "csv":
        made = "".join(spreadsheets.lines([header(answer), *rows(answer)])).encode()
    else:
        with spreadsheets.xlsx_file(header(answer), rows(answer), sheet=answer.asked.report.title[:31]) as file:
            made = file.read()
    return filename(answer, kind), made, FORMATS[kind].partition(";")[0]


def _cells(answer: Answer, first: Any, now: Mapping[str, Figure], before: Mapping[str, Figure]) -> list[Any]:
    kinds: list[tuple[str, Kind]] = [(each.key, each.kind) for each in answer.table.measures]
    currency = answer.table.currency
    shown = [_cell(now[key], kind, currency) for key, kind in kinds]
    beside = [_cell(before.get(key), kind, currency) for key, kind in kinds] if answer.other else []
    return [first, currency, *shown, *beside]


def _cell(value: Figure, kind: Kind, currency: str) -> Any:
    if value is None:
        return None
    if kind == "money":
        return Money(round(value), currency)
    if kind == "ratio":
        return Ratio(Decimal(value).quantize(_FINE))
    if kind == "duration":
        return timedelta(seconds=round(value))
    return round(Decimal(value), 2) if isinstance(value, float) else value
