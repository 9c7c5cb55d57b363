"""A plan's picture: well-formed, with every seat, safe to show, and sent again only once something changed."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from venues.seating import plans
from venues.seating.tests.layouts import block, floor, layout, seat

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


def drawn(answer) -> ElementTree.Element:
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    return ElementTree.fromstring(answer.content.decode())  # noqa: S314  our own


@pytest.fixture
def map_url(url) -> str:
    return f"{url}/map.svg"


def test_every_seat_is_a_dot_with_its_label(api, map_url, seats_url, olga, gus):
    seats = [seat("A", "1", accessible=True), seat("A", "2", companion=True), seat("A", "3", restricted_view=True)]
    api.as_(olga).put(seats_url, layout({"name": "112", "seats": seats}, floor()))
    picture = drawn(api.as_(gus).get(map_url, HTTP_ACCEPT="image/*"))
    titles = [circle.findtext(f"{SVG}title") for circle in picture.iter(f"{SVG}circle")]
    # The accessible seat has a ring around it, which has no words.
    assert titles == [None, "112-A-1, accessible", "112-A-2, companion", "112-A-3, restricted view"]
    assert [group.findtext(f"{SVG}title") for group in picture.iter(f"{SVG}g")] == [
        "112: 3 seats",
        "Floor: 800 standing",
    ]
    polygon = next(picture.iter(f"{SVG}polygon"))
    assert polygon.get("points") == "0,0 9,0 9,5 0,5"


def test_all_of_it_lies_within_the_picture(api, map_url, seats_url, olga):
    far = {"name": "Far", "seats": [seat("A", "1", x=-40.5, y=99), seat("A", "2", x=60, y=-3)]}
    api.as_(olga).put(seats_url, layout(far, stage={"x": 0, "y": -20}))
    left, top, width, height = map(float, drawn(api.as_(olga).get(map_url)).get("viewBox").split())
    assert left < -40.5
    assert top < -20
    assert left + width > 60
    assert top + height > 99


def test_names_are_words_and_never_markup(api, url, map_url, seats_url, plan, olga):
    evil = '"><script>alert(1)</script>&'
    plans.change(plan, olga, name=evil)
    api.as_(olga).put(
        seats_url,
        layout({"name": evil, "seats": [seat("A", "1", label='<i a="b">') | {"row": "<b>", "number": "'1'"}]}),
    )
    answer = api.as_(olga).get(map_url)
    picture = drawn(answer)
    assert b"<script" not in answer.content
    assert picture.get("aria-label") == evil
    assert picture.findtext(f"{SVG}title") == evil
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} == {
        "svg", "title", "rect", "text", "g", "circle",
    }  # fmt: skip


def test_a_plan_without_seats_has_a_picture_of_its_stage(api, map_url, olga):
    assert [text.text for text in drawn(api.as_(olga).get(map_url)).iter(f"{SVG}text")] == ["Stage"]


def test_it_is_sent_again_only_once_something_changed(api, map_url, seats_url, plan, olga, django_assert_num_queries):
    api.as_(olga).put(seats_url, layout(block()))
    first = api.as_(olga).get(map_url)
    tag = first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    with django_assert_num_queries(1):
        same = api.as_(olga).get(map_url, HTTP_IF_NONE_MATCH=tag)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    plans.change(plan, olga, stage_x=3.0)
    moved = api.as_(olga).get(map_url, HTTP_IF_NONE_MATCH=tag)
    assert (moved.status_code, moved["ETag"] == tag) == (200, False)
    api.as_(olga).put(seats_url, layout(block()))
    assert api.as_(olga).get(map_url, HTTP_IF_NONE_MATCH=moved["ETag"]).status_code == 200
