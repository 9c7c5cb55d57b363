"""Scans that scanners without a network tell later: all kept, and the tickets follow from all of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from orders.refunding import refund_order
from ticketing import codes
from ticketing.door import checkin
from ticketing.door.tests.scanners import seen, send, standing, sync_url
from ticketing.models import Scan, Ticket
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def door(api, gus):
    return api.as_(gus)


def ago(now, minutes):
    return now - timedelta(minutes=minutes)


def test_what_a_scanner_did_alone_is_kept_and_uses_the_ticket(door, event, ticket, gus, now):
    scan = seen(ticket, ago(now, 20), gate="South")
    answer = send(door, event, scan)
    used_at = ago(now, 20).isoformat().replace("+00:00", "Z")
    assert answer == {
        "kept": 1, "duplicates": 0, "invalid": 0, "conflicts": 0,
        "scans": [{
            "nonce": scan["nonce"], "outcome": "kept", "conflict": "", "problems": [],
            "ticket": {
                "id": str(ticket.pk), "number": ticket.number, "status": "used", "inside": True, "entries": 1,
                "used_at": used_at, "used_gate": "South",
            },
        }],
    }  # fmt: skip
    row = Scan.objects.get()
    assert (row.is_offline, row.device, row.scanned_by, row.method) == (True, "scanner-7", gus, "code")
    assert checkin.scan(codes.sign(ticket), by=gus, nonce="n", now=now).reason == "already_used"


def test_what_was_sent_before_is_a_duplicate_and_changes_nothing(door, event, ticket, now):
    scan = seen(ticket, ago(now, 20))
    send(door, event, scan)
    before = standing()
    answer = send(door, event, scan, scan)
    assert (answer["kept"], answer["duplicates"]) == (0, 2)
    assert answer["scans"][0]["ticket"]["entries"] == 1
    assert standing() == before


def test_two_gates_that_let_the_same_ticket_in_are_a_conflict_at_the_later_one(api, door, olga, event, ticket, now):
    late, early = seen(ticket, ago(now, 10), gate="South"), seen(ticket, ago(now, 20), gate="North")
    assert send(door, event, late)["conflicts"] == 0
    send(api.as_(olga), event, early)

    row = Scan.objects.get(nonce=late["nonce"])
    assert (row.conflict, Scan.objects.get(nonce=early["nonce"]).conflict) == ("double_entry", "")
    ticket.refresh_from_db()
    assert (ticket.used_at, ticket.used_gate, ticket.entries) == (ago(now, 20), "North", 2)
    (listed,) = door.get(f"/api/v1/events/{event.pk}/checkin/conflicts").json()["results"]
    assert (listed["conflict"], listed["gate"], listed["ticket"]["number"]) == ("double_entry", "South", ticket.number)
    assert door.get(f"/api/v1/events/{event.pk}/checkin/counts").json()["conflicts"] == 1


def test_an_exit_told_later_explains_a_conflict_away(door, event, ticket, now):
    type(event).objects.filter(pk=event.pk).update(configuration={"door": {"reentry": True}})
    first, second = seen(ticket, ago(now, 30)), seen(ticket, ago(now, 10))
    assert send(door, event, first, second)["conflicts"] == 1
    answer = send(door, event, seen(ticket, ago(now, 20), direction="out"))
    assert answer["scans"][0]["conflict"] == ""
    assert not Scan.objects.conflicts().exists()
    ticket.refresh_from_db()
    assert (ticket.inside, ticket.entries) == (True, 2)


def test_who_came_back_where_nobody_may_is_a_conflict(door, event, ticket, now):
    scans = [seen(ticket, ago(now, 30)), seen(ticket, ago(now, 20), direction="out"), seen(ticket, ago(now, 10))]
    assert [each["conflict"] for each in send(door, event, *scans)["scans"]] == ["", "", "reentry_not_allowed"]


def test_an_exit_of_nobody_is_kept_and_told(door, event, ticket, now):
    answer = send(door, event, seen(ticket, ago(now, 5), direction="out"))
    assert answer["scans"][0]["conflict"] == "exit_without_entry"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.inside) == ("valid", False)


@pytest.mark.parametrize("text", ["nonsense", "", "TF1:AAAA", "ä" * 300])
def test_what_cannot_be_read_is_kept_too(door, event, text, now):
    scans = [seen(text, now), seen(text, now, "refused", reason="unknown")]
    answer = send(door, event, *scans)
    assert [(each["outcome"], each["conflict"], each["ticket"]) for each in answer["scans"]] == [
        ("kept", "unknown_code_admitted", None),
        ("kept", "", None),
    ]
    assert Scan.objects.filter(code_hash=codes.fingerprint(text), venue_id=event.venue_id).count() == 2


def test_a_forged_code_that_was_let_in_is_a_conflict(door, event, ticket, fay, ticket_type, now):
    other = buy(fay, ticket_type)[0]
    forged = codes.sign(other)[:60] + codes.sign(ticket)[60:]
    assert send(door, event, seen(forged, now))["scans"][0]["conflict"] == "forged_code_admitted"


def test_a_ticket_for_another_event_that_was_let_in_stays_good_there(door, venue, ticket, now):
    tomorrow = EventFactory(venue=venue)
    (answer,) = send(door, tomorrow, seen(ticket, now))["scans"]
    assert (answer["conflict"], answer["ticket"]) == ("wrong_event_admitted", None)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.entries) == ("valid", 0)
    assert Scan.objects.get().event == tomorrow


def test_another_venues_ticket_is_not_shown(api, stan, other_venue, ticket, now):
    theirs = EventFactory(venue=other_venue)
    (answer,) = send(api.as_(stan), theirs, seen(ticket, now))["scans"]
    assert (answer["conflict"], answer["ticket"]) == ("wrong_event_admitted", None)
    row = Scan.objects.get()
    assert (row.ticket, row.venue_id) == (None, other_venue.pk)


def test_a_refused_scan_is_kept_with_its_reason(door, event, ticket, now):
    told = [seen(ticket, now, "refused", reason="wrong_gate"), seen(ticket, now, "refused", reason="it rained")]
    send(door, event, *told)
    assert [Scan.objects.get(nonce=each["nonce"]).reason for each in told] == ["wrong_gate", "by_scanner"]
    ticket.refresh_from_db()
    assert ticket.status == "valid"


def test_a_code_that_was_replaced_opens_nothing_but_is_told(door, gus, event, ticket, now):
    old = codes.sign(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(code_version=2)
    assert send(door, event, seen(old, ago(now, 5)))["scans"][0]["conflict"] == "outdated_code_admitted"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.entries) == ("valid", 0)
    assert checkin.scan(codes.sign(ticket), by=gus, nonce="n", now=now).result == "accepted"


def refunded(ticket, olga, commits):
    with commits(execute=True):
        refund_order(ticket.order, by=olga, reason="ill", now=timezone.now())
    ticket.refresh_from_db()
    assert ticket.revoked_at is not None


def test_a_refunded_ticket_that_was_let_in_stays_refunded_and_counts_as_inside(
    door, olga, event, ticket, django_capture_on_commit_callbacks
):
    refunded(ticket, olga, django_capture_on_commit_callbacks)
    assert send(door, event, seen(ticket, timezone.now()))["scans"][0]["conflict"] == "revoked_ticket_admitted"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.inside) == ("refunded", True)


def test_a_ticket_refunded_before_we_heard_that_it_was_used_is_told(
    door, olga, event, ticket, now, django_capture_on_commit_callbacks
):
    refunded(ticket, olga, django_capture_on_commit_callbacks)
    assert send(door, event, seen(ticket, ago(now, 30)))["scans"][0]["conflict"] == "revoked_after_entry"


def test_a_ticket_refunded_after_we_heard_is_no_conflict(
    door, olga, event, ticket, now, django_capture_on_commit_callbacks
):
    scan = seen(ticket, ago(now, 30))
    send(door, event, scan)
    refunded(ticket, olga, django_capture_on_commit_callbacks)
    assert send(door, event, scan)["conflicts"] == 0


def test_the_answer_that_never_came_is_no_second_entry(door, gus, event, ticket, now):
    """The scanner asked online, was let in, heard nothing, and decided by itself under the same nonce."""
    scan = seen(ticket, now)
    checkin.scan(scan["code"], by=gus, nonce=scan["nonce"], now=now, event_id=event.pk)
    answer = send(door, event, scan)
    assert (answer["duplicates"], answer["conflicts"], Scan.objects.count()) == (1, 0, 1)


def test_let_in_once_and_refused_once_under_one_nonce_somebody_came_in(door, gus, event, ticket, now):
    """We refused, the answer was lost, and the scanner let the person in."""
    first = seen(ticket, ago(now, 20), gate="North")
    send(door, event, first)
    scan = seen(ticket, now)
    assert checkin.scan(scan["code"], by=gus, nonce=scan["nonce"], now=now).reason == "already_used"
    answer = send(door, event, scan)
    assert (answer["scans"][0]["outcome"], answer["scans"][0]["conflict"]) == ("duplicate", "double_entry")
    assert send(door, event, {**scan, "decided": "refused"})["scans"][0]["conflict"] == "double_entry"


def test_one_nonce_for_two_codes_is_invalid(door, event, ticket, now):
    scan = seen(ticket, now)
    send(door, event, scan)
    (answer,) = send(door, event, {**scan, "code": "other"})["scans"]
    assert (answer["outcome"], answer["problems"][0]["code"], answer["ticket"]) == ("invalid", "nonce_reused", None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nonce": ""}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"code": ["x"]}, "code"),
        ({"scanned_at": "soon"}, "scanned_at"),
        ({"scanned_at": "0001-01-01T00:00:00+00:00"}, "scanned_at"),
        ({"scanned_at": (timezone.now() + timedelta(hours=1)).isoformat()}, "scanned_at"),
        ({"decided": "perhaps"}, "decided"),
        ({"direction": "up"}, "direction"),
        ({"list": "boxes"}, "list"),
    ],
)
def test_a_scan_that_makes_no_sense_keeps_no_other_out(door, event, ticket, now, wrong, field):
    good = seen(ticket, now)
    answer = send(door, event, {**seen(ticket, now), **wrong}, "nonsense", 7, good)
    assert [each["outcome"] for each in answer["scans"]] == ["invalid", "invalid", "invalid", "kept"]
    assert answer["scans"][0]["problems"][0]["field"] == field
    assert Scan.objects.get().nonce == good["nonce"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"device": "d"},
        {"device": "d", "scans": []},
        {"device": "d", "scans": {}},
        {"device": "d", "scans": "x"},
        {"device": "", "scans": [{}]},
        {"device": "d", "scans": [{}] * 1001},
        {"device": "d", "scans": [{}], "device_clock": "noon"},
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(door, event, body):
    assert door.post(sync_url(event), body).status_code == 422


def test_a_clock_that_is_wrong_is_corrected_by_what_the_device_says(door, event, ticket, now):
    behind = timedelta(hours=3)
    scan = seen(ticket, now - behind - timedelta(minutes=10))
    send(door, event, scan, device_clock=(timezone.now() - behind).isoformat())
    assert abs(Scan.objects.get().scanned_at - ago(now, 10)) < timedelta(seconds=2)


def test_a_clock_that_agrees_changes_no_time(door, event, ticket, now):
    at = ago(now, 10)
    send(door, event, seen(ticket, at), device_clock=timezone.now().isoformat())
    assert Scan.objects.get().scanned_at == at


def test_a_clock_that_no_calendar_has_is_told(door, event, ticket):
    scan = {**seen(ticket, timezone.now()), "scanned_at": "9999-12-31T23:59:59Z"}
    (answer,) = send(door, event, scan, device_clock="2020-01-01T00:00:00Z")["scans"]
    assert (answer["outcome"], answer["problems"][0]["field"]) == ("invalid", "scanned_at")


def test_only_the_events_door_may(api, fay, stan, venue, event, ticket, now):
    body = {"device": "d", "scans": [seen(ticket, now)]}
    kitchen = StaffFactory(venue=venue, role="kitchen").user
    assert [api.as_(user).post(sync_url(event), body).status_code for user in (None, fay, stan, kitchen)] == [
        401, 403, 403, 403,
    ]  # fmt: skip
    type(event).objects.filter(pk=event.pk).update(status="draft")
    assert api.as_(stan).post(sync_url(event), body).status_code == 404
    assert not Scan.objects.exists()


def test_an_undone_entry_told_late_stays_undone_in_any_order(door, gus, olga, event, ticket, now):
    scan = seen(ticket, ago(now, 20))
    send(door, event, scan)
    checkin.undo(ticket, olga, "wrong person", now)
    answer = send(door, event, scan, seen(ticket, ago(now, 10), "refused", reason="already_used"))
    assert (answer["scans"][0]["outcome"], answer["scans"][0]["ticket"]["status"]) == ("duplicate", "valid")


def test_a_batch_costs_the_same_for_any_number_of_scans(api, gus, fay, event, ticket_type, now):
    def ask(scans):
        caller = api.as_(User.objects.get(pk=gus.pk))
        with CaptureQueriesContext(connection) as queries:
            send(caller, event, *scans)
        return len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))])

    few, many = buy(fay, ticket_type, 2), buy(fay, ticket_type, 10)
    cost = ask([seen(each, now) for each in few])
    assert ask([seen(each, now) for each in many]) == cost
    assert cost <= 14


def test_a_list_is_kept_with_the_scan_and_one_of_nowhere_is_not(door, event, ticket, venue, now):
    row, other = event.checkin_lists.create(name="Boxes"), EventFactory(venue=venue).checkin_lists.create(name="Boxes")
    told = [seen(ticket, now, list=str(key)) for key in (row.pk, other.pk, uuid4())]
    assert send(door, event, *told)["kept"] == 3
    assert [Scan.objects.get(nonce=each["nonce"]).checkin_list for each in told] == [row, None, None]


def test_types_of_the_same_event_are_counted_by_one_call(door, fay, event, ticket, now):
    other = buy(fay, TicketTypeFactory(event=event))[0]
    send(door, event, seen(ticket, now), seen(other, now))
    assert Ticket.objects.filter(status="used", inside=True).count() == 2
