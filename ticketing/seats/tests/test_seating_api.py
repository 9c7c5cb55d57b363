"""Staff seat an event by a plan, price its seats, and keep some from sale."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from events.models import Event
from ticketing.models import EventSeat, EventSeating, TicketType
from ticketing.seats.tests.seated import asking, order, plan_of, seat_by, seated_type, statuses
from ticketing.tests.sales import order as order_standing
from trufan.testing import EventFactory
from venues.models import Seat
from venues.seating import uses


def address(event, rest="seating"):
    return f"/api/v1/events/{event.pk}/{rest}"


@pytest.fixture
def caller(api, olga):
    return api.as_(olga)


@pytest.fixture(autouse=True)
def books_stay_right(db):
    yield
    call_command("check_inventory")


def put(caller, event, plan, *prices):
    return caller.put(address(event), {"plan": str(plan.pk), "prices": list(prices)}, format="json")


def rule(ticket_type, **where):
    return {**where, "ticket_type": str(ticket_type.pk)}


def kept(caller, event, seats, status="blocked", reason="A camera."):
    given = {"seats": seats, "status": status, "reason": reason}
    return caller.patch(address(event, "seats"), given, format="json")


def test_later_rules_win_and_quantities_follow(caller, event, plan, gold, silver):
    answer = put(caller, event, plan, rule(gold, section="A"), rule(silver, section="A", rows=["C"]),
                 rule(silver, seats=["a-a-1", "B-A-1"]))  # fmt: skip
    assert answer.status_code == 200, answer.content
    gold.refresh_from_db()
    silver.refresh_from_db()
    assert (gold.quantity, silver.quantity) == (11, 8)
    counts = {row["ticket_type"]: row["free"] for row in answer.json()["counts"]}
    assert counts == {str(gold.pk): 11, str(silver.pk): 8, None: 7}
    assert answer.json() == caller.get(address(event)).json()
    assert not answer.json()["is_outdated"]


def test_what_a_rule_names_must_be_there_and_all_of_it_is_said(caller, event, plan, gold, ticket_type):
    other = seated_type(EventFactory(venue=event.venue))
    answer = put(caller, event, plan, rule(gold, section="Z"), rule(gold, section="A", rows=["A", "Q"]),
                 rule(other, section="A"), rule(gold, seats=["X-1"]))  # fmt: skip
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]] == [
        "prices[0].section", "prices[1].rows", "prices[2].ticket_type", "prices[3].seats",
    ]  # fmt: skip
    assert not EventSeating.objects.exists()


@pytest.mark.parametrize(
    "price",
    [
        {},
        {"section": "A"},
        {"section": "A", "seats": ["A-A-1"]},
        {"seats": ["A-A-1"], "rows": ["A"]},
        {"section": 7, "rows": "A"},
        "A",
        None,
    ],
)
def test_garbage_is_refused(caller, event, plan, price):
    assert caller.put(address(event), {"plan": str(plan.pk), "prices": [price]}, format="json").status_code == 422
    assert caller.put(address(event), {"plan": "x", "prices": []}, format="json").status_code == 422


def test_a_plan_of_another_venue_or_a_retired_one_is_refused(caller, event, plan, other_venue, gold):
    assert put(caller, event, plan_of(other_venue, {"A": (1, 3)})).status_code == 422
    type(plan).objects.filter(pk=plan.pk).update(is_active=False)
    assert put(caller, event, plan, rule(gold, section="A")).status_code == 422


def test_more_seats_than_the_event_has_room_for_are_refused(caller, event, plan, gold):
    Event.objects.filter(pk=event.pk).update(capacity=17)
    answer = put(caller, event, plan, rule(gold, section="A"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "capacity_exceeded")
    assert not EventSeat.objects.exists()


def test_seats_go_from_one_type_to_another_in_a_full_event(caller, event, plan, seating, gold, silver):
    Event.objects.filter(pk=event.pk).update(capacity=26)
    assert put(caller, event, plan, rule(silver, section="A"), rule(gold, section="B")).status_code == 200
    gold.refresh_from_db()
    assert gold.quantity == 8


def test_what_somebody_has_keeps_its_type_and_its_plan(caller, fay, event, venue, plan, seating, gold, silver):
    order(fay, asking(gold, 1, "A-A-1"))
    answer = put(caller, event, plan, rule(silver, section="A"), rule(gold, section="B"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seats_in_use")
    other = plan_of(venue, {"A": (1, 6)}, "Other")
    assert put(caller, event, other, rule(gold, section="A")).json()["error"]["code"] == "seats_in_use"
    assert caller.delete(address(event)).json()["error"]["code"] == "seats_in_use"
    assert put(caller, event, plan, rule(silver, section="A"), rule(gold, seats=["A-A-1"])).status_code == 200
    assert statuses(event) == {"A-A-1": "held"}


def test_a_type_that_was_sold_standing_gets_no_seats(caller, fay, event, plan, ticket_type):
    order_standing(fay, ticket_type, 1)
    answer = put(caller, event, plan, rule(ticket_type, section="A"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "standing_tickets_sold")


def test_another_plan_takes_the_place_of_the_first(caller, event, venue, seating, gold):
    other = plan_of(venue, {"A": (1, 6)}, "Other")
    assert put(caller, event, other, rule(gold, section="A")).status_code == 200
    assert EventSeat.objects.filter(event=event).count() == 6


def test_a_plan_with_more_seats_is_taken_over_anew(caller, fay, event, plan, seating, gold, silver):
    placed = order(fay, asking(gold, 1, "A-A-2"))
    section = plan.sections.get(name="A")
    Seat.objects.create(
        plan=plan, section=section, row="A", number="0", label="A-A-0", row_order=1, seat_order=0, x=-1, y=1
    )
    Seat.objects.filter(plan=plan, label="A-A-2").update(x=1.5)
    plan.version += 1
    plan.save()
    assert caller.get(address(event)).json()["is_outdated"]
    assert put(caller, event, plan, rule(gold, section="A"), rule(silver, section="B")).status_code == 200
    seats = EventSeat.objects.filter(event=event).order_by("position")
    assert [seat.label for seat in seats][:3] == ["A-A-0", "A-A-1", "A-A-2"]
    assert [seat.position for seat in seats] == list(range(27))
    moved = seats[2]
    assert (moved.x, moved.status, moved.order_item.order_id) == (1.5, "held", placed.pk)


def test_a_plans_seats_are_in_use_where_an_event_has_them(plan, seating):
    ids = set(plan.seats.values_list("pk", flat=True))
    assert uses.among(plan.pk, ids) == ids
    EventSeat.objects.all().delete()
    EventSeating.objects.all().delete()
    TicketType.objects.update(quantity=0)
    Event.objects.update(allocated=0)
    assert uses.among(plan.pk, ids) == set()


def test_taking_the_seats_off_leaves_standing_tickets(caller, fay, event, seating, gold):
    assert caller.delete(address(event)).status_code == 204
    assert caller.delete(address(event)).status_code == 404
    assert order_standing(fay, gold, 3).items.get().options.get("seats") is None


def test_the_quantity_is_the_seats_to_say(caller, event, seating, gold):
    answer = caller.patch(f"/api/v1/ticket-types/{gold.pk}", {"quantity": 5}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seats_counted")
    assert caller.patch(f"/api/v1/ticket-types/{gold.pk}", {"name": "Best"}, format="json").status_code == 200
    assert caller.delete(f"/api/v1/ticket-types/{gold.pk}").json()["error"]["code"] == "ticket_type_in_use"


def test_blocked_seats_are_not_sold_and_not_counted(caller, fay, event, seating, gold):
    answer = kept(caller, event, ["a-a-1", "A-B-*"])
    assert (answer.status_code, answer.json()) == (200, {"changed": 7})
    gold.refresh_from_db()
    assert gold.quantity == 11
    entry = AuditLog.objects.get(action="event.seats_kept")
    assert entry.new_values["status"] == "blocked"
    assert len(entry.new_values["seats"]) == 7
    assert order(fay, asking(gold, 2)).items.get().options["seats"] == ["A-A-2", "A-A-3"]


def test_a_house_seat_comes_back_to_the_sale(caller, event, seating, gold):
    kept(caller, event, ["A-A-1"], "house", "The mayor.")
    assert kept(caller, event, ["A-A-1"], "house", "The mayor.").json() == {"changed": 0}
    assert kept(caller, event, ["A-A-1"], "free", "").json() == {"changed": 1}
    gold.refresh_from_db()
    assert gold.quantity == 18
    assert EventSeat.objects.get(event=event, label="A-A-1").reason == ""


def test_a_held_seat_is_not_kept_and_nothing_else_either(caller, fay, event, seating, gold):
    order(fay, asking(gold, 1, "A-A-2"))
    answer = kept(caller, event, ["A-A-1", "A-A-2"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seat_taken")
    assert statuses(event) == {"A-A-2": "held"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"seats": ["A-A-1"], "status": "blocked"}, "reason_needed"),
        ({"seats": ["Q-*"], "status": "free"}, "validation_error"),
        ({"seats": [], "status": "free"}, "validation_error"),
        ({"seats": ["A-A-1"], "status": "sold", "reason": "x"}, "validation_error"),
        ({"seats": [7, None], "status": "free"}, "validation_error"),
    ],
)
def test_keeping_says_what_it_needs(caller, event, seating, given, code):
    answer = caller.patch(address(event, "seats"), given, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


def test_an_event_that_is_over_keeps_its_seats(caller, event, plan, seating, gold):
    Event.objects.filter(pk=event.pk).update(status="completed")
    assert put(caller, event, plan, rule(gold, section="A")).json()["error"]["code"] == "event_closed"
    assert kept(caller, event, ["A-A-1"]).json()["error"]["code"] == "event_closed"


@pytest.mark.parametrize(("who", "expected"), [("fay", 403), ("gus", 403), ("stan", 403), (None, 401)])
def test_only_who_manages_events_sets_seats(api, request, event, plan, seating, gold, who, expected):
    caller = api.as_(request.getfixturevalue(who) if who else None)
    assert put(caller, event, plan, rule(gold, section="A")).status_code == expected
    assert kept(caller, event, ["A-A-1"]).status_code == expected
    assert caller.delete(address(event)).status_code == expected
    assert statuses(event) == {}


def test_a_draft_of_another_venue_is_not_there(api, stan, event, plan, seating, gold):
    Event.objects.filter(pk=event.pk).update(status="draft")
    caller = api.as_(stan)
    assert put(caller, event, plan, rule(gold, section="A")).status_code == 404
    for rest in ("seating", "seating/seats", "seats"):
        assert caller.get(address(event, rest)).status_code == 404


def test_staff_list_seats_and_only_who_sees_orders_sees_whose(caller, api, fay, ada, event, seating, gold):
    placed = order(fay, asking(gold, 1, "A-A-2"))
    found = caller.get(address(event, "seating/seats"), {"status": "held"}).json()
    assert found["count"] == 1
    assert (found["results"][0]["label"], found["results"][0]["order"]) == ("A-A-2", str(placed.pk))
    assert caller.get(address(event, "seating/seats"), {"section": "B", "row": "A", "limit": 2}).json()["count"] == 4
    assert api.as_(fay).get(address(event, "seating/seats")).status_code == 403


def test_the_list_asks_as_much_for_two_seats_as_for_twenty(caller, fay, event, seating, gold):
    order(fay, asking(gold, 4))
    caller.get(address(event, "seating/seats"))
    asked = []
    for limit in (2, 20):
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(address(event, "seating/seats"), {"limit": limit}).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_the_order_shows_its_seats_and_a_preview_what_is_taken(api, fay, gus, event, seating, gold):
    line = {"type": "ticket", "id": str(gold.pk), "quantity": 2, "seats": ["a-a-1", "A-A-2"]}
    answer = api.as_(fay).post("/api/v1/orders", {"items": [line]}, format="json")
    assert (answer.status_code, answer.json()["items"][0]["seats"]) == (201, ["A-A-1", "A-A-2"])
    answer = api.as_(gus).post("/api/v1/orders", {"items": [line]}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seat_taken")
    assert answer.json()["error"]["details"][0]["field"] == "items[0].seats"
    answer = api.as_(gus).post("/api/v1/orders/preview", {"items": [line]}, format="json")
    assert {each["code"] for each in answer.json()["error"]["details"]} == {"seat_taken"}
    best = {**line, "best_available": {"section": "A", "together": True}}
    del best["seats"]
    answer = api.as_(gus).post("/api/v1/orders", {"items": [best]}, format="json")
    assert (answer.status_code, answer.json()["items"][0]["seats"]) == (201, ["A-A-3", "A-A-4"])


@pytest.mark.parametrize("wish", [{"section": "Z"}, "A", {"together": "often"}, {"seats": 3, "section": ["A"]}])
def test_wishes_that_mean_nothing_are_refused(api, fay, seating, gold, wish):
    line = {"type": "ticket", "id": str(gold.pk), "quantity": 1, "best_available": wish}
    assert api.as_(fay).post("/api/v1/orders", {"items": [line]}, format="json").status_code == 422


def test_a_draft_may_be_seated_by_who_plans_it(caller, event, plan, gold, olga):
    Event.objects.filter(pk=event.pk).update(status="draft")
    assert put(caller, event, plan, rule(gold, section="A")).status_code == 200
    seat_by(event, plan, olga, A=gold)
    assert EventSeating.objects.get().version == 2
