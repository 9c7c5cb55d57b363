"""Seats out of a spreadsheet: each row is shown, what is in use stays, and all of the file is taken or nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from trufan.lib.importing import running
from trufan.testing import StaffFactory
from trufan.tests.console_client import as_
from trufan.tests.imports import Screen, csv_of, xlsx_of
from venues.models import Seat, SeatingPlan
from venues.seating import exporting, uses
from venues.seating.tables import IMPORTER

pytestmark = pytest.mark.django_db
HEADER = ["section", "row", "number", "x", "y", "accessible"]
SEATS = [HEADER, ["Stalls", "A", "1", "-0.5", "5", "yes"], ["Stalls", "A", "2", "0,5", "5", ""]]


@pytest.fixture
def hall(venue) -> SeatingPlan:
    return SeatingPlan.objects.create(venue=venue, name="Hall")


@pytest.fixture
def screen(olga, hall) -> Screen:
    return Screen(olga, SeatingPlan, hall)


def test_a_dry_run_writes_nothing(screen, hall):
    report = screen.report(SEATS)
    assert [(line.row, line.deed, line.what) for line in report.lines] == [
        (2, "made", "STALLS-A-1"), (3, "made", "STALLS-A-2"),
    ]  # fmt: skip
    before = hall.version
    hall.refresh_from_db()
    assert (hall.seats.count(), hall.sections.count(), hall.version) == (0, 0, before)
    assert not AuditLog.objects.filter(action__startswith="seat").exists()


def test_the_seats_become_those_of_the_file(screen, hall, olga):
    screen.take(SEATS)
    assert list(hall.seats.order_by("number").values_list("x", "accessible")) == [(-0.5, True), (0.5, False)]
    entry = AuditLog.objects.get(action="seats.imported")
    assert (entry.entity_id, entry.actor_id, entry.new_values) == (hall.pk, olga.pk, {"rows": 2, "made": 2})


def test_the_same_file_twice_leaves_every_seat_as_it_is(screen, hall):
    screen.take(SEATS)
    before = set(hall.seats.values_list("pk", "label"))
    assert screen.report(SEATS).counts == {"same": 2}
    screen.take(SEATS)
    assert set(hall.seats.values_list("pk", "label")) == before


def test_what_moves_and_what_goes_is_said_seat_by_seat(screen, hall):
    screen.take(SEATS)
    report = screen.report([HEADER, ["Stalls", "A", "1", "0", "5", "yes"], ["Stalls", "A", "3", "2", "5", "no"]])
    assert [(line.row, line.deed, line.what) for line in report.lines] == [
        (2, "changed", "STALLS-A-1"), (3, "made", "STALLS-A-3"), (None, "removed", "STALLS-A-2"),
    ]  # fmt: skip
    assert report.lines[0].changes == ("x: -0.5 → 0.0",)


def test_a_seat_in_use_cannot_go(screen, hall, monkeypatch):
    screen.take(SEATS)
    monkeypatch.setattr(uses, "among", lambda plan_id, ids: set(ids))
    report = screen.report(SEATS[:2])
    assert [(each.row, each.message) for each in report.problems] == [(None, "Seat STALLS-A-2 is in use.")]
    assert hall.seats.count() == 2


def test_every_problem_is_said_at_its_row_and_column(screen):
    rows = [
        HEADER,
        ["Stalls", "A", "1", "here", "5", "perhaps"],
        ["Stalls", "A", "2", "1", "5", ""],
        ["Stalls", "A", "2", "2", "5", ""],
    ]
    found = screen.problems(rows)
    assert {(2, "x"), (2, "accessible")} <= set(found)
    assert any(row == 4 for row, _ in found)
    assert screen.problems([HEADER, ["", "A", "1", "0", "5", ""]]) == [(2, "section")]
    assert screen.problems([HEADER, ["Stalls", "=A1", "1", "0", "5", ""]])[0] == (2, "row")
    assert not Seat.objects.exists()


def test_what_is_exported_is_imported_as_it_is_in_both_kinds(screen, hall):
    screen.take(SEATS)
    assert screen.report(exporting.as_csv(hall).encode()).counts == {"same": 2}
    assert screen.report(xlsx_of([HEADER, ["Stalls", "A", 1, -0.5, 5, True], ["Stalls", "A", 2.0, 0.5, 5]])).counts == {
        "same": 2
    }


def test_plans_of_others_and_retired_ones_are_not_offered(screen, hall, other_venue, stan, venue):
    theirs = SeatingPlan.objects.create(venue=other_venue, name="Theirs")
    retired = SeatingPlan.objects.create(venue=venue, name="Old", is_active=False)
    for each in (theirs, retired):
        assert screen.rehearse(SEATS, target=each).context["form"].errors["target"]
    assert Screen(stan, SeatingPlan, hall).rehearse(SEATS).context["form"].errors["target"]
    usher = StaffFactory(venue=venue, role="door").user
    assert as_(usher).get(screen.address).status_code == 403


def test_thousands_of_seats_take_a_few_statements_for_each_two_thousand(hall, olga):
    def statements(count: int) -> int:
        rows = [["Stalls", str(n // 100), str(n % 100), n % 100, n // 100, ""] for n in range(count)]
        with CaptureQueriesContext(connection) as seen:
            report = running.run(IMPORTER, hall, csv_of([HEADER, *rows]), by=olga, now=timezone.now())
        assert report.counts == {"made": count}
        return len(seen)

    few = statements(2_000)
    # SQLite takes fewer rows in one statement.
    assert statements(6_000) - few <= 2 * (60 if connection.vendor == "sqlite" else 2)
