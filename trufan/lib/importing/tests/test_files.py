"""Files as people have them: other encodings, separators and marks, and files that are none at all."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from trufan.lib.importing import files
from trufan.lib.importing.files import UnreadableFile
from trufan.lib.importing.reports import Report
from trufan.lib.importing.rows import Column, Row, rows_of

COLUMNS = (Column("name", "", True), Column("price", ""), Column("at", ""))
#: A workbook knows no zones.
HALF_PAST = datetime(2027, 5, 31, 18, 30)  # noqa: DTZ001
NEW_YORK = ZoneInfo("America/New_York")


def read(content: bytes, max_rows: int = 100) -> tuple[list[Row], list[tuple[int | None, str]]]:
    report = Report()
    rows = rows_of(content, COLUMNS, max_rows, report)
    return rows, [(each.row, each.column) for each in report.problems]


def cell(value: object, name: str = "price") -> tuple[Row, Report]:
    report = Report()
    return Row(2, {name: value}, report), report


def workbook(*rows: list[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_is_read_with_any_separator_and_with_and_without_its_mark(separator, encoding):
    text = f"Name{separator}Price\r\nCafé{separator}12.50\r\n\r\n'=x{separator}\r\n"
    rows, problems = read(text.encode(encoding))
    assert problems == []
    assert [(row.number, row.text("name")) for row in rows] == [(2, "Café"), (4, "=x")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        ("name\r\nCafé".encode("latin-1"), "Line 2 is not UTF-8"),
        ("name\r\nCafé".encode("utf-16"), "UTF-16"),
        (b"name\x00\r\nx", "not text"),
        (b'name\r\n"x"y\r\n', "Line 2 is not CSV"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old or a locked Excel file"),
        (b"PK\x03\x04 and nothing of the kind", "neither CSV nor XLSX"),
        (bytes(range(128, 256)) * 10, "not UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content, words):
    with pytest.raises(UnreadableFile, match=words):
        read(content)


def test_a_zip_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(file.getvalue())


def test_a_bomb_is_refused_before_it_is_unpacked():
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(70):
            part.write(b"0" * 1024 * 1024)
    content = file.getvalue()
    assert len(content) < 1024 * 1024
    with pytest.raises(UnreadableFile, match="larger than 64 MB"):
        read(content)


def rewritten(content: bytes, name: str, change) -> bytes:
    """The workbook with one of its parts as `change` makes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            raw = old.read(part)
            new.writestr(part.filename, change(raw) if part.filename == name else raw)
    return file.getvalue()


def test_a_workbook_whose_xml_grows_by_entities_is_refused():
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    content = rewritten(
        workbook(["name"], ["x"]), "xl/worksheets/sheet1.xml",
        lambda raw: laughs + raw.partition(b"?>")[2] if raw.startswith(b"<?xml") else laughs + raw,
    )  # fmt: skip
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(content)


def test_a_workbook_that_leans_on_other_files_is_refused():
    file = io.BytesIO(workbook(["name"], ["x"]))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<x/>")
    with pytest.raises(UnreadableFile, match="values out of other files"):
        read(file.getvalue())


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing():
    content = rewritten(
        workbook(["name"], ["x"]), "xl/worksheets/sheet1.xml",
        lambda raw: raw.replace(b'r="2"', b'r="1048576"').replace(b'"A2"', b'"XFD1048576"'),
    )  # fmt: skip
    rows, problems = read(content)
    assert (rows, problems) == ([], [(None, "")])


def test_formulas_and_errors_are_refused_at_their_cells():
    _, problems = read(workbook(["name", "price"], ["x", "=1+1"], ["y", 2]))
    assert problems == [(2, "price")]
    _, problems = read(b"name,price\r\nx,=1+1\r\n=cmd(),2\r\n")
    assert problems == [(2, "price"), (3, "name")]


@pytest.mark.parametrize("text", ["=1", "+1", "-x", "@SUM(A1)", "＝1"])
def test_text_that_begins_like_a_formula_is_taken_with_an_apostrophe_alone(text):
    row, report = cell(text, "name")
    assert (row.text("name"), len(report.problems)) == ("", 1)
    row, report = cell(f"'{text}", "name")
    assert (row.text("name"), report.problems) == (text, [])


def test_the_header_has_to_name_what_is_known_once():
    assert read(b"name,prize\r\nx,1")[1] == [(1, "prize")]
    assert read(b"name,name\r\nx,y")[1] == [(1, "name")]
    assert read(b"price\r\n1")[1] == [(1, "name")]
    assert read(b"name\r\n")[1] == [(None, "")]


def test_rows_with_too_many_cells_and_missing_values_are_named():
    assert read(b"name,price\r\nx,1,2\r\n,1\r\n")[1] == [(2, ""), (3, "name")]


def test_the_limit_of_rows_is_said_where_it_is_crossed():
    rows, problems = read(b"name\r\n" + b"x\r\n" * 6, max_rows=5)
    assert (len(rows), problems) == (5, [(7, "")])


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("12.50", "USD", 1250), ("12,50", "USD", 1250), ("12", "USD", 1200), (12.1, "USD", 1210), (7, "JPY", 7),
        ("1,250", "KWD", 1250), ("0", "USD", 0), (" 3.5 ", "USD", 350),
    ],
)  # fmt: skip
def test_money_is_read_with_a_point_or_a_comma(value, currency, amount):
    row, report = cell(value)
    assert (row.amount("price", currency), report.problems) == (amount, [])


@pytest.mark.parametrize(
    "value", ["1,250", "1.250,00", "1 250", "$5", "-1", "1e3", "12.345", 12.345, "abc", True, "9" * 14]
)
def test_money_that_could_be_two_things_is_none(value):
    row, report = cell(value)
    assert row.amount("price", "USD") is None
    assert [(each.row, each.column) for each in report.problems] == [(2, "price")]


def test_times_are_by_the_venues_clock():
    for value in ("2027-05-31 18:30", "2027-05-31T18:30", HALF_PAST):
        row, _ = cell(value, "at")
        assert row.moment("at", NEW_YORK).isoformat() == "2027-05-31T18:30:00-04:00"
    row, _ = cell("2027-05-31", "at")
    assert row.moment("at", NEW_YORK).hour == 0


@pytest.mark.parametrize("value", ["2027-03-14 02:30", "31.05.2027", "2027-02-30", "tomorrow", 5, "2027-05-31T18:30Z"])
def test_a_time_that_is_none_there_is_refused(value):
    row, report = cell(value, "at")
    assert row.moment("at", NEW_YORK) is None
    assert len(report.problems) == 1


@pytest.mark.parametrize(
    ("value", "meant"), [("Yes", True), ("sí", True), ("1", True), (True, True), ("no", False), (0, False)]
)
def test_yes_and_no_in_both_languages(value, meant):
    row, _ = cell(value)
    assert row.flag("price") is meant


def test_numbers_and_dates_in_columns_of_text():
    assert cell(7.0, "name")[0].text("name") == "7"
    row, report = cell(HALF_PAST, "name")
    assert (row.text("name"), len(report.problems)) == ("", 1)


def test_no_cell_is_longer_than_a_spreadsheets(monkeypatch):
    monkeypatch.setattr(files, "MAX_CELL", 5)
    assert read(b"name\r\nabcdef\r\n")[1] == [(2, "name")]
