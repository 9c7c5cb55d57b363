"""Entries are linked into one chain after their transactions, each once."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from audit import protection, sealing, trail
from audit.models import AuditLog, AuditSeal, UnsealedEntry
from audit.verifying import verify
from trufan.lib import sweeps

pytestmark = pytest.mark.django_db


def test_every_entry_is_sealed_once(venue, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 3)
    entries = [trail.record("venue.changed", venue, new={"n": n}) for n in range(10)]
    assert sealing.seal(timezone.now()) == 10
    assert sealing.seal(timezone.now()) == 0
    chain = list(AuditSeal.objects.order_by("sequence"))
    assert [seal.sequence for seal in chain] == list(range(1, 11))
    assert [seal.previous for seal in chain[1:]] == [seal.hash for seal in chain[:-1]]
    assert {seal.entry_id for seal in chain} == {entry.pk for entry in entries}
    assert not UnsealedEntry.objects.exists()


def test_entries_are_sealed_in_the_order_of_their_time(venue):
    entries = [trail.record("venue.changed", venue, new={"n": n}) for n in range(10)]
    sealing.seal(timezone.now())
    in_time = sorted(entries, key=lambda entry: (entry.created_at, entry.pk))
    assert list(AuditSeal.objects.values_list("entry_id", flat=True)) == [entry.pk for entry in in_time]


def test_an_entry_that_commits_late_is_sealed_later(venue):
    late = trail.record("venue.changed", venue)
    UnsealedEntry.objects.all().delete()
    trail.record("venue.changed", venue)
    sealing.seal(timezone.now() + timedelta(days=3))
    UnsealedEntry.objects.create(entry=late)
    assert sealing.seal(timezone.now() + timedelta(days=4)) == 1
    assert verify().head.sequence == 2


def test_a_rolled_back_entry_leaves_nothing_to_seal(venue):
    with pytest.raises(RuntimeError), transaction.atomic():
        trail.record("venue.changed", venue)
        raise RuntimeError
    assert sealing.seal(timezone.now()) == 0


def test_sealing_costs_the_same_whatever_the_history(venue, django_assert_max_num_queries):
    for n in range(50):
        trail.record("venue.changed", venue, new={"n": n})
    # Lock, savepoint and release, queue, last link, insert and delete; once more for the empty batch; the head.
    with django_assert_max_num_queries(16):
        assert sealing.seal(timezone.now()) == 50


def test_finding_what_to_seal_does_not_read_the_history(venue):
    first = trail.record("venue.changed", venue)
    copies = [
        AuditLog(created_at=first.created_at, action="venue.changed", digest=first.digest, user_agent="x" * 200)
        for _ in range(2_000)
    ]
    AuditLog.objects.bulk_create(copies)
    sealing.seal(timezone.now())
    fresh = trail.record("venue.changed", venue)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = sealing.places(None).explain() + sealing.unsealed([fresh.pk]).explain()
    for table in ("audit_auditlog", "audit_auditseal"):
        assert f"Seq Scan on {table}" not in plan, plan
        assert f"SCAN {table}" not in plan, plan


def test_places_without_an_entry_or_of_a_sealed_one_do_not_stop_the_sealer(venue):
    sealed = trail.record("venue.changed", venue)
    sealing.seal(timezone.now())
    UnsealedEntry.objects.create(entry=sealed)
    UnsealedEntry.objects.create(entry_id=venue.pk)
    trail.record("venue.changed", venue)
    assert sealing.seal(timezone.now()) == 1


def test_the_sweep_seals(venue):
    trail.record("venue.changed", venue)
    assert sweeps.run_all(timezone.now())["audit.seal"] == 1


def test_the_command_seals(venue, capsys):
    trail.record("venue.changed", venue)
    call_command("seal_audit")
    assert capsys.readouterr().out == "1 entries sealed\n"


def test_entries_written_without_the_trigger_can_be_queued_later(venue, capsys):
    connection.check_constraints()
    protection.uninstall(connection)
    trail.record("venue.changed", venue)
    connection.check_constraints()
    protection.install(connection)
    assert sealing.seal(timezone.now()) == 0
    call_command("seal_audit", "--unqueued")
    assert capsys.readouterr().out == "1 entries queued\n1 entries sealed\n"
    assert verify().head.sequence == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain_and_nobody_waits(venue):
    for n in range(40):
        trail.record("venue.changed", venue, new={"n": n})
    counts: list[int] = []

    def work() -> None:
        counts.append(sealing.seal(timezone.now()))
        connections.close_all()

    with transaction.atomic():
        # This sale is under way, its entry not committed, while four sealers run to their end.
        trail.record("venue.changed", venue)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
            assert not thread.is_alive()
        assert sum(counts) == 40
    assert sealing.seal(timezone.now()) == 1
    assert (verify().head.sequence, AuditLog.objects.count()) == (41, 41)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_sale_does_not_wait_for_the_sealer(venue):
    trail.record("venue.changed", venue)
    started = threading.Event()

    def sell() -> None:
        with transaction.atomic():
            trail.record("venue.changed", venue)
        started.set()
        connections.close_all()

    with transaction.atomic():
        assert sealing.seal(timezone.now()) == 1
        seller = threading.Thread(target=sell)
        seller.start()
        assert started.wait(timeout=10), "the sale waited for the chain"
        seller.join()
