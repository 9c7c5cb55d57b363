"""What buyers' clients are shown: the map, who sits where, and the drawing."""

from __future__ import annotations

import json
from itertools import accumulate
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from ticketing.models import EventSeat, TicketType
from ticketing.seats.mapping import steps
from ticketing.seats.tests.seated import asking, order, plan_of, seat_by, seated_type
from trufan.testing import EventFactory
from venues.models import SeatSection


def address(event, rest="seats"):
    return f"/api/v1/events/{event.pk}/{rest}"


def read(answer):
    return json.loads(answer.content)


def places(values, count):
    """What `steps` was made of."""
    first, *rest = values
    return list(accumulate([first, *rest, *[rest[-1] if rest else 0] * (count - 1 - len(rest))]))


def labels_of(drawn):
    return [
        label
        for section in drawn["sections"]
        for row in section["rows"]
        for label in row.get("labels")
        or [
            f"{section['name']}-{row['row']}-{number}".upper()
            for number in row.get("numbers") or range(row["first"], row["first"] + row["count"])
        ]
    ]


@given(st.lists(st.integers(-5000, 5000), min_size=1, max_size=30))
def test_coordinates_come_back_from_their_steps(values):
    assert places(steps(values), len(values)) == values


def test_a_straight_row_is_two_numbers():
    assert steps([100, 155, 210, 265]) == [100, 55]
    assert steps([7]) == [7]


def test_the_map_says_where_each_seat_stands_and_what_it_is_sold_as(api, event, seating, gold, silver):
    drawn = read(api.get(address(event)))
    assert (drawn["event"], drawn["plan"]["name"], drawn["stage"], drawn["count"]) == (
        str(event.pk), "Concert", [0, -500], 26,
    )  # fmt: skip
    assert drawn["ticket_types"] == [str(gold.pk), str(silver.pk)]
    section = drawn["sections"][0]
    assert (section["name"], section["kind"]) == ("A", "seated")
    assert section["rows"][0] == {"row": "A", "count": 6, "first": 1, "x": [0, 100], "y": [100, 0], "type": 0}
    assert section["rows"][2]["accessible"] == [0]
    assert section["rows"][2]["companion"] == [1]
    assert drawn["sections"][1]["rows"][0]["type"] == 1
    expected = EventSeat.objects.filter(event=event).order_by("position").values_list("label", flat=True)
    assert labels_of(drawn) == list(expected)


def test_a_row_with_seats_of_several_types_and_odd_numbers_says_so(api, event, seating, gold, silver):
    EventSeat.objects.filter(event=event, label="A-A-2").update(ticket_type=silver, number="2a", label="A-A-2A")
    EventSeat.objects.filter(event=event, label="A-A-6").update(ticket_type=None, label="CORNER")
    row = read(api.get(address(event)))["sections"][0]["rows"][0]
    assert row["types"] == [0, 1, 0, 0, 0, None]
    assert row["numbers"] == ["1", "2a", "3", "4", "5", "6"]
    assert row["labels"] == ["A-A-1", "A-A-2A", "A-A-3", "A-A-4", "A-A-5", "CORNER"]


def test_standing_areas_are_on_the_map(api, event, plan, gold, silver, ticket_type, olga):
    SeatSection.objects.create(
        plan=plan, name="Floor", position=9, kind="standing", capacity=400, outline=[[0, 0], [2, 1.5]]
    )
    seat_by(event, plan, olga, A=gold, B=silver, Floor=ticket_type)
    floor = read(api.get(address(event)))["sections"][2]
    assert floor == {
        "name": "Floor",
        "kind": "standing",
        "rows": [],
        "outline": [[0, 0], [200, 150]],
        "capacity": 400,
        "type": 2,
    }


def test_statuses_are_one_letter_each_in_the_order_of_the_map(api, fay, event, seating, gold):
    order(fay, asking(gold, 2, "A-A-2", "A-A-3"))
    drawn, found = read(api.get(address(event))), read(api.get(address(event, "seats/statuses")))
    assert found["version"] == drawn["version"]
    assert (found["count"], found["free"], found["seats"]) == (26, 24, "fttfff" + 20 * "f")


def test_the_public_is_told_taken_and_staff_why(api, fay, olga, stan, event, seating, gold):
    EventSeat.objects.filter(event=event, label="A-A-1").update(status="blocked", reason="A camera.")
    EventSeat.objects.filter(event=event, label="A-A-2").update(status="house", reason="The mayor.")
    order(fay, asking(gold, 1, "A-A-3"))
    for somebody in (None, fay, stan):
        answer = api.as_(somebody).get(address(event, "seats/statuses"))
        assert read(answer)["seats"][:4] == "tttf"
        assert answer["Cache-Control"] == "max-age=1"
    answer = api.as_(olga).get(address(event, "seats/statuses"))
    assert read(answer)["seats"][:4] == "bohf"
    assert answer["Cache-Control"] == "private, max-age=1"


@pytest.mark.parametrize("rest", ["seats", "seats/statuses", "seats.svg"])
def test_who_has_it_already_is_told_so_in_no_bytes(api, event, seating, rest):
    tag = api.get(address(event, rest))["ETag"]
    again = api.get(address(event, rest), HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_a_seat_that_goes_makes_another_picture_at_once(
    api, fay, event, seating, gold, django_capture_on_commit_callbacks
):
    tag, still = api.get(address(event, "seats/statuses"))["ETag"], api.get(address(event))["ETag"]
    with django_capture_on_commit_callbacks(execute=True):
        order(fay, asking(gold, 1))
    answer = api.get(address(event, "seats/statuses"), HTTP_IF_NONE_MATCH=tag)
    assert answer.status_code == 200
    assert read(answer)["free"] == 25
    assert api.get(address(event), HTTP_IF_NONE_MATCH=still).status_code == 304


def test_other_prices_make_another_map(api, event, plan, seating, gold, olga):
    before = read(api.get(address(event)))["version"]
    seat_by(event, plan, olga, A=gold, B=gold)
    drawn = read(api.get(address(event)))
    assert drawn["version"] != before
    assert drawn["ticket_types"] == [str(gold.pk)]


@pytest.mark.parametrize("rest", ["seats", "seats/statuses", "seats.svg"])
def test_where_there_is_nothing_to_see_it_says_so(api, fay, event, other_venue, rest):
    assert api.get(address(event, rest)).status_code == 404
    hidden = EventFactory(venue=other_venue, status="draft")
    seat_by(hidden, plan_of(other_venue, {"A": (1, 4)}), None, A=seated_type(hidden))
    assert api.as_(fay).get(address(hidden, rest)).status_code == 404
    assert api.get(f"/api/v1/events/{hidden.pk.hex}x/{rest}").status_code == 404


def test_the_drawing_is_xml_and_names_each_seat(api, fay, olga, event, plan, seating, gold):
    plan.name = "Rock & <Roll>"
    plan.save()
    order(fay, asking(gold, 1, "A-A-1"))
    answer = api.get(address(event, "seats.svg"))
    assert answer["Content-Type"] == "image/svg+xml"
    root = ElementTree.fromstring(answer.content)  # noqa: S314  our own
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "A-A-1, Gold, USD 50.00, taken" in titles or "A-A-1, Gold, $50.00, taken" in titles
    assert any("for a wheelchair" in title for title in titles)
    assert any("Rock & <Roll>" in title for title in titles)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 26
    assert "in a cart" in api.as_(olga).get(address(event, "seats.svg")).content.decode()


def test_a_hidden_ticket_types_name_is_not_drawn_for_the_public(api, olga, event, seating, gold):
    TicketType.objects.filter(pk=gold.pk).update(visibility="hidden", name="Presale")
    assert "Presale" not in api.get(address(event, "seats.svg")).content.decode()
    assert "Presale" in api.as_(olga).get(address(event, "seats.svg")).content.decode()


def test_a_thousand_seats_cost_as_many_queries_as_ten_and_a_few_bytes(api, event, venue, olga):
    from django.core.cache import cache

    small, large = EventFactory(venue=venue), EventFactory(venue=venue, capacity=2_000)
    seat_by(small, plan_of(venue, {"A": (1, 10)}, "Small"), olga, A=seated_type(small))
    seat_by(
        large,
        plan_of(venue, {"A": (40, 25), "B": (40, 25)}, "Large"),
        olga,
        A=seated_type(large),
        B=seated_type(large, "B"),
    )
    for rest, most in (("seats", 12_000), ("seats/statuses", 2_200), ("seats.svg", 400_000)):
        asked = []
        for each in (small, large):
            cache.clear()
            with CaptureQueriesContext(connection) as queries:
                answer = api.get(address(each, rest))
            asked.append(len(queries))
            with CaptureQueriesContext(connection) as queries:
                api.get(address(each, rest))
            assert len(queries) == 2
        assert asked[0] == asked[1] <= 10
        assert len(answer.content) < most


def test_the_drawing_is_xml_whatever_things_are_called(api, seating, event, gold):
    name = '<script>alert(1)</script>\x01\x1f\uffff"\' onload="x'
    type(event).objects.filter(pk=event.pk).update(name=name)
    TicketType.objects.filter(pk=gold.pk).update(name=name)
    SeatSection.objects.update(outline=[[0, 0], [1, 1], [2, 0]])
    SeatSection.objects.filter(plan=seating.plan_id, name="A").update(name=name[:40])
    type(seating.plan).objects.filter(pk=seating.plan_id).update(name=name)

    answer = api.get(address(event, "seats.svg"), headers={"Accept": "image/svg+xml"})

    assert answer.status_code == 200
    found = {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(answer.content).iter()}  # noqa: S314  # our own
    assert found == {"svg", "title", "rect", "polygon", "circle"}
