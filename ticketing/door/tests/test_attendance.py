"""The door in numbers, and the list behind them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ticketing import codes
from ticketing.door import checkin
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.testing import StaffFactory, TicketTypeFactory


@pytest.fixture
def evening(fay, gus, event, ticket_type):
    """Five standing and two seated were sold; three came in by two gates, one tried twice, one was refunded."""
    seated = TicketTypeFactory(event=event, name="Seated", position=1)
    TicketTypeFactory(event=event, name="Press", position=2)
    standing, sitting = buy(fay, ticket_type, 5), buy(fay, seated, 2)
    for ticket, gate in ((standing[0], "North"), (standing[1], "North"), (sitting[0], "South"), (sitting[0], "North")):
        checkin.scan(codes.sign(ticket), by=gus, nonce=uuid4().hex, gate=gate, now=timezone.now())
    checkin.scan("nonsense", by=gus, nonce="n", gate="East", event_id=event.pk, now=timezone.now())
    Ticket.objects.filter(pk=standing[4].pk).update(status="refunded")
    return event


def test_attendance_counts_what_came(api, gus, evening):
    answer = api.as_(gus).get(f"/api/v1/events/{evening.pk}/attendance")
    assert answer.status_code == 200
    body = answer.json()
    by_type = [(t["name"], t["issued"], t["checked_in"], t["remaining"]) for t in body.pop("by_ticket_type")]
    assert by_type == [("General Admission", 4, 2, 2), ("Seated", 2, 1, 1), ("Press", 0, 0, 0)]
    assert body == {
        "event": str(evening.pk),
        "capacity": 1000,
        "issued": 6,
        "checked_in": 3,
        "remaining": 3,
        "refused_scans": 2,
        "by_gate": [{"gate": "North", "checked_in": 2}, {"gate": "South", "checked_in": 1}],
    }


def test_the_count_costs_the_same_for_any_number_of_tickets(
    api, gus, fay, evening, ticket_type, django_assert_num_queries
):
    def ask(expected):
        caller = api.as_(User.objects.get(pk=gus.pk))
        with django_assert_num_queries(expected):
            caller.get(f"/api/v1/events/{evening.pk}/attendance")

    ask(5)  # rights, event, types with their tickets, gates, refused scans
    buy(fay, ticket_type, 9)
    TicketTypeFactory(event=evening)
    ask(5)


@pytest.mark.parametrize("what", ["attendance", "scans"])
def test_only_staff_of_the_door_or_the_box_office_see_it(api, fay, stan, gus, venue, evening, what):
    url = f"/api/v1/events/{evening.pk}/{what}"
    kitchen = StaffFactory(venue=venue, role="kitchen").user
    box_office = StaffFactory(venue=venue, role="box_office").user
    assert api.get(url).status_code == 401
    assert [api.as_(user).get(url).status_code for user in (fay, stan, kitchen)] == [403, 403, 403]
    assert [api.as_(user).get(url).status_code for user in (gus, box_office)] == [200, 200]
    type(evening).objects.filter(pk=evening.pk).update(status="draft")
    assert [api.as_(user).get(url).status_code for user in (fay, stan, kitchen)] == [404, 404, 403]
    assert api.as_(gus).get(f"/api/v1/events/{uuid4()}/{what}").status_code == 404


def test_the_list_has_every_scan_newest_first(api, gus, evening):
    rows = api.as_(gus).get(f"/api/v1/events/{evening.pk}/scans").json()["results"]
    assert [(r["result"], r["reason"], r["gate"]) for r in rows] == [
        ("refused", "unknown", "East"),
        ("refused", "already_used", "North"),
        ("accepted", "", "South"),
        ("accepted", "", "North"),
        ("accepted", "", "North"),
    ]
    assert rows[0]["ticket"] is None
    assert rows[1]["scanned_by"] == {"id": str(gus.pk), "name": gus.full_name}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("result=accepted", 3),
        ("result=refused&reason=already_used", 1),
        ("reason=already_used&reason=unknown", 2),
        ("gate=North", 3),
        ("method=by_hand", 0),
        ("search=East", 1),
        ("limit=2&skip=4", 5),
    ],
)
def test_the_list_is_narrowed(api, gus, evening, query, count):
    assert api.as_(gus).get(f"/api/v1/events/{evening.pk}/scans?{query}").json()["count"] == count


@pytest.mark.parametrize("query", ["result=maybe", "reason=tired", "method=magic", "ordering=price", "limit=x"])
def test_what_the_list_does_not_know_it_refuses(api, gus, evening, query):
    assert api.as_(gus).get(f"/api/v1/events/{evening.pk}/scans?{query}").status_code == 422


def test_the_list_costs_the_same_for_any_number_of_scans(api, gus, fay, evening, django_assert_num_queries):
    def ask():
        caller = api.as_(User.objects.get(pk=gus.pk))
        with django_assert_num_queries(4):  # rights, event, count, page
            caller.get(f"/api/v1/events/{evening.pk}/scans")

    ask()
    for number in range(5):
        checkin.scan("x", by=gus, nonce=f"m-{number}", event_id=evening.pk, now=timezone.now())
    ask()
