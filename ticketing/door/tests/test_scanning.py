"""The door lets each ticket in once, says why not otherwise, and remembers everything."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sign_in, tokens
from orders.refunding import refund_order
from reports.models import StaleMark
from ticketing import codes
from ticketing.door import checkin, passing
from ticketing.models import Scan, Ticket
from ticketing.tests.sales import buy
from ticketing.tests.test_codes import GARBAGE
from trufan.testing import EventFactory, StaffFactory

#: The parser of the API refuses these before any view.
UNSTORABLE = {"a NUL", "a lone surrogate"}
URL = "/api/v1/checkin/scans"


@pytest.fixture
def scan(api, gus):
    """Gus scans a ticket (or any text) at the north gate."""

    def send(what, by=gus, nonce=None, **more):
        code = codes.sign(what) if isinstance(what, Ticket) else what
        body = {"code": code, "nonce": nonce or uuid4().hex, "gate": "North", **more}
        answer = api.as_(by).post(URL, body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return send


def change(event, **fields):
    type(event).objects.filter(pk=event.pk).update(**fields)


def test_a_good_ticket_is_let_in(scan, ticket, event, ticket_type):
    answer = scan(ticket, event=str(event.pk))

    assert (answer["result"], answer["reason"], answer["message"]) == ("accepted", "", "Welcome.")
    assert answer["previous_scan"] is None
    assert answer["ticket"] == {
        "id": str(ticket.pk),
        "number": ticket.number,
        "event": {"id": str(event.pk), "name": "Opening Night"},
        "ticket_type": {"id": str(ticket_type.pk), "name": "General Admission"},
        "seat": "",
        "holder": "Fay Fan",
    }
    ticket.refresh_from_db()
    assert (ticket.status, ticket.used_gate) == ("used", "North")
    assert ticket.used_at is not None


def test_the_second_scan_is_refused_and_says_when_and_where(scan, ticket, venue):
    first = scan(ticket)
    answer = scan(ticket, gate="South")

    assert (answer["result"], answer["reason"]) == ("refused", "already_used")
    assert answer["previous_scan"] == {"at": first["scanned_at"], "gate": "North"}
    used = Scan.objects.get(result="accepted").scanned_at.astimezone(venue.zone)
    assert f"{used:%H:%M} at gate North" in answer["message"]
    assert Scan.objects.count() == 2


def test_the_third_refusal_still_names_the_scan_that_let_it_in(scan, ticket):
    first = scan(ticket, gate="North")
    scan(ticket, gate="South")
    assert scan(ticket, gate="East")["previous_scan"] == {"at": first["scanned_at"], "gate": "North"}


def test_the_same_nonce_gets_the_same_answer(scan, ticket):
    first = scan(ticket, nonce="n-1")
    scan(ticket, nonce="n-2")
    assert scan(ticket, nonce="n-1") == first
    assert Scan.objects.count() == 2


def test_a_refusal_is_repeated_as_it_was_even_when_the_ticket_was_freed_since(scan, ticket, gus):
    scan(ticket)
    refused = scan(ticket, nonce="n-2")
    checkin.undo(ticket, gus, "scanned the neighbour", timezone.now())
    assert scan(ticket, nonce="n-2") == refused
    assert scan(ticket)["result"] == "accepted"


def test_a_nonce_is_for_one_code(api, gus, scan, ticket):
    scan(ticket, nonce="n-1")
    answer = api.as_(gus).post(URL, {"code": "something else", "nonce": "n-1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "nonce_reused")
    assert Scan.objects.count() == 1


def test_two_stewards_may_choose_the_same_nonce(scan, ticket, olga):
    scan(ticket, nonce="n-1")
    assert scan(ticket, nonce="n-1", by=olga)["reason"] == "already_used"


def test_a_ticket_for_another_event_of_the_venue_is_refused_and_shown(scan, ticket, venue):
    tomorrow = EventFactory(venue=venue)
    answer = scan(ticket, event=str(tomorrow.pk))
    assert (answer["reason"], answer["ticket"]["event"]["name"]) == ("wrong_event", "Opening Night")
    assert Scan.objects.get().event == tomorrow
    ticket.refresh_from_db()
    assert ticket.status == "valid"


def test_the_doors_open_when_they_open(scan, ticket, event):
    now = timezone.now()
    change(event, doors_at=now + timedelta(minutes=10))
    assert scan(ticket)["reason"] == "not_yet"
    change(event, doors_at=now - timedelta(minutes=1))
    assert scan(ticket)["result"] == "accepted"


def test_an_hour_after_the_end_the_door_is_shut(scan, ticket, event):
    now = timezone.now()
    hours = {"doors_at": now - timedelta(hours=6), "starts_at": now - timedelta(hours=5)}
    change(event, **hours, ends_at=now - timedelta(minutes=61))
    assert scan(ticket)["reason"] == "too_late"
    change(event, ends_at=now - timedelta(minutes=59))
    assert scan(ticket)["result"] == "accepted"


def test_a_completed_event_lets_nobody_in(scan, ticket, event):
    change(event, status="completed")
    assert scan(ticket)["reason"] == "too_late"


def test_a_cancelled_event_lets_nobody_in(scan, ticket, event):
    change(event, status="cancelled")
    assert scan(ticket)["reason"] == "event_cancelled"


def test_a_refunded_ticket_is_refused(scan, ticket, olga, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        refund_order(ticket.order, by=olga, reason="ill", now=timezone.now())
    assert scan(ticket)["reason"] == "refunded"


def test_a_code_that_was_replaced_is_refused_also_after_the_new_one_was_used(scan, ticket):
    old = codes.sign(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(code_version=2)
    ticket.refresh_from_db()
    assert scan(old)["reason"] == "outdated_code"
    assert scan(ticket)["result"] == "accepted"
    assert scan(old)["reason"] == "outdated_code"


def test_a_code_with_another_ticket_in_it_is_forged(scan, ticket, fay, ticket_type):
    other = buy(fay, ticket_type)[0]
    mine, theirs = codes.sign(ticket), codes.sign(other)
    assert scan(theirs[:60] + mine[60:])["reason"] == "forged"
    assert scan(theirs)["result"] == "accepted"


def test_the_right_key_of_another_venue_forges_nothing(scan, ticket, other_venue):
    """Its operator holds that venue's keys only."""
    claim = SimpleNamespace(
        pk=ticket.pk, event_id=ticket.event_id, code_version=1, event=SimpleNamespace(venue_id=other_venue.pk)
    )
    assert scan(codes.sign(claim))["reason"] == "forged"


def test_what_nobody_signed_is_forged_whether_or_not_its_event_exists(scan, ticket):
    def signed(event_id, venue_id):
        return codes.sign(
            SimpleNamespace(pk=uuid4(), event_id=event_id, code_version=1, event=SimpleNamespace(venue_id=venue_id))
        )

    assert scan(signed(uuid4(), uuid4()))["reason"] == "forged"
    assert scan(signed(ticket.event_id, uuid4()))["reason"] == "forged"
    assert scan(signed(ticket.event_id, ticket.event.venue_id))["reason"] == "unknown"


@pytest.mark.parametrize("name", sorted(GARBAGE.keys() - UNSTORABLE))
def test_garbage_is_refused_and_remembered(scan, name, venue):
    text = GARBAGE[name]
    answer = scan(text)
    assert (answer["reason"], answer["ticket"]) == ("unknown", None)
    row = Scan.objects.get()
    assert (row.code_hash, row.venue_id) == (codes.fingerprint(text), venue.pk)


@pytest.mark.parametrize("code", [r"TF1:\u0000", r"\ud800", r"\x", '"'])
def test_text_that_no_json_carries_is_malformed(api, gus, code):
    body = f'{{"code": "{code}", "nonce": "n-1"}}'
    answer = api.as_(gus).post(URL, body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_request")


def test_a_body_beyond_the_limit_is_refused_as_such(api, gus, settings):
    body = {"code": "A" * (settings.MAX_REQUEST_BYTES + 1), "nonce": "n-1"}
    assert api.as_(gus).post(URL, body).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "x"},
        {"nonce": "n"},
        {"code": None, "nonce": "n"},
        {"code": ["x"], "nonce": "n"},
        {"code": "x", "nonce": ""},
        {"code": "x", "nonce": "n" * 81},
        {"code": "x", "nonce": "n", "gate": "g" * 61},
        {"code": "x", "nonce": "n", "event": "tonight"},
        {"code": "x", "nonce": "n", "scanned_at": "soon"},
        {"code": "x", "nonce": "n", "scanned_at": "0001-01-01T00:00:00+14:00"},
        {"code": "x", "nonce": "n", "scanned_at": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_what_is_no_scan_is_not_taken_for_one(api, gus, body):
    answer = api.as_(gus).post(URL, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")
    assert not Scan.objects.exists()


# -- who may, and what they learn --


def test_only_staff_of_a_door_scan(api, fay, ticket):
    body = {"code": codes.sign(ticket), "nonce": "n-1"}
    assert api.post(URL, body).status_code == 401
    assert api.as_(fay).post(URL, body).status_code == 403
    assert not Scan.objects.exists()


def test_another_venues_staff_learn_only_that_it_is_not_for_them(scan, ticket, stan, other_venue):
    answer = scan(ticket, by=stan)
    assert (answer["reason"], answer["ticket"], answer["previous_scan"]) == ("wrong_event", None, None)
    row = Scan.objects.get()
    assert (row.ticket_id, row.event_id, row.venue_id) == (None, None, other_venue.pk)
    ticket.refresh_from_db()
    assert ticket.status == "valid"


def test_another_venues_door_cannot_be_named(api, stan, ticket, event):
    body = {"code": codes.sign(ticket), "nonce": "n-1", "event": str(event.pk)}
    assert api.as_(stan).post(URL, body).status_code == 403  # the event is public, its door is not
    change(event, status="draft")
    assert api.as_(stan).post(URL, body).status_code == 404
    assert api.as_(stan).post(URL, {**body, "event": str(uuid4())}).status_code == 404
    assert not Scan.objects.exists()


def test_garbage_at_another_venues_door_is_no_way_in(api, stan, event):
    answer = api.as_(stan).post(URL, {"code": "x", "nonce": "n-1", "event": str(event.pk)})
    assert answer.status_code == 403


def test_a_steward_of_two_venues_scans_at_both(scan, ticket, stan, venue):
    StaffFactory(user=stan, venue=venue, role="door")
    assert scan(ticket, by=stan)["result"] == "accepted"


def test_a_super_admin_scans_anywhere(scan, ticket, ada):
    assert scan(ticket, by=ada)["result"] == "accepted"


def test_what_was_read_is_not_kept(scan, ticket):
    scan(ticket)
    row = Scan.objects.values().get()
    assert codes.sign(ticket) not in map(str, row.values())


# -- the scanner's clock --


def test_a_scan_that_comes_late_counts_when_it_was_made(scan, ticket, event):
    now = timezone.now()
    change(event, doors_at=now - timedelta(minutes=20))
    late = (now - timedelta(minutes=15)).isoformat()
    assert scan(ticket, scanned_at=late)["result"] == "accepted"
    ticket.refresh_from_db()
    assert ticket.used_at.isoformat() == late


def test_a_scan_made_before_the_doors_opened_does_not_count(scan, ticket, event):
    now = timezone.now()
    change(event, doors_at=now - timedelta(minutes=20))
    assert scan(ticket, scanned_at=(now - timedelta(minutes=25)).isoformat())["reason"] == "not_yet"


def test_a_clock_a_little_ahead_is_set_back(scan, ticket):
    answer = scan(ticket, scanned_at=(timezone.now() + timedelta(minutes=4)).isoformat())
    assert answer["result"] == "accepted"
    ticket.refresh_from_db()
    assert ticket.used_at <= timezone.now()


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), timedelta(days=-8)])
def test_a_clock_that_is_wrong_is_told_so(api, gus, ticket, ahead):
    body = {"code": codes.sign(ticket), "nonce": "n", "scanned_at": (timezone.now() + ahead).isoformat()}
    answer = api.as_(gus).post(URL, body)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "scanned_at")
    assert not Scan.objects.exists()


# -- what it costs --


def signed_in(api, user):
    """A caller with a real access token: authentication is part of the cost."""
    now = timezone.now()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_for(sign_in.start(user, now), now)}")
    return api


def test_what_a_scan_costs(api, gus, ticket, event):
    """Who asks and what they may; the ticket; then the ticket's move, the scan, and that its day is to be counted."""
    caller = signed_in(api, gus)
    body = {"code": codes.sign(ticket), "event": str(event.pk), "gate": "North"}
    # On SQLite what is written takes three; who is refused is told of the scan before.
    for nonce, reason, cost in (("n-1", "", (3, 5)), ("n-2", "already_used", (4, 5))):
        with CaptureQueriesContext(connection) as queries:
            answer = caller.post(URL, {**body, "nonce": nonce})
        assert answer.json()["reason"] == reason
        asked = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
        assert len(asked) == cost[connection.vendor != "postgresql"], asked


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_scan_that_is_accepted_is_one_statement_for_all_that_it_writes(api, gus, ticket, event):
    caller = signed_in(api, gus)
    body = {"code": codes.sign(ticket), "event": str(event.pk), "gate": "North", "nonce": "n-1"}
    with CaptureQueriesContext(connection) as queries:
        assert caller.post(URL, body).json()["result"] == "accepted"
    asked = [query["sql"] for query in queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(asked) == 3, asked
    ticket.refresh_from_db()
    assert (ticket.status, ticket.inside, ticket.entries, ticket.used_gate) == ("used", True, 1, "North")
    assert Scan.objects.get().ticket_id == ticket.pk
    assert StaleMark.objects.filter(venue_id=event.venue_id).exists()
    assert caller.post(URL, body).json()["result"] == "accepted"
    assert Scan.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_changed_since_it_was_read_is_seen_and_nothing_is_left_of_the_attempt(gus, ticket, monkeypatch):
    inwards = passing.inwards

    def late(row, *args):
        Ticket.objects.filter(pk=row.pk).update(frozen_at=timezone.now())
        return inwards(row, *args)

    monkeypatch.setattr(passing, "inwards", late)
    code = codes.sign(Ticket.objects.with_event().get(pk=ticket.pk))
    row = checkin.scan(code, by=gus, nonce="n-1", now=timezone.now())
    assert (row.result, row.reason) == ("refused", "disputed")
    assert Scan.objects.get() == row
    assert Ticket.objects.get(pk=ticket.pk).status == "valid"
