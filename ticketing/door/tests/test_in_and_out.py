"""Going out and coming back, and what an event's door asks for besides a ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit.models import AuditLog
from events.door_policy import DoorPolicy, day_of, policy_of
from ticketing import codes
from ticketing.door import checkin, rules
from ticketing.models import EntrySlot, Scan, Ticket
from trufan.testing import EventFactory

URL = "/api/v1/checkin/scans"


@pytest.fixture
def scan(api, gus):
    def send(ticket, **more):
        answer = api.as_(gus).post(URL, {"code": codes.sign(ticket), "nonce": uuid4().hex, "gate": "North", **more})
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return send


def door(event, **policy):
    type(event).objects.filter(pk=event.pk).update(configuration={"door": policy})


def test_who_left_does_not_get_in_again_unless_the_event_allows_it(scan, ticket, event):
    scan(ticket)
    out = scan(ticket, direction="out")
    assert (out["result"], out["direction"], out["message"]) == ("accepted", "out", "Goodbye.")
    assert scan(ticket)["reason"] == "no_reentry"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.inside, ticket.entries) == ("used", False, 1)

    door(event, reentry=True)
    assert scan(ticket)["result"] == "accepted"
    assert scan(ticket)["reason"] == "already_used"
    ticket.refresh_from_db()
    assert (ticket.inside, ticket.entries) == (True, 2)


def test_nobody_leaves_who_is_not_inside(scan, ticket):
    assert scan(ticket, direction="out")["reason"] == "not_inside"
    scan(ticket)
    scan(ticket, direction="out")
    assert scan(ticket, direction="out")["reason"] == "not_inside"


def test_who_is_inside_leaves_whatever_became_of_the_ticket(scan, ticket, event):
    scan(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(status="refunded", frozen_at=timezone.now())
    type(event).objects.filter(pk=event.pk).update(status="completed")
    assert scan(ticket, direction="out")["result"] == "accepted"


def test_a_pass_admits_anew_on_each_day_of_the_event(gus, ticket, event):
    now = timezone.now()
    type(event).objects.filter(pk=event.pk).update(
        doors_at=now - timedelta(days=5), starts_at=now - timedelta(days=5), ends_at=now + timedelta(days=1)
    )
    door(event, once_per_day=True)

    def reason(days):
        at = now - timedelta(days=days)
        return checkin.scan(codes.sign(ticket), by=gus, nonce=uuid4().hex, now=now, scanned_at=at).reason

    assert [reason(days) for days in (3, 3, 2, 2)] == ["", "already_used", "", "already_used"]


def test_a_day_of_the_door_ends_in_the_morning():
    zone = ZoneInfo("America/New_York")
    evening, night = datetime(2026, 7, 3, 23, tzinfo=zone), datetime(2026, 7, 4, 1, tzinfo=zone)
    assert day_of(evening, zone) == day_of(night.astimezone(UTC), zone)
    assert day_of(datetime(2026, 7, 4, 7, tzinfo=zone), zone) > day_of(night, zone)


def test_a_late_scan_is_put_where_it_belongs(gus, ticket, event):
    """The gate kept it for some minutes; in between its holder came in by another and left again."""
    now = timezone.now()
    door(event, reentry=True)
    for minutes, direction in ((20, "in"), (10, "out"), (15, "in")):
        at = now - timedelta(minutes=minutes)
        checkin.scan(codes.sign(ticket), by=gus, nonce=uuid4().hex, now=now, scanned_at=at, direction=direction)
    ticket.refresh_from_db()
    assert (ticket.inside, ticket.entries, ticket.used_at) == (False, 2, now - timedelta(minutes=20))
    assert Scan.objects.conflicts().get().conflict == "double_entry"


def test_the_scanner_is_told_to_check_the_age(scan, ticket, event):
    door(event, minimum_age=18)
    assert scan(ticket)["check_age"] == 18
    assert [scan(ticket)["check_age"], scan(ticket, direction="out")["check_age"]] == [None, None]


def test_a_type_opens_its_own_gates(scan, ticket, ticket_type):
    type(ticket_type).objects.filter(pk=ticket_type.pk).update(gates=["Box entrance", "South"])
    assert [scan(ticket)["reason"], scan(ticket, gate="")["reason"]] == ["wrong_gate", "wrong_gate"]
    assert scan(ticket, gate=" south")["result"] == "accepted"


def test_staff_name_the_gates_of_a_type(api, olga, gus, ticket_type):
    url = f"/api/v1/ticket-types/{ticket_type.pk}"
    assert api.as_(olga).patch(url, {"gates": [" North ", "North"]}).json()["gates"] == ["North"]
    assert api.as_(olga).patch(url, {"gates": ["x" * 61]}).status_code == 422
    assert api.as_(olga).patch(url, {"gates": "North"}).status_code == 422
    assert "gates" not in api.get(url).json()


def test_a_ticket_of_a_slot_admits_within_it_and_its_grace(ticket, event):
    now = timezone.now()
    slot = EntrySlot(event=event, starts_at=now, ends_at=now + timedelta(minutes=30), capacity=5)
    door(event, slot_grace_minutes=10)
    ticket.event.refresh_from_db()
    ticket.slot = slot

    def why(minutes):
        return rules.why_not_enter(ticket, 1, rules.Door(now + timedelta(minutes=minutes)))

    assert [why(minutes) for minutes in (-11, -10, 0, 40, 41)] == ["wrong_slot", "", "", "", "wrong_slot"]
    ticket.entries = 1
    assert why(41) == ""


@pytest.mark.parametrize(
    "policy", [[], {"reentry": "yes"}, {"minimum_age": 0}, {"slot_grace_minutes": -1}, {"bouncers": 2}]
)
def test_a_policy_that_says_nothing_clear_is_refused(api, olga, event, policy):
    answer = api.as_(olga).patch(f"/api/v1/events/{event.pk}", {"configuration": {"door": policy}})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"].startswith("configuration.door")
    door(event, bouncers=2)
    event.refresh_from_db()
    assert policy_of(event) == DoorPolicy()


# -- By hand --


def by_hand(api, user, ticket, path="admissions", **more):
    body = {"number": ticket.number, "event": str(ticket.event_id), "reason": "dead phone", **more}
    return api.as_(user).post(f"/api/v1/checkin/{path}", body)


def test_a_steward_counts_out_by_hand(api, gus, ticket):
    assert by_hand(api, gus, ticket, direction="out").json()["error"]["details"][0]["code"] == "not_inside"
    by_hand(api, gus, ticket)
    assert by_hand(api, gus, ticket, direction="out").json()["direction"] == "out"
    assert AuditLog.objects.filter(action="ticket.let_out").count() == 1
    assert by_hand(api, gus, ticket).json()["error"]["details"][0]["code"] == "no_reentry"


def test_an_exit_and_an_entry_are_taken_back_one_by_one(api, gus, ticket, scan):
    scan(ticket)
    scan(ticket, direction="out")
    first = by_hand(api, gus, ticket, "undos").json()
    assert (first["status"], first["inside"]) == ("used", True)
    second = by_hand(api, gus, ticket, "undos").json()
    assert (second["status"], second["inside"], second["used_at"]) == ("valid", False, None)
    assert by_hand(api, gus, ticket, "undos").status_code == 409
    assert [entry.action for entry in AuditLog.objects.filter(action__contains="undone").order_by("created_at")] == [
        "ticket.exit_undone", "ticket.check_in_undone",
    ]  # fmt: skip
    assert scan(ticket)["result"] == "accepted"


def test_only_this_doors_staff_take_back_and_for_a_reason(api, gus, fay, stan, ticket, scan):
    scan(ticket)
    assert [by_hand(api, user, ticket, "undos").status_code for user in (None, fay, stan)] == [401, 403, 403]
    assert by_hand(api, gus, ticket, "undos", reason=" ").status_code == 422
    assert by_hand(api, gus, ticket, "undos", number="0000000000").status_code == 404
    ticket.refresh_from_db()
    assert ticket.status == "used"


# -- Lists --


@pytest.fixture
def boxes(api, olga, event, ticket_type):
    url = f"/api/v1/events/{event.pk}/checkin/lists"
    answer = api.as_(olga).post(url, {"name": "Boxes", "ticket_types": [str(ticket_type.pk)], "gates": ["North"]})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_list_lets_in_what_stands_on_it(scan, ticket, boxes, event, ticket_type):
    assert boxes["ticket_types"] == [{"id": str(ticket_type.pk), "name": "General Admission"}]
    row = event.checkin_lists.get()
    row.ticket_types.set([event.ticket_types.create(name="Press", price=0, quantity=1)])
    assert scan(ticket, list=boxes["id"])["reason"] == "not_on_list"
    row.ticket_types.clear()
    assert scan(ticket, list=boxes["id"], gate="South")["reason"] == "wrong_gate"
    assert scan(ticket, list=boxes["id"])["list"] == boxes["id"]


def test_a_list_is_of_its_own_event_and_open(api, gus, stan, olga, ticket, boxes, venue):
    body = {"code": codes.sign(ticket), "nonce": "n", "list": boxes["id"]}
    assert api.as_(stan).post(URL, body).status_code == 404
    assert api.as_(gus).post(URL, {**body, "event": str(EventFactory(venue=venue).pk)}).status_code == 404
    assert api.as_(gus).post(URL, {**body, "list": str(uuid4())}).status_code == 404
    api.as_(olga).patch(f"/api/v1/checkin/lists/{boxes['id']}", {"is_active": False})
    assert api.as_(gus).post(URL, body).json()["error"]["code"] == "checkin_list_closed"
    assert not Scan.objects.exists()


def test_managers_draw_lists_up_and_stewards_read_them(api, gus, olga, stan, fay, event, boxes, scan, ticket):
    url, one = f"/api/v1/events/{event.pk}/checkin/lists", f"/api/v1/checkin/lists/{boxes['id']}"
    assert [api.as_(user).get(url).status_code for user in (None, fay, stan, gus)] == [401, 403, 403, 200]
    assert [api.as_(user).get(one).status_code for user in (fay, stan, gus)] == [404, 404, 200]
    assert [api.as_(user).patch(one, {"name": "X"}).status_code for user in (fay, stan, gus)] == [404, 404, 403]
    assert api.as_(gus).post(url, {"name": "X"}).status_code == 403
    assert api.as_(olga).post(url, {"name": "Boxes"}).json()["error"]["code"] == "checkin_list_name_taken"
    assert api.as_(olga).post(url, {"name": "X", "ticket_types": [str(uuid4())]}).status_code == 422
    assert api.as_(olga).post(url, {"name": "X", "gates": [""]}).status_code == 422
    assert api.as_(olga).patch(one, {"name": "Loge", "ticket_types": []}).json()["name"] == "Loge"
    scan(ticket, list=boxes["id"])
    assert api.as_(olga).delete(one).json()["error"]["code"] == "checkin_list_in_use"
    other = api.as_(olga).post(url, {"name": "X"}).json()
    assert api.as_(olga).delete(f"/api/v1/checkin/lists/{other['id']}").status_code == 204
    actions = set(AuditLog.objects.filter(action__startswith="checkin_list").values_list("action", flat=True))
    assert actions == {"checkin_list.created", "checkin_list.changed", "checkin_list.deleted"}
