"""The seats of a plan are replaced by a file: all of it or nothing, and a seat stays itself by its label."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from venues.seating import exporting, plans, uses
from venues.seating.models import Seat, SeatingPlan, SeatSection
from venues.seating.tests.layouts import block, floor, layout, seat

pytestmark = pytest.mark.django_db
CSV = "text/csv"


def ids(plan: SeatingPlan) -> dict[str, object]:
    return dict(plan.seats.values_list("label", "pk"))


@pytest.fixture
def in_use():
    """Seats by label that somebody sells."""
    labels: set[str] = set()

    def asked(plan_id, seat_ids):
        return set(Seat.objects.filter(pk__in=seat_ids, label__in=labels).values_list("pk", flat=True))

    uses.register(asked)
    yield labels
    uses.unregister(asked)


def test_a_layout_becomes_sections_and_seats(api, seats_url, plan, olga):
    answer = api.as_(olga).put(seats_url, layout(block(), floor(), stage={"x": 1.5, "y": -2}))
    assert answer.status_code == 200, answer.json()
    said = answer.json()
    assert (said["version"], said["seat_count"], said["section_count"], said["standing_count"]) == (1, 8, 2, 800)
    assert [(one["name"], one["kind"], one["seat_count"]) for one in said["sections"]] == [
        ("112", "seated", 8),
        ("Floor", "standing", 0),
    ]
    assert (said["stage_x"], said["stage_y"]) == (1.5, -2.0)
    seats = plan.seats.in_order()
    assert [one.label for one in seats][:5] == ["112-A-1", "112-A-2", "112-A-3", "112-A-4", "112-B-1"]
    assert [(one.row_order, one.seat_order) for one in seats][3:5] == [(1, 4), (2, 1)]


def test_a_seat_keeps_its_id_by_its_label_while_all_else_of_it_changes(api, seats_url, plan, olga):
    api.as_(olga).put(seats_url, layout(block()))
    before = ids(plan)
    moved = layout(block("112", "BA"), block("113", "A", 2))
    assert api.as_(olga).put(seats_url, moved).json()["version"] == 2
    after = ids(plan)
    assert {label: after[label] for label in before} == before
    assert set(after) - set(before) == {"113-A-1", "113-A-2"}
    assert Seat.objects.get(plan=plan, label="112-B-1").row_order == 1


def test_seats_that_change_places_never_meet(api, seats_url, plan, olga):
    labels = {"1": "P", "2": "Q", "3": "R"}
    first = {"name": "S", "seats": [seat("A", n, label=label) for n, label in labels.items()]}
    turned = {"name": "S", "seats": [seat("A", n, label=label) for n, label in zip("123", "QRP", strict=True)]}
    api.as_(olga).put(seats_url, layout(first))
    before = ids(plan)
    answer = api.as_(olga).put(seats_url, layout(turned))
    assert answer.status_code == 200, answer.json()
    assert ids(plan) == before
    assert list(plan.seats.in_order().values_list("label", "number")) == [("Q", "1"), ("R", "2"), ("P", "3")]


def test_seats_and_sections_that_are_left_out_go(api, seats_url, plan, olga):
    api.as_(olga).put(seats_url, layout(block(), block("113"), floor()))
    answer = api.as_(olga).put(seats_url, layout(block("113", "A", 2)))
    assert answer.json()["seat_count"] == 2
    assert list(plan.sections.values_list("name", flat=True)) == ["113"]
    last = AuditLog.objects.filter(action="seating_plan.seats_replaced").latest("created_at")
    assert last.new_values == {"version": 2, "seats": 2, "added": 0, "changed": 0, "removed": 14}
    assert (last.actor, last.venue_id) == (olga, plan.venue_id)


def test_a_seat_in_use_may_move_and_not_go(api, seats_url, plan, olga, in_use):
    api.as_(olga).put(seats_url, layout(block()))
    in_use |= {"112-A-1", "112-B-4"}
    before = exporting.as_json(plan)
    answer = api.as_(olga).put(seats_url, layout(block("112", "A", 4)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seats_in_use")
    assert [each["field"] for each in answer.json()["error"]["details"]] == ["112-B-4"]
    assert exporting.as_json(plan) == before
    plan.refresh_from_db()
    assert plan.version == 1
    kept = {"name": "Balcony", "seats": [seat("Z", "9", label="112-A-1"), seat("Z", "8", label="112-B-4")]}
    assert api.as_(olga).put(seats_url, layout(kept)).status_code == 200
    assert plan.seats.get(label="112-A-1").section.name == "Balcony"


def test_companions_go_with_the_accessible_seat_that_is_named(api, seats_url, plan, olga):
    pair = [
        seat("A", "1", companion=True, companion_of="112-a-2"),
        seat("A", "2", accessible=True),
    ]
    assert api.as_(olga).put(seats_url, layout({"name": "112", "seats": pair})).status_code == 200
    assert plan.seats.get(label="112-A-1").companion_of == plan.seats.get(label="112-A-2")
    alone = [seat("A", "1", companion=True)]
    assert api.as_(olga).put(seats_url, layout({"name": "112", "seats": alone})).status_code == 200
    assert plan.seats.get().companion_of is None


def test_a_retired_plan_keeps_its_seats(api, seats_url, plan, olga):
    api.as_(olga).put(seats_url, layout(block()))
    plans.retire(plan, olga)
    answer = api.as_(olga).put(seats_url, layout(block("113")))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seating_plan_retired")
    assert plan.seats.count() == 8


def test_the_same_file_twice_changes_no_seat(api, seats_url, plan, olga):
    api.as_(olga).put(seats_url, layout(block(), floor()))
    times = list(plan.seats.order_by("pk").values_list("updated_at", flat=True))
    api.as_(olga).put(seats_url, layout(block(), floor()))
    assert list(plan.seats.order_by("pk").values_list("updated_at", flat=True)) == times
    last = AuditLog.objects.filter(action="seating_plan.seats_replaced").latest("created_at")
    assert (last.new_values["added"], last.new_values["changed"], last.new_values["removed"]) == (0, 0, 0)


def test_a_csv_file_replaces_the_seats_and_leaves_what_it_says_nothing_of(api, seats_url, plan, olga):
    outline = [[0.0, 0.0], [9.0, 0.0], [9.0, 5.0]]
    api.as_(olga).put(seats_url, layout(block("112", outline=outline), floor(), block("113")))
    file = "section,row,number,x,y\n112,A,1,1,1\n112,A,2,1.5,1\nBalcony,A,1,-1,20\n"
    answer = api.as_(olga).put(seats_url, file.encode(), content_type=CSV)
    assert answer.status_code == 200, answer.json()
    assert [(one["name"], one["seat_count"]) for one in answer.json()["sections"]] == [
        ("112", 2),
        ("Floor", 0),
        ("Balcony", 1),
    ]
    assert SeatSection.objects.get(plan=plan, name="112").outline == outline
    assert plan.seats.get(label="BALCONY-A-1").x == -1


def test_twenty_thousand_seats_take_a_few_hundred_statements_and_stay_within_a_megabyte_limit_of_their_own(
    api, seats_url, plan, olga
):
    lines = ["section,row,number,label,x,y,row_order,seat_order,accessible,companion,restricted_view,companion_of"]
    lines += [
        f"S{s},R{r},{n},S{s}-R{r}-{n},{n}.25,{r}.125,{r},{n},false,false,false,"
        for s in range(1, 21)
        for r in range(1, 21)
        for n in range(1, 51)
    ]
    file = "\n".join(lines).encode()
    assert len(file) > 1024 * 1024
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = api.as_(olga).put(seats_url, file, content_type=CSV)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["seat_count"] == 20_000
    # 999 values in a statement of SQLite; PostgreSQL takes 2,000 rows.
    assert len(queries) < 420
    with CaptureQueriesContext(connection) as queries:
        assert api.as_(olga).put(seats_url, file, content_type=CSV).json()["version"] == 2
    assert len(queries) < 40
