"""Finding somebody's ticket at the door, the numbers of the night, and the console's screens of both."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from ticketing import codes
from ticketing.door import checkin, counts
from ticketing.door.tests.scanners import seen, send
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, StaffFactory
from trufan.tests.console_client import as_


def found(api, user, event, words):
    return api.as_(user).get(f"/api/v1/events/{event.pk}/checkin/search", {"q": words})


@pytest.fixture
def ticket(fay, ticket_type):
    bought = buy(fay, ticket_type)[0]
    Ticket.objects.filter(pk=bought.pk).update(holder_name="Fay Van Fan")
    return Ticket.objects.with_event().get(pk=bought.pk)


@pytest.mark.parametrize("words", ["fay", "FAY VAN", "van f", "  fay   van ", "fay@", "FAY@Example.com"])
def test_a_ticket_is_found_by_the_beginning_of_what_people_say(api, gus, event, ticket, words):
    (row,) = found(api, gus, event, words).json()["results"]
    assert row == {
        "id": str(ticket.pk), "number": ticket.number, "seat": "", "holder": "Fay Van Fan",
        "order": ticket.order.number,
        "ticket_type": {"id": str(ticket.ticket_type_id), "name": "General Admission"}, "status": "valid",
        "inside": False, "used_at": None, "used_gate": "",
    }  # fmt: skip


def test_numbers_are_found_however_they_are_read_out(api, gus, event, ticket):
    for number in (ticket.number.lower(), ticket.order.number[:6]):
        assert found(api, gus, event, number).json()["count"] == 1
    Ticket.objects.filter(pk=ticket.pk).update(number="01ABCDEFGH")
    assert found(api, gus, event, "olab").json()["count"] == 1


@pytest.mark.parametrize("words", ["ay", "fan", "%%", "__", "gil@"])
def test_what_begins_otherwise_is_not_found(api, gus, event, ticket, words):
    assert found(api, gus, event, words).json()["count"] == 0


@pytest.mark.parametrize("words", ["", "f", " f ", "f" * 101])
def test_too_little_and_too_much_are_refused(api, gus, event, ticket, words):
    assert found(api, gus, event, words).status_code == 422


def test_only_the_events_door_finds_and_only_its_own(api, gus, fay, stan, venue, event, ticket):
    box_office = StaffFactory(venue=venue, role="kitchen").user
    assert [found(api, user, event, "fay").status_code for user in (None, fay, stan, box_office)] == [
        401, 403, 403, 403,
    ]  # fmt: skip
    assert found(api, gus, EventFactory(venue=venue), "fay").json()["count"] == 0
    assert found(api, gus, uuid4_event(), "fay").status_code == 404


def uuid4_event():
    return type("Nowhere", (), {"pk": uuid4()})


def test_finding_costs_the_same_for_any_number(api, gus, fay, event, ticket, ticket_type, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(5):  # person, rights, event, count, page
            found(api, User.objects.get(pk=gus.pk), event, "fay")
        buy(fay, ticket_type, 5)


@pytest.fixture
def night(api, fay, gus, event, ticket, ticket_type):
    """Of four, two came in and one of them left; one was refused, and one got in twice offline."""
    others, now = buy(fay, ticket_type, 3), timezone.now()
    for ago, (row, way) in enumerate([(others[0], "in"), (ticket, "out"), (ticket, "in"), (ticket, "in")][::-1]):
        at = now - timedelta(seconds=9 - ago)
        checkin.scan(codes.sign(row), by=gus, nonce=uuid4().hex, gate="North", now=now, scanned_at=at, direction=way)
    send(api.as_(gus), event, *[seen(others[1], now - timedelta(minutes=minutes), gate="South") for minutes in (3, 2)])
    return event


def test_the_numbers_of_the_night(api, gus, night, ticket_type):
    body = api.as_(gus).get(f"/api/v1/events/{night.pk}/checkin/counts").json()
    assert {name: body[name] for name in ("sold", "arrived", "inside", "conflicts")} == {
        "sold": 4, "arrived": 3, "inside": 2, "conflicts": 1,
    }  # fmt: skip
    assert body["by_gate"] == [{"gate": "North", "arrived": 2}, {"gate": "South", "arrived": 1}]
    assert body["by_ticket_type"] == [
        {"id": str(ticket_type.pk), "name": "General Admission", "sold": 4, "arrived": 3, "inside": 2}
    ]
    assert len(body["per_minute"]) == 60
    total = {name: sum(each[name] for each in body["per_minute"]) for name in ("came_in", "went_out", "refused")}
    assert total == {"came_in": 4, "went_out": 1, "refused": 1}
    assert counts.in_short(night.pk) == {"sold": 4, "arrived": 3, "inside": 2, "conflicts": 1}


def test_what_was_taken_back_is_not_counted(api, gus, night, ticket):
    checkin.undo(ticket, gus, "mistake", timezone.now())
    body = api.as_(gus).get(f"/api/v1/events/{night.pk}/checkin/counts").json()
    assert (body["inside"], sum(each["went_out"] for each in body["per_minute"])) == (3, 0)


def test_counting_costs_the_same_for_any_number(api, gus, night, fay, ticket_type, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(7):  # person, rights, event, tickets, types, minutes, conflicts
            api.as_(User.objects.get(pk=gus.pk)).get(f"/api/v1/events/{night.pk}/checkin/counts")
        buy(fay, ticket_type, 5)


def test_only_the_events_door_counts(api, fay, stan, night):
    for what in ("counts", "conflicts"):
        url = f"/api/v1/events/{night.pk}/checkin/{what}"
        assert [api.as_(user).get(url).status_code for user in (None, fay, stan)] == [401, 403, 403]


def test_conflicts_are_listed_at_a_constant_cost(api, gus, night, fay, ticket_type, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(5):  # person, rights, event, count, page
            api.as_(User.objects.get(pk=gus.pk)).get(f"/api/v1/events/{night.pk}/checkin/conflicts")
        row = buy(fay, ticket_type)[0]
        now = timezone.now()
        send(api.as_(gus), night, seen(row, now - timedelta(minutes=2)), seen(row, now))


# -- The console --


def screen(name, *args):
    return reverse(f"admin:ticketing_ticket_door{name}", args=args)


def test_the_door_is_shown_and_found_on(gus, night, ticket):
    client = as_(gus)
    assert night.name in client.get(screen("")).content.decode()
    page = client.get(screen("_event", night.pk), {"q": "fay van"}).content.decode()
    assert f'data-watch="door:{night.pk}"' in page
    assert '<b data-count="arrived">3</b> arrived of 4' in page
    assert f'data-ticket="{ticket.pk}"' in page
    assert "ticket that was inside already" in page
    part = client.get(screen("_event", night.pk), headers={"X-Screen-Part": "1"})
    assert "<html" not in part.content.decode()
    assert client.get(
        screen("_event", night.pk), headers={"X-Screen-Part": "1", "If-None-Match": part["ETag"]}
    ).status_code in (200, 304)


def test_a_ticket_is_let_in_out_and_taken_back_there(gus, event, ticket):
    client, url = as_(gus), screen("_ticket", event.pk, ticket.pk)
    assert client.post(url, {"deed": "let-out"}).status_code == 409
    for deed, status, inside in (("admit", "used", True), ("let-out", "used", False), ("undo", "used", True)):
        answer = client.post(url, {"deed": deed, "reason": "Lost the phone"})
        assert answer.status_code == 302
        ticket.refresh_from_db()
        assert (ticket.status, ticket.inside) == (status, inside)
        assert client.get(answer["Location"]).status_code == 200
    assert client.post(url, {"deed": "undo", "reason": ""}).status_code == 409
    assert client.post(url, {"deed": "burn"}).status_code == 404


def test_nobody_elses_door_opens(stan, olga, event, ticket, other_venue, fay):
    theirs = EventFactory(venue=other_venue, name="Theirs")
    for url in (screen("_event", event.pk), screen("_ticket", event.pk, ticket.pk)):
        assert as_(stan).get(url).status_code == 403
        assert as_(stan).post(url, {"deed": "admit"}).status_code in (403, 405)
        assert as_(fay).get(url).status_code == 302
    # Another venue's ticket by way of one's own door.
    assert as_(stan).post(screen("_ticket", theirs.pk, ticket.pk), {"deed": "admit"}).status_code == 404
    assert event.name not in as_(stan).get(screen("")).content.decode()
    kitchen = StaffFactory(venue=event.venue, role="kitchen").user
    assert as_(kitchen).get(screen("")).status_code == 403
    ticket.refresh_from_db()
    assert ticket.status == "valid"
