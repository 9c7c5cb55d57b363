"""What is exported makes the same plan again, whatever its names and places are."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trufan.lib.errors import Invalid
from trufan.lib.escapes import done, undone
from trufan.lib.printable import is_printable
from venues.seating import exporting, importing, plans
from venues.seating.exporting import csv_text, json_object
from venues.seating.layouts import Area, Layout, Place
from venues.seating.reading import from_csv, from_json
from venues.seating.tests.layouts import block, floor, layout, seat

#: How long an example takes is the machine's business.
unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FORMULAS = ["=1+1", "+A", "-1", "@SUM", "＝x", "'=x", "''-2", "'20s", "'", 'a"b', "a,b", "Ñandú", "<b>&"]


def names(length: int) -> st.SearchStrategy[str]:
    """Text that is a name as it stands, formulas and quotes among them."""
    free = st.text(min_size=1, max_size=length).map(str.strip).filter(lambda text: text and is_printable(text))
    return st.one_of(free, st.sampled_from([word for word in FORMULAS if len(word) <= length]))


metres = st.floats(-10_000, 10_000).map(lambda value: value + 0.0)
corners = st.lists(st.tuples(metres, metres).map(list), min_size=3, max_size=5)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Sections with rows of seats, whose labels are numbers so that none is there twice."""
    areas, places, count = [], [], 0
    for name in draw(st.lists(names(40), max_size=3, unique=True)):
        outline = draw(st.one_of(st.just([]), corners))
        if draw(st.booleans()):
            areas.append(Area(name, True, draw(st.integers(1, 1_000_000)), outline))
            continue
        areas.append(Area(name, False, 0, outline))
        rows = draw(st.lists(names(12), min_size=1, max_size=3, unique=True))
        for row, row_order in zip(rows, sorted(draw(orders(len(rows)))), strict=True):
            numbers = draw(st.lists(names(12), min_size=1, max_size=4, unique=True))
            for number, seat_order in zip(numbers, sorted(draw(orders(len(numbers)))), strict=True):
                count += 1
                marks = {mark: draw(st.booleans()) for mark in ("accessible", "companion", "restricted_view")}
                places.append(
                    Place(name, row, number, f"-L{count}", draw(metres), draw(metres), row_order, seat_order, **marks)
                )
    return Layout(areas, [paired(place, places) for place in places], (draw(metres), draw(metres)))


def orders(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 16_383), min_size=count, max_size=count, unique=True)


def paired(place: Place, places: list[Place]) -> Place:
    """A companion goes with the first accessible seat that is another one."""
    other = next((each.label for each in places if each.accessible and each is not place), "")
    return replace(place, companion_of=other) if place.companion else place


@unhurried
@given(layouts())
def test_json_comes_back_as_it_went(given_layout):
    assert from_json(json_object(given_layout)) == given_layout


@unhurried
@given(layouts())
def test_csv_comes_back_as_it_went_and_holds_no_formula(given_layout):
    text = csv_text(given_layout)
    assert from_csv(text, given_layout.areas).places == given_layout.places
    for line in csv.DictReader(io.StringIO(text, newline="")):
        for column in ("section", "row", "number", "label", "companion_of"):
            assert not line[column].startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@unhurried
@given(st.one_of(st.text(), st.sampled_from(FORMULAS)))
def test_what_was_marked_is_unmarked(text):
    assert undone(done(text)) == text


@unhurried
@given(st.text(max_size=400))
def test_no_text_is_more_than_refused(text):
    try:
        from_csv(text, [])
    except Invalid as refusal:
        assert refusal.details


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sections", "seats", "name", "row", "number", "x", "y", "label"]), inner)
    ),
    max_leaves=20,
)


@unhurried
@given(st.dictionaries(st.sampled_from(["sections", "stage"]), json_values))
def test_no_object_is_more_than_refused(data):
    try:
        from_json(data)
    except Invalid as refusal:
        assert refusal.details


PAIR = [
    seat("C", "1", x=-1.25, accessible=True),
    seat("C", "2", y=1e-7, companion=True, companion_of="BALCONY-C-1", restricted_view=True),
    seat("C", "4", seat_order=4),
]
WHOLE = layout(block(), floor(), {"name": "Balcony", "seats": PAIR}, stage={"x": -3.5, "y": 0.125})


@pytest.mark.django_db
def test_the_database_in_between_changes_nothing(api, seats_url, plan, olga):
    assert api.as_(olga).put(seats_url, WHOLE).status_code == 200
    shown = api.as_(olga).get(seats_url).json()
    file = api.as_(olga).get(f"{seats_url}.csv", HTTP_ACCEPT="text/csv")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="seats.csv"'
    before = list(plan.seats.order_by("pk").values())

    assert api.as_(olga).put(seats_url, shown).status_code == 200
    assert api.as_(olga).put(seats_url, file.content, content_type="text/csv").status_code == 200
    assert list(plan.seats.order_by("pk").values()) == before
    assert api.as_(olga).get(seats_url).json() == shown

    copy = plans.create(plan.venue, olga, name="Copy")
    copy = importing.replace_from_json(copy, shown, olga)
    assert exporting.as_json(copy) == shown
    assert exporting.as_csv(copy) == file.content.decode()
