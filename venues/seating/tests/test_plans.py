"""A venue's plans are drawn up, renamed, retired and brought back, by who manages its events."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditLog
from trufan.testing import StaffFactory
from venues.models import VenueStaff
from venues.seating import plans
from venues.seating.models import Seat, SeatingPlan, SeatSection
from venues.seating.tests.layouts import block, floor, layout

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans_url(venue) -> str:
    return f"/api/v1/venues/{venue.pk}/seating-plans"


def test_a_plan_is_drawn_up_changed_retired_and_brought_back(api, plans_url, olga, venue):
    made = api.as_(olga).post(plans_url, {"name": "End stage", "stage_x": 1.5})
    assert made.status_code == 201, made.json()
    assert (
        made.json() | {"name": "End stage", "stage_x": 1.5, "stage_y": 0.0, "version": 0, "seat_count": 0}
        == made.json()
    )
    url = f"/api/v1/seating-plans/{made.json()['id']}"
    assert api.as_(olga).patch(url, {"name": "In the round", "stage_y": 4}).json()["name"] == "In the round"
    assert api.as_(olga).delete(url).status_code == 204
    assert api.as_(olga).get(url).json()["is_active"] is False
    assert api.as_(olga).patch(url, {"is_active": True}).json()["is_active"] is True
    trail = AuditLog.objects.filter(venue_id=venue.pk, action__startswith="seating_plan.").order_by("created_at")
    assert [row.action for row in trail] == ["seating_plan.created", *["seating_plan.changed"] * 3]
    assert (trail[1].old_values["name"], trail[1].new_values["name"]) == ("End stage", "In the round")
    assert {row.actor for row in trail} == {olga}


def test_retiring_twice_is_once(api, url, plan, olga):
    assert [api.as_(olga).delete(url).status_code for _ in range(2)] == [204, 204]
    assert AuditLog.objects.filter(action="seating_plan.changed").count() == 1


def test_a_name_serves_one_plan_of_a_venue(api, plans_url, plan, olga, stan, other_venue):
    again = api.as_(olga).post(plans_url, {"name": plan.name})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "seating_plan_name_taken")
    other = plans.create(plan.venue, olga, name="Other")
    renamed = api.as_(olga).patch(f"/api/v1/seating-plans/{other.pk}", {"name": plan.name})
    assert (renamed.status_code, renamed.json()["error"]["code"]) == (409, "seating_plan_name_taken")
    elsewhere = api.as_(stan).post(f"/api/v1/venues/{other_venue.pk}/seating-plans", {"name": plan.name})
    assert elsewhere.status_code == 201


def test_a_key_draws_up_one_plan(api, plans_url, olga):
    key = {"HTTP_IDEMPOTENCY_KEY": "plan-1"}
    first, second = (api.as_(olga).post(plans_url, {"name": "End stage"}, **key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert SeatingPlan.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "End\u202estage"}, "name"),
        ({"name": "End\nstage"}, "name"),
        ({"stage_x": 10_001}, "stage_x"),
        ({"stage_y": "left"}, "stage_y"),
    ],
)
def test_nonsense_is_refused_by_field(api, plans_url, olga, wrong, field):
    answer = api.as_(olga).post(plans_url, {"name": "End stage", **wrong})
    assert answer.status_code == 422, answer.json()
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]
    assert not SeatingPlan.objects.exists()


def test_the_list_tells_how_much_is_in_each_plan_in_the_same_few_queries(
    api, plans_url, plan, olga, gus, seats_url, django_assert_num_queries
):
    api.as_(olga).put(seats_url, layout(block("112"), block("113", "A"), floor()))
    plans.retire(plans.create(plan.venue, olga, name="Old"), olga)
    api.as_(gus).get(plans_url)  # asks what they may, once
    with django_assert_num_queries(3):
        rows = api.as_(gus).get(plans_url).json()["results"]
    assert [(row["name"], row["section_count"], row["seat_count"], row["standing_count"]) for row in rows] == [
        ("End stage", 3, 12, 800),
        ("Old", 0, 0, 0),
    ]
    for number in range(5):
        plans.create(plan.venue, olga, name=f"Plan {number}")
    with django_assert_num_queries(3):
        assert api.as_(gus).get(plans_url, {"is_active": "true"}).json()["count"] == 6
    assert api.as_(gus).get(plans_url, {"search": "old"}).json()["count"] == 1
    assert api.as_(gus).get(plans_url, {"is_active": "perhaps"}).status_code == 422


def test_staff_look_and_who_manages_events_writes(api, plans_url, url, seats_url, olga, gus):
    assert api.as_(olga).put(seats_url, layout(block())).status_code == 200
    reading = [plans_url, url, seats_url, f"{seats_url}.csv", f"{url}/map.svg"]
    writing = [
        lambda caller: caller.post(plans_url, {"name": "Mine"}),
        lambda caller: caller.patch(url, {"name": "Mine"}),
        lambda caller: caller.delete(url),
        lambda caller: caller.put(seats_url, layout()),
    ]
    assert [api.as_(gus).get(address).status_code for address in reading] == [200] * 5
    assert [act(api.as_(gus)).status_code for act in writing] == [403] * 4
    assert [api.as_(None).get(address).status_code for address in reading] == [401] * 5
    assert [act(api.as_(None)).status_code for act in writing] == [401] * 4
    assert SeatingPlan.objects.get().seats.count() == 8


def test_another_venues_plan_is_not_there(api, plans_url, url, seats_url, stan, fay, olga):
    api.as_(olga).put(seats_url, layout(block()))
    for stranger in (stan, fay):
        caller = api.as_(stranger)
        answers = [
            *(caller.get(address) for address in (url, seats_url, f"{seats_url}.csv", f"{url}/map.svg")),
            caller.patch(url, {"name": "Mine"}),
            caller.delete(url),
            caller.put(seats_url, layout()),
        ]
        assert [answer.status_code for answer in answers] == [404] * 7
        assert caller.get(plans_url).status_code == 403
    assert api.as_(olga).get(f"/api/v1/seating-plans/{uuid4()}").status_code == 404
    plan = SeatingPlan.objects.get()
    assert (plan.name, plan.is_active, plan.seats.count()) == ("End stage", True, 8)


def test_a_right_given_on_top_of_the_role_is_enough(api, plans_url, venue):
    helper = StaffFactory(venue=venue, role=VenueStaff.Role.DOOR, extra_permissions=["manage_events"]).user
    assert api.as_(helper).post(plans_url, {"name": "End stage"}).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        lambda plan, seated, seat: SeatSection.objects.create(plan=plan, name="X", kind="standing", capacity=0),
        lambda plan, seated, seat: SeatSection.objects.create(plan=plan, name="X", kind="seated", capacity=9),
        lambda plan, seated, seat: SeatSection.objects.create(plan=plan, name="X", kind="lying", capacity=9),
        lambda plan, seated, seat: SeatSection.objects.create(plan=plan, name="112", kind="seated"),
        lambda plan, seated, seat: copied(seat, label="OTHER", number="2"),
        lambda plan, seated, seat: copied(seat, label="OTHER", seat_order=2),
        lambda plan, seated, seat: copied(seat, number="2", seat_order=2),
        lambda plan, seated, seat: copied(seat, label="", number="2", seat_order=2),
        lambda plan, seated, seat: copied(seat, label="OTHER", number="2", seat_order=2, companion_of=seat),
        lambda plan, seated, seat: Seat.objects.filter(pk=seat.pk).update(companion=True, companion_of=seat),
    ],
)
def test_the_database_holds_what_must_hold(plan, wrong):
    seated = SeatSection.objects.create(plan=plan, name="112", kind="seated")
    seat = Seat.objects.create(
        plan=plan, section=seated, row="A", number="1", label="112-A-1", row_order=1, seat_order=1, x=0, y=0
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(plan, seated, seat)


def copied(seat: Seat, **changes: object) -> Seat:
    names = ("plan", "section", "row", "number", "label", "row_order", "seat_order", "x", "y")
    return Seat.objects.create(**{name: getattr(seat, name) for name in names} | changes)
