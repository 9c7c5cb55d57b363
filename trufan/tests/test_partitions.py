"""Scans and the audit trail in monthly partitions: turned in place, they go on as before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit import protection, sealing, verifying
from audit.models import AuditLog
from audit.trail import record
from ticketing import codes
from ticketing.models import Scan
from ticketing.tests.sales import buy
from trufan.doctor.database import monthly_partitions
from trufan.lib import partitions
from trufan.lib.ids import uuid7
from trufan.lib.partitions import bound, month_of
from trufan.partitioned import TABLES

SCANS, AUDIT = TABLES["scans"], TABLES["audit"]
on_postgres = [pytest.mark.postgres, pytest.mark.django_db]


def test_keys_that_are_made_now_lie_in_this_month():
    now = timezone.now()
    assert UUID(bound(month_of(now))) < uuid7() < UUID(bound(month_of(now, 1)))
    assert month_of(datetime(2026, 11, 30, 23, tzinfo=UTC), 2) == datetime(2027, 1, 1, tzinfo=UTC)


def settled():
    """What waits for the commit is checked now: PostgreSQL alters no table with checks that wait."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def door(api, gus, fay, ticket_type):
    """Three tickets, the first of them let in already; scans are sent as Gus."""
    tickets = buy(fay, ticket_type, 3)

    def scan(number, nonce=None):
        code = codes.sign(tickets[number])
        answer = api.as_(gus).post("/api/v1/checkin/scans", {"code": code, "nonce": nonce or uuid4().hex})
        return answer.json()

    scan(0)
    settled()
    return scan


class TestTurned:
    pytestmark = on_postgres

    @pytest.fixture(autouse=True)
    def turned(self, door):
        self.scans, self.entries = Scan.objects.count(), AuditLog.objects.count()
        for name in TABLES:
            call_command("partition", "start", name)

    def test_nothing_is_lost_and_the_door_goes_on(self, door):
        assert (Scan.objects.count(), AuditLog.objects.count()) == (self.scans, self.entries)
        assert door(0)["reason"] == "already_used"
        first, again = door(1, "n1"), door(1, "n1")
        assert first["result"] == again["result"] == "accepted"
        assert Scan.objects.count() == self.scans + 2

    def test_a_nonce_is_kept_once_also_for_who_does_not_look_before(self, door, gus):
        door(1, "n1")
        row = Scan.objects.get(nonce="n1")
        row.pk, row._state.adding = uuid7(), True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)
        assert Scan.objects.bulk_create([row], ignore_conflicts=True) and Scan.objects.filter(nonce="n1").count() == 1

    def test_the_trail_is_sealed_and_verified_over_its_partitions(self, venue):
        record("venue.changed", venue)
        assert sealing.seal(timezone.now()) == self.entries + 1
        assert verifying.verify().head.sequence == self.entries + 1

    def test_the_guards_stand_on_the_table_and_on_each_partition(self):
        protection.remove(connection)
        protection.install(connection)
        assert not protection.missing(connection)

    def test_it_is_turned_once(self):
        with pytest.raises(CommandError, match="already"):
            call_command("partition", "start", "scans")

    def test_the_nightly_unit_names_no_table(self, capsys):
        [last] = [name for name, _, _ in partitions.partitions(SCANS) if not name.endswith(("p0", "rest"))][-1:]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {last}")
        call_command("partition", "ahead")
        assert capsys.readouterr().out.count("Made:") == 2
        assert last in {name for name, _, _ in partitions.partitions(SCANS)}

    def test_next_months_are_made_ahead_and_missing_ones_told(self):
        now = timezone.now()
        assert partitions.ahead(SCANS, now) == []
        assert {each.severity for each in monthly_partitions()} == {"ok"}
        later = now + timedelta(days=200)
        assert any("no partition" in each for each in partitions.problems(SCANS, later))
        assert partitions.ahead(SCANS, later)
        assert not list(partitions.problems(SCANS, later))

    def test_rows_of_no_month_are_kept_and_told(self, door):
        door(1, "n1")
        row = Scan.objects.get(nonce="n1")
        row.pk, row.nonce, row._state.adding = UUID(bound(datetime(2090, 1, 1, tzinfo=UTC))), "n2", True
        row.save(force_insert=True)
        assert any("no month" in each for each in partitions.problems(SCANS, timezone.now()))

    def test_months_of_the_trail_stay(self):
        with pytest.raises(CommandError, match="one chain"):
            call_command("partition", "detach", "audit", before="2099-01")

    def test_months_of_scans_go_once_nothing_needs_them(self, door, event):
        after = month_of(timezone.now(), 2)
        settled()
        with pytest.raises(CommandError, match="still needed"), transaction.atomic():
            call_command("partition", "detach", "scans", before=f"{after:%Y-%m}")
        assert Scan.objects.count() == self.scans
        long_ago = timezone.now() - timedelta(days=400)
        type(event).objects.filter(pk=event.pk).update(
            doors_at=long_ago, starts_at=long_ago, ends_at=long_ago + timedelta(hours=3)
        )
        settled()
        call_command("partition", "detach", "scans", before=f"{after:%Y-%m}")
        assert Scan.objects.count() == 0


@pytest.mark.postgres
@pytest.mark.django_db
def test_where_nothing_is_partitioned_the_nightly_unit_makes_nothing(capsys):
    call_command("partition", "ahead")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_only_postgresql_has_partitions():
    if connection.vendor == "postgresql":
        pytest.skip("of other databases")
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("partition", "status", "scans")
