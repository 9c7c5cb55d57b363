"""What a spreadsheet is handed: values that count, and never a formula that somebody else wrote."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from trufan.lib import spreadsheets
from trufan.lib.spreadsheets import Money, Ratio


def _sheet(header, rows, **options):
    with spreadsheets.xlsx_file(header, rows, **options) as file:
        return load_workbook(BytesIO(file.read())).active


def test_a_workbook_holds_numbers_dates_and_money_as_what_they_are():
    new_york = datetime(2026, 11, 21, 1, 30, tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))
    row = [
        Money(123_456, "USD"),
        Money(500, "JPY"),
        Money(1_250, "KWD"),
        Ratio(Decimal("0.125")),
        7,
        date(2026, 11, 20),
    ]
    sheet = _sheet(["a"] * 8, [[*row, new_york, timedelta(minutes=90)]], sheet="Sales")
    cells = list(sheet[2])
    assert sheet.title == "Sales"
    assert [each.value for each in cells[:5]] == [1234.56, 500, 1.25, 0.125, 7]
    assert [each.number_format for each in cells[:4]] == ['"USD" #,##0.00', '"JPY" #,##0', '"KWD" #,##0.000', "0.0%"]
    assert cells[5].value.isoformat() == "2026-11-20T00:00:00"
    assert cells[6].value.isoformat() == "2026-11-20T20:30:00", "the hour on the venue's wall"
    assert cells[7].value == timedelta(minutes=90)


def test_csv_holds_the_same_as_plain_numbers():
    row = [
        Money(123_456, "USD"),
        Money(-500, "JPY"),
        Ratio(Decimal("0.125")),
        timedelta(minutes=90),
        date(2026, 11, 20),
    ]
    assert list(spreadsheets.lines([row])) == ["1234.56,-500,0.125,5400,2026-11-20\r\n"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "{=1}", "http://x"])
def test_no_text_becomes_a_formula_or_a_link_in_a_workbook(text):
    cell = _sheet(["name"], [[text]])["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_long_numbers_and_control_characters_come_through():
    sheet = _sheet(["id", "note"], [[4006381333931, "bell\x07"], [10**17 + 1, "007"]])
    assert sheet["A2"].value == 4006381333931
    assert sheet["A3"].value == "100000000000000001", "a double would round it"
    assert sheet["B3"].value == "007"


def test_a_workbook_takes_constant_memory():
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            spreadsheets.xlsx_file(["n", "text"], ((n, f"row {n}") for n in range(count))).close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(20_000) < peak(2_000) + 2_000_000


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    assert _sheet(["n"], [[1], [2]]).max_row == 3
    with pytest.raises(spreadsheets.SheetTooLong):
        spreadsheets.xlsx_file(["n"], [[1], [2], [3]])


def test_the_answer_is_a_file_to_keep_and_is_kept_by_nobody_else():
    response = spreadsheets.xlsx_response("sales.xlsx", ["n"], [[1]])
    assert response["Content-Type"] == spreadsheets.XLSX_TYPE
    assert response["Content-Disposition"] == 'attachment; filename="sales.xlsx"'
    assert response["Cache-Control"] == "no-store"
    assert load_workbook(BytesIO(b"".join(response.streaming_content))).active["A2"].value == 1
