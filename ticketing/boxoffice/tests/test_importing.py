"""A guest list out of a file: every guest is given their tickets once, or nobody is given any."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from orders.models import Order
from ticketing.boxoffice import house
from ticketing.boxoffice.importing import IMPORTER
from ticketing.inventory_check import differences
from ticketing.models import Comp, Ticket, TicketType
from trufan.lib.importing import running
from trufan.testing import EventFactory, TicketTypeFactory
from trufan.tests.console_client import as_
from trufan.tests.imports import Screen, csv_of

pytestmark = pytest.mark.django_db
HEADER = ["email", "name", "ticket_type", "quantity", "reason", "hold"]
GA = "General Admission"
LIST = [
    HEADER,
    ["Gil@example.com", "Gil Guest", GA, "2", "Guests of the artist", ""],
    ["pia@example.com", "Pia Press", GA, "", "Press", ""],
]


@pytest.fixture
def screen(bea, event, ticket_type) -> Screen:
    return Screen(bea, Comp, event)


def test_a_dry_run_gives_nothing_and_sends_nothing(screen, ticket_type):
    answer = screen.rehearse(LIST)
    assert [(line.row, line.deed, line.changes) for line in answer.context["report"].lines] == [
        (2, "made", ("is given 2",)), (3, "made", ("is given 1",)),
    ]  # fmt: skip
    assert not (Order.objects.exists() or Ticket.objects.exists() or Notification.objects.exists())
    assert TicketType.objects.get().sold == 0
    assert not AuditLog.objects.filter(action__startswith="comp").exists()


def test_each_guest_is_given_tickets_by_the_rule_of_comps(screen, bea, event):
    assert "2 new" in screen.take(LIST)
    assert dict(Order.objects.values_list("contact_email", "channel")) == {
        "gil@example.com": "comp", "pia@example.com": "comp",
    }  # fmt: skip
    assert Ticket.objects.filter(order__contact_email="gil@example.com", holder_name="Gil Guest").count() == 2
    assert Notification.objects.filter(template="order_paid").count() == 2
    assert set(Comp.objects.values_list("reason", "given_by")) == {("Guests of the artist", bea.pk), ("Press", bea.pk)}
    entry = AuditLog.objects.get(action="guest_list.imported")
    assert (entry.venue_id, entry.new_values) == (event.venue_id, {"rows": 2, "made": 2})
    assert list(differences()) == []


def test_the_same_list_twice_gives_nothing_twice_and_a_longer_one_the_rest(screen):
    screen.take(LIST)
    assert screen.report(LIST).counts == {"same": 2}
    screen.take(LIST)
    assert Ticket.objects.count() == 3
    more = [HEADER, ["gil@example.com", "Gil Guest", GA, "3", "Guests of the artist", ""]]
    [line] = screen.report(more).lines
    assert (line.deed, line.changes) == ("changed", ("is given 1", "has 2"))
    screen.take(more)
    assert Ticket.objects.filter(order__contact_email="gil@example.com").count() == 3


def test_every_problem_is_said_at_its_row_and_column(screen):
    rows = [
        HEADER,
        ["nobody", "No Body", GA, "1", "x", ""],
        ["a@example.com", "http://x.example", GA, "1", "x", ""],
        ["b@example.com", "B", "Balcony", "0", "x", ""],
        ["c@example.com", "C", GA, "1", "", ""],
        ["d@example.com", "D", GA, "1", "x", "Nobody's"],
        ["e@example.com", "E", GA, "1", "x", ""],
        ["E@example.com", "E", GA, "1", "x", ""],
    ]
    found = screen.problems(rows)
    assert {
        (2, "email"),
        (3, "name"),
        (4, "ticket_type"),
        (4, "quantity"),
        (5, "reason"),
        (6, "hold"),
        (8, "email"),
    } == set(found)
    assert not Order.objects.exists()


def test_when_stock_runs_out_nobody_is_given_any(screen, ticket_type):
    TicketType.objects.update(quantity=2)
    report = screen.report(LIST)
    assert [problem.row for problem in report.problems] == [3]
    assert not Order.objects.exists()


def test_stock_that_is_sold_in_between_is_said_and_nothing_given(screen):
    rehearsed = screen.rehearse(LIST)
    TicketType.objects.update(quantity=2)
    answer = screen.confirm(rehearsed)
    assert "Something changed since you looked" in answer.content.decode()
    assert not Order.objects.exists()


def test_guests_can_be_given_out_of_a_house_hold(screen, ticket_type, bea):
    hold = house.keep(ticket_type, quantity=2, label="Artist", by=bea, now=timezone.now())
    rows = [
        HEADER,
        ["gil@example.com", "Gil", GA, "2", "Artist", "Artist"],
        ["pia@example.com", "P", GA, "1", "x", "Artist"],
    ]
    assert [problem.row for problem in screen.report(rows).problems] == [3]
    screen.take(rows[:2])
    hold.refresh_from_db()
    assert (hold.given, hold.left) == (2, 0)


def test_events_that_sell_nothing_any_more_and_those_of_others_are_not_offered(
    screen, bea, event, other_venue, gus, stan
):
    draft = EventFactory(venue=event.venue, status="draft")
    over = EventFactory(
        venue=event.venue, doors_at=timezone.now() - timedelta(days=2), starts_at=timezone.now() - timedelta(days=2),
        ends_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    theirs = EventFactory(venue=other_venue)
    TicketTypeFactory(event=theirs, name=GA)
    for each in (draft, over, theirs):
        assert screen.rehearse(LIST, target=each).context["form"].errors["target"]
    assert Screen(stan, Comp, event).rehearse(LIST).context["form"].errors["target"]
    assert as_(gus).get(screen.address).status_code == 403
    assert not Order.objects.exists()


def test_what_a_guest_costs(bea, event, ticket_type):
    def statements(count: int, name: str) -> int:
        content = csv_of([HEADER[:5], *([f"{name}{n}@example.com", "G", GA, "1", "x"] for n in range(count))])
        with CaptureQueriesContext(connection) as seen:
            report = running.run(IMPORTER, event, content, by=bea, now=timezone.now())
        assert report.problems == []
        return len(seen)

    each = (statements(12, "b") - statements(2, "a")) / 10
    assert each < 120, each
