"""Whatever is wrong with a file is said at once, each with its place, and nothing of the file is written."""

from __future__ import annotations

import pytest

from venues.seating.tests.layouts import block, floor, layout, seat

pytestmark = pytest.mark.django_db
HEADING = "section,row,number,label,x,y,row_order,seat_order,accessible,companion,restricted_view,companion_of"


def problems(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.json()
    error = answer.json()["error"]
    assert error["code"] == "validation_error"
    return [(each["field"], each["code"]) for each in error["details"]]


def section(*seats, **more):
    return layout({"name": "112", "seats": list(seats), **more})


FIRST = seat("A", "1")
PROBLEMS = [
    ({}, ("sections", "required")),
    ({"sections": {}}, ("sections", "invalid")),
    ({"sections": ["112"]}, ("sections[0]", "invalid")),
    ({"sections": [], "stage": [0, 0]}, ("stage", "invalid")),
    ({"sections": [], "stage": {"x": 0}}, ("stage.y", "required")),
    ({"sections": [], "seats": []}, ("seats", "unknown")),
    (layout({"name": "", "seats": [FIRST]}), ("sections[0].name", "required")),
    (layout({"name": "x" * 41, "seats": [FIRST]}), ("sections[0].name", "too_long")),
    (layout({"name": "112\n113", "seats": [FIRST]}), ("sections[0].name", "invalid")),
    (layout({"name": ["112"], "seats": [FIRST]}), ("sections[0].name", "invalid")),
    (layout(block(), block(rows="CD")), ("sections[1].name", "not_unique")),
    (section(FIRST, kind="lying"), ("sections[0].kind", "invalid")),
    (section(), ("sections[0].seats", "required")),
    (section(FIRST, capacity=9), ("sections[0].capacity", "invalid")),
    (layout(floor(0)), ("sections[0].capacity", "invalid")),
    (layout({"name": "Floor", "kind": "standing"}), ("sections[0].capacity", "required")),
    (layout(floor() | {"seats": [FIRST]}), ("sections[0].seats", "invalid")),
    (section(FIRST, outline=[[0, 0], [1, 1]]), ("sections[0].outline", "invalid")),
    (section(FIRST, outline=[[0, 0], [1, 1], [1, "b"]]), ("sections[0].outline[2]", "invalid")),
    (section(FIRST, outline=[[0, 0], [1, 1], [1, 1, 1]]), ("sections[0].outline[2]", "invalid")),
    (layout({"name": "112", "seats": {"A": 1}}), ("sections[0].seats", "invalid")),
    (section("A1"), ("sections[0].seats[0]", "invalid")),
    (section(FIRST | {"row": ""}), ("sections[0].seats[0].row", "required")),
    (section(FIRST | {"number": None}), ("sections[0].seats[0].number", "required")),
    (section(FIRST | {"number": True}), ("sections[0].seats[0].number", "invalid")),
    (section(FIRST | {"number": "x" * 13}), ("sections[0].seats[0].number", "too_long")),
    (section(FIRST | {"x": "east"}), ("sections[0].seats[0].x", "invalid")),
    (section(FIRST | {"x": True}), ("sections[0].seats[0].x", "invalid")),
    (section(FIRST | {"y": 10_000.5}), ("sections[0].seats[0].y", "invalid")),
    (section({"row": "A", "number": "1", "x": 1}), ("sections[0].seats[0].y", "required")),
    (section(FIRST | {"row_order": -1}), ("sections[0].seats[0].row_order", "invalid")),
    (section(FIRST | {"seat_order": 16_384}), ("sections[0].seats[0].seat_order", "invalid")),
    (section(FIRST | {"seat_order": 1.5}), ("sections[0].seats[0].seat_order", "invalid")),
    (section(FIRST | {"accessible": "perhaps"}), ("sections[0].seats[0].accessible", "invalid")),
    (section(FIRST | {"acessible": True}), ("sections[0].seats[0].acessible", "unknown")),
    (section(FIRST | {"label": "x" * 41}), ("sections[0].seats[0].label", "too_long")),
    (section(FIRST, FIRST | {"x": 9}), ("sections[0].seats[1].number", "not_unique")),
    (section(FIRST, seat("A", "2", label="112-a-1")), ("sections[0].seats[1].label", "not_unique")),
    (section(FIRST, seat("A", "2", seat_order=1)), ("sections[0].seats[1].seat_order", "not_unique")),
    (section(FIRST, seat("B", "2", row_order=1, seat_order=2)), ("sections[0].seats[1].row_order", "not_unique")),
    (section(FIRST, seat("A", "2", row_order=2)), ("sections[0].seats[1].row_order", "invalid")),
    (section(FIRST | {"companion": True, "companion_of": "112-A-9"}), ("sections[0].seats[0].companion_of", "invalid")),
    (section(FIRST | {"companion_of": "112-A-2"}, seat("A", "2", accessible=True)),
     ("sections[0].seats[0].companion_of", "invalid")),
    (section(FIRST | {"companion": True, "companion_of": "112-A-2"}, seat("A", "2")),
     ("sections[0].seats[0].companion_of", "invalid")),
    (section(FIRST | {"companion": True, "accessible": True, "companion_of": "112-A-1"}),
     ("sections[0].seats[0].companion_of", "invalid")),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), PROBLEMS, ids=[f"{at} {code}" for _, (at, code) in PROBLEMS])
def test_a_problem_in_json_is_told_with_its_path(api, seats_url, plan, olga, body, expected):
    assert problems(api.as_(olga).put(seats_url, body)) == [expected]
    assert not plan.sections.exists()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([""], [(f"lines[1].{name}", "required") for name in ("section", "row", "number", "x", "y")]),
        (["section,row,number,x,y,colour"], [("lines[1].colour", "unknown")]),
        (["section,row,number,x,y,y"], [("lines[1]", "invalid")]),
        ([HEADING, "112,A,1,,east,2,,,,,,"], [("lines[2].x", "invalid")]),
        ([HEADING, "", "112,A,1,,1,2,,,,,,", ",A,2,,1,2,,,,,,"], [("lines[4].section", "required")]),
        ([HEADING, "Floor,A,1,,1,2,,,,,,"], [("lines[2].section", "invalid")]),
        ([HEADING, "112,A,1,,1,2,,,,,,,extra"], [("lines[2]", "invalid")]),
        ([HEADING, '112,A,"1,,1,2'], [("lines[2]", "malformed")]),
        ([HEADING, "112,A,1,,1,2,,,maybe,,,"], [("lines[2].accessible", "invalid")]),
        ([HEADING, "112,A,1,,1,2,,,,,,", "112,A,1,,1,2,,,,,,"], [("lines[3].number", "not_unique")]),
    ],
)
def test_a_problem_in_csv_is_told_with_its_line(api, seats_url, plan, olga, lines, expected):
    assert api.as_(olga).put(seats_url, layout(floor())).status_code == 200
    answer = api.as_(olga).put(seats_url, "\n".join(lines).encode() or b"\n", content_type="text/csv")
    assert problems(answer) == expected
    assert list(plan.sections.values_list("name", flat=True)) == ["Floor"]


def test_all_problems_are_told_at_once_and_what_was_there_stays(api, seats_url, plan, olga):
    api.as_(olga).put(seats_url, layout(block()))
    bad = layout(
        block("113", "A", 2),
        {"name": "114", "seats": [seat("A", "1", x=None), seat("A", "2", y="up", accessible=7)]},
        floor(-1),
    )
    assert [path for path, _ in problems(api.as_(olga).put(seats_url, bad))] == [
        "sections[1].seats[0].x",
        "sections[1].seats[1].accessible",
        "sections[1].seats[1].y",
        "sections[2].capacity",
    ]
    assert plan.seats.count() == 8
    plan.refresh_from_db()
    assert plan.version == 1


def test_of_very_many_problems_the_first_hundred_are_listed_and_all_are_counted(api, seats_url, olga):
    answer = api.as_(olga).put(seats_url, layout({"name": "1", "seats": [{"row": "A"} for _ in range(60)]}))
    assert len(problems(answer)) == 100
    assert "180 problems" in answer.json()["error"]["message"]


def test_more_than_25000_seats_are_refused(api, seats_url, plan, olga):
    lines = ["section,row,number,x,y", *(f"{n // 10_000},{n // 100 % 100},{n % 100},1,2" for n in range(25_001))]
    answer = api.as_(olga).put(seats_url, "\n".join(lines).encode(), content_type="text/csv")
    assert ("seats", "too_many") in problems(answer)
    assert not plan.seats.exists()


def test_what_is_no_text_at_all_is_refused(api, seats_url, olga):
    latin = api.as_(olga).put(seats_url, "section\nÄ".encode("latin-1"), content_type="text/csv")
    assert latin.status_code == 422
    assert api.as_(olga).put(seats_url, b"{", content_type="application/json").status_code == 400
    assert api.as_(olga).put(seats_url, b"<seats/>", content_type="text/xml").status_code == 415


def test_a_file_beyond_the_limit_of_imports_is_refused_before_it_is_read(api, seats_url, olga, settings):
    settings.MAX_IMPORT_BYTES = 2_000_000
    assert api.as_(olga).put(seats_url, b"x" * 1_900_000, content_type="text/csv").status_code == 422
    answer = api.as_(olga).put(seats_url, b"x" * 2_000_001, content_type="text/csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    elsewhere = api.as_(olga).patch(seats_url.removesuffix("/seats"), {"name": "x" * 1_900_000})
    assert elsewhere.status_code == 413
