"""A steward lets someone in without a code, or takes a check-in back; both stand in the history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from ticketing import codes
from ticketing.door import checkin
from ticketing.errors import NotAdmitted, ReasonNeeded
from ticketing.models import Scan, Ticket
from trufan.lib.errors import InvalidMove
from trufan.testing import EventFactory

URL = "/api/v1/checkin/admissions"


@pytest.fixture
def admit(api, gus, ticket):
    def send(by=gus, **more):
        body = {"number": ticket.number, "event": str(ticket.event_id), "gate": "North", "reason": "dead phone"}
        return api.as_(by).post(URL, {**body, **more})

    return send


def refused(answer):
    error = answer.json()["error"]
    return answer.status_code, error["code"], [detail["code"] for detail in error["details"]]


def test_a_number_opens_the_door_once(admit, ticket, gus):
    answer = admit()
    assert answer.status_code == 200
    assert (answer.json()["result"], answer.json()["ticket"]["number"]) == ("accepted", ticket.number)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.used_gate) == ("used", "North")
    entry = AuditLog.objects.get(action="ticket.admitted")
    assert (entry.actor_id, entry.venue_id) == (gus.pk, ticket.event.venue_id)
    assert entry.new_values == {"gate": "North", "reason": "dead phone"}

    assert refused(admit()) == (409, "not_admitted", ["already_used"])
    assert Scan.objects.count() == 1


def test_a_scan_after_it_is_refused_and_says_where(admit, ticket, gus):
    admit()
    scan = checkin.scan(codes.sign(ticket), by=gus, nonce="n", now=timezone.now())
    assert (scan.reason, scan.previous.gate, scan.previous.method) == ("already_used", "North", "by_hand")


def test_a_number_may_be_read_out_in_any_way(admit, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(number="01ABCDEFGH")
    assert admit(number=" olabcdefgh ").status_code == 200


def test_the_doors_times_are_the_stewards_judgement(admit, ticket, event):
    type(event).objects.filter(pk=event.pk).update(doors_at=timezone.now() + timedelta(minutes=30))
    assert admit().status_code == 200


def test_a_cancelled_event_admits_nobody(admit, event):
    type(event).objects.filter(pk=event.pk).update(status="cancelled")
    assert refused(admit()) == (409, "not_admitted", ["event_cancelled"])


def test_a_refunded_ticket_admits_nobody(admit, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(status="refunded")
    assert refused(admit()) == (409, "not_admitted", ["refunded"])


def test_a_ticket_is_looked_for_at_this_event_only(admit, venue):
    assert admit(event=str(EventFactory(venue=venue).pk)).status_code == 404


def test_only_this_doors_staff_may(admit, fay, stan, api, ticket):
    assert admit(by=None).status_code == 401
    assert admit(by=fay).status_code == 403
    assert admit(by=stan).status_code == 403
    ticket.refresh_from_db()
    assert ticket.status == "valid"


def test_a_reason_is_needed(admit):
    assert admit(reason=" ").status_code == 422


def test_sending_it_again_under_its_key_is_the_same_admission(api, gus, ticket):
    body = {"number": ticket.number, "event": str(ticket.event_id), "reason": "dead phone"}
    first, again = (api.as_(gus).post(URL, body, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


def test_a_check_in_taken_back_admits_again(ticket, gus, olga):
    now = timezone.now()
    checkin.scan(codes.sign(ticket), by=gus, nonce="n-1", gate="North", now=now)
    checkin.undo(ticket, olga, "wrong person", now)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.used_at, ticket.used_gate) == ("valid", None, "")
    entry = AuditLog.objects.get(action="ticket.check_in_undone")
    assert (entry.actor_id, entry.new_values["reason"]) == (olga.pk, "wrong person")
    assert entry.old_values["gate"] == "North"

    assert checkin.scan(codes.sign(ticket), by=gus, nonce="n-2", gate="South", now=now).result == "accepted"
    again = checkin.scan(codes.sign(ticket), by=gus, nonce="n-3", now=now)
    assert again.previous.gate == "South"


def test_only_a_used_ticket_is_taken_back_and_only_for_a_reason(ticket, olga):
    with pytest.raises(InvalidMove):
        checkin.undo(ticket, olga, "mistake", timezone.now())
    checkin.admit(ticket, olga, timezone.now())
    with pytest.raises(ReasonNeeded):
        checkin.undo(ticket, olga, "  ", timezone.now())
    with pytest.raises(NotAdmitted):
        checkin.admit(ticket, olga, timezone.now())
