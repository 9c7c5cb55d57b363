"""Staff read who comes, as a list and as a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone

from ticketing.attendees import keeping
from ticketing.attendees.asking import Given
from ticketing.models import Question, Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def tickets(fay, table, meal, rules) -> list[Ticket]:
    note = Question.objects.create(event=table.event, text="=Anything else?", position=2)
    first, second = buy(fay, table, 2)
    given = Given("=HYPERLINK(1)", "zoe@example.com", {meal.pk: "Fish", rules.pk: True, note.pk: "+1 cat"})
    keeping.put_by_staff(first, given, None, timezone.now())
    Ticket.objects.filter(pk=second.pk).update(status="refunded")
    return [first, second]


def test_the_list_says_who_comes_and_what_is_missing(api, olga, gala, tickets, meal, rules):
    path = f"/api/v1/events/{gala.pk}/attendees"
    first, second = api.as_(olga).get(path).json()["results"]
    assert (first["number"], first["name"], first["email"]) == (tickets[0].number, "=HYPERLINK(1)", "zoe@example.com")
    assert {each["asked"]: each["value"] for each in first["answered"]}["I agree to the rules."] is True
    assert (first["missing"], second["status"], second["missing"][0]) == ([], "refunded", "name")
    assert api.as_(olga).get(f"{path}?status=valid").json()["count"] == 1
    assert api.as_(olga).get(f"{path}?search=zoe@").json()["count"] == 1
    assert api.as_(olga).get(f"{path}?ticket_type={meal.pk}").json()["count"] == 0


def test_the_spreadsheet_holds_no_formula(api, olga, gala, tickets):
    answer = api.as_(olga).get(f"/api/v1/events/{gala.pk}/attendees.csv", headers={"Accept": "text/csv"})
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    head, row, *rest = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert head[-3:] == ["What will you eat?", "I agree to the rules.", "'=Anything else?"]
    assert row[0] == tickets[0].number
    assert row[5:] == ["'=HYPERLINK(1)", "zoe@example.com", "Fish", "yes", "'+1 cat"]
    assert rest == []


def test_nobody_else_reads_it(api, fay, stan, gala, tickets, venue):
    from trufan.testing import StaffFactory

    cook = StaffFactory(venue=venue, role="kitchen").user
    for end in ("attendees", "attendees.csv"):
        path = f"/api/v1/events/{gala.pk}/{end}"
        assert api.as_(None).get(path).status_code == 401
        for who in (fay, stan, cook):
            assert api.as_(who).get(path).status_code == 403
    type(gala).objects.filter(pk=gala.pk).update(status="draft")
    assert api.as_(stan).get(f"/api/v1/events/{gala.pk}/attendees").status_code == 404


def test_the_list_costs_the_same_however_long(api, fay, olga, gala, table, tickets, django_assert_num_queries):
    path = f"/api/v1/events/{gala.pk}/attendees"
    staff = api.as_(olga)
    assert staff.get(path).json()["count"] == 2
    with django_assert_num_queries(6):  # event, count, page, answers, questions, their ticket types
        staff.get(path)
    buy(fay, table, 6)
    with django_assert_num_queries(6):
        assert staff.get(path).json()["count"] == 8
