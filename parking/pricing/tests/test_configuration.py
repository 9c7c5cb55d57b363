"""What a pricing configuration may say, and what is answered to one that says nothing clear."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from parking.pricing.configuration import SCHEMA, Move, parse
from parking.pricing.tests.configurations import DEMAND, EVENT, GIVEN, configured
from parking.pricing.words import describe
from trufan.lib.errors import Invalid


def problems(given, field="pricing"):
    with pytest.raises(Invalid) as refusal:
        parse(given, field)
    return {detail.field: detail.message for detail in refusal.value.details}


def test_the_published_schema_is_one_and_its_examples_pass():
    Draft202012Validator.check_schema(SCHEMA)
    assert [parse(example) for example in SCHEMA["examples"]] == [configured(event=EVENT, demand=DEMAND), None]


def test_nothing_configured_means_that_prices_do_not_move():
    assert parse({}) is None
    assert describe(None) == ["Prices do not move: the base price is asked at all times."]


def test_what_was_read_is_written_back_the_same():
    full = GIVEN | {"event": EVENT, "demand": DEMAND}
    assert parse(full).as_json() == full
    assert parse(GIVEN).as_json() == GIVEN


def test_bands_and_event_rules_may_stand_in_either_order():
    assert configured(occupancy=GIVEN["occupancy"][::-1], event=EVENT[::-1]) == configured(event=EVENT)


def test_a_whole_number_with_a_point_is_one():
    assert configured(floor_percent=70.0).as_json()["floor_percent"] == 70
    assert type(configured(floor_percent=70.0).floor_percent) is int


@pytest.mark.parametrize("given", [None, [], "", 3, [GIVEN]])
def test_anything_but_an_object_is_refused(given):
    assert set(problems(given)) == {"pricing"}


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_nothing_is_taken_silently(name):
    given = {key: value for key, value in GIVEN.items() if key != name}
    assert set(problems(given)) == {f"pricing.{name}"}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"version": 2}, "version"),
        ({"floor": 70}, "floor"),
        ({"floor_percent": 0}, "floor_percent"),
        ({"floor_percent": 101}, "floor_percent"),
        ({"floor_percent": "70"}, "floor_percent"),
        ({"floor_percent": 70.5}, "floor_percent"),
        ({"floor_percent": True}, "floor_percent"),
        ({"floor_percent": float("nan")}, "floor_percent"),
        ({"cap_percent": 99}, "cap_percent"),
        ({"cap_percent": 1001}, "cap_percent"),
        ({"floor_percent": 100, "cap_percent": 100}, "cap_percent"),
        ({"step_percent": 0}, "step_percent"),
        ({"step_percent": -10}, "step_percent"),
        ({"step_percent": 31}, "step_percent"),
        ({"max_change_per_hour_percent": 0}, "max_change_per_hour_percent"),
        ({"review_minutes": 0}, "review_minutes"),
        ({"review_minutes": 1441}, "review_minutes"),
        ({"occupancy": []}, "occupancy"),
        ({"occupancy": [{"from_percent": 10, "move": "up"}]}, "occupancy"),
        ({"occupancy": [{"from_percent": 0, "move": "sideways"}]}, "occupancy[0].move"),
        ({"occupancy": [{"from_percent": 0}]}, "occupancy[0].move"),
        ({"occupancy": [{"from_percent": 0, "move": "up", "by": 3}]}, "occupancy[0].by"),
        ({"occupancy": [{"from_percent": 101, "move": "up"}, GIVEN["occupancy"][2]]}, "occupancy[0].from_percent"),
        ({"occupancy": [*GIVEN["occupancy"], GIVEN["occupancy"][2]]}, "occupancy[3].from_percent"),
        ({"occupancy": [GIVEN["occupancy"][n] for n in (1, 0, 2)]}, "occupancy[2].from_percent"),
        ({"occupancy": [{"from_percent": 50, "move": "down"}, {"from_percent": 0, "move": "up"}]}, "occupancy"),
        ({"event": []}, "event"),
        ({"event": [{"within_hours": 0, "at_least_percent": 110}]}, "event[0].within_hours"),
        ({"event": [{"within_hours": 3, "at_least_percent": 201}]}, "event[0].at_least_percent"),
        ({"event": [{"within_hours": 3, "at_least_percent": 60}]}, "event[0].at_least_percent"),
        ({"event": [EVENT[0], EVENT[0]]}, "event[1].within_hours"),
        ({"event": [EVENT[0] | {"at_least_percent": 105}, EVENT[1]]}, "event"),
        ({"demand": {}}, "demand.window_minutes"),
        ({"demand": DEMAND | {"up_from_percent": 0}}, "demand.up_from_percent"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(changes, where):
    assert f"pricing.{where}" in problems(GIVEN | changes)


def test_every_problem_is_told_at_once_below_the_given_name():
    assert set(problems(GIVEN | {"floor_percent": 0, "step_percent": 0, "x": 1}, "lot.pricing")) == {
        "lot.pricing.floor_percent",
        "lot.pricing.step_percent",
        "lot.pricing.x",
    }


def test_a_configuration_says_in_sentences_what_it_does():
    assert describe(configured(event=EVENT, demand=DEMAND)) == [
        "Prices are looked at every 15 minutes.",
        "Occupancy at or over 80 %: 10 % up.",
        "Occupancy from 60 % to below 80 %: no change.",
        "Occupancy below 60 %: 10 % down.",
        "One more step of 10 % up when, in 60 minutes, reservations and cars that come without one are at or over 10 % "
        "of the spaces.",
        "Within 3 hours of an event's doors, and until it starts: at least 1.2 times the base price.",
        "Within 24 hours of an event's doors, and until it starts: at least 1.1 times the base price.",
        "Never less than 0.7 times the base price, never more than 2 times the base price.",
        "In any one hour at most 30 % of the base price, up and down added.",
    ]
    assert describe(configured(occupancy=[{"from_percent": 0, "move": "hold"}]))[1] == (
        "Occupancy whatever it is: no change."
    )
    assert [band.move for band in configured().occupancy] == [Move.UP, Move.HOLD, Move.DOWN]
