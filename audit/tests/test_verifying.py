"""Whatever is done to the tables by plain SQL, past the triggers, is found and named."""

import tracemalloc
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from audit import fingerprints, protection, sealing, trail, verifying
from audit.models import AuditLog, AuditSeal, UnsealedEntry
from audit.verifying import Broken, Link, verify

pytestmark = pytest.mark.django_db
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores no malformed value at all")


@pytest.fixture
def chain(venue) -> list[AuditSeal]:
    """Five sealed entries and two that wait."""
    for n in range(5):
        trail.record("venue.changed", venue, old={"n": n}, new={"n": n + 1})
    sealing.seal(timezone.now())
    for n in range(2):
        trail.record("venue.changed", venue, new={"n": n})
    connection.check_constraints()
    return list(AuditSeal.objects.select_related("entry"))


def run(sql: str, *values: object) -> None:
    """Plain SQL with foreign keys unchecked, as somebody with the run of the database has it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = 'replica'")
            cursor.execute(sql, values)
            cursor.execute("SET LOCAL session_replication_role = 'origin'")
        else:
            cursor.execute(sql, [value.hex if isinstance(value, UUID) else value for value in values])


def alter(table: str, column: str, value: object, key: object) -> None:
    named = "sequence" if table == "audit_auditseal" else "id"
    run(" ".join(["UPDATE", table, "SET", column, "= %s WHERE", named, "= %s"]), value, key)


@pytest.fixture(autouse=True)
def leave_in_order(db):
    """Rows are left in disorder on purpose, and SQLite checks foreign keys when the test's transaction ends."""
    yield
    run("DELETE FROM audit_auditseal")
    run("DELETE FROM audit_auditlog")


def broken() -> str:
    with pytest.raises(Broken) as found:
        verify()
    return str(found.value)


def test_an_untouched_trail_is_intact(chain):
    verdict = verify()
    assert verdict.head == Link(5, chain[-1].hash)
    assert verdict.unsealed == 2


def test_an_empty_trail_is_intact():
    assert verify().head == Link(0, fingerprints.BEGINNING)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "venue.nothing"),
        ("old_values", '{"n": 99}'),
        ("new_values", "{}"),
        ("created_at", "2020-01-01 00:00:00+00:00"),
        ("entity_type", "x"),
        ("entity_id", None),
        ("venue_id", None),
        ("ip_address", "203.0.113.1"),
        ("user_agent", "x"),
        ("correlation_id", "x"),
        ("digest", "0" * 64),
    ],
)
def test_an_altered_entry_is_named(chain, column, value):
    alter("audit_auditlog", column, value, chain[2].entry_id)
    alter("audit_auditlog", column, value, chain[3].entry_id)
    assert broken().startswith(f"entry {chain[2].entry_id} is not what was written")


def test_an_entry_put_into_anothers_mouth_is_named(chain, fay):
    run("UPDATE audit_auditlog SET actor_id = %s WHERE id = %s", fay.pk, chain[1].entry_id)
    assert broken().startswith(f"entry {chain[1].entry_id} is not")


def test_a_fingerprint_made_without_the_key_is_found(chain, settings):
    entry = chain[2].entry
    key, settings.AUDIT_KEY, entry.action = settings.AUDIT_KEY, "guessed", "venue.nothing"
    forged = fingerprints.of_entry(entry)
    settings.AUDIT_KEY = key
    run("UPDATE audit_auditlog SET action = %s, digest = %s WHERE id = %s", entry.action, forged, entry.pk)
    assert broken().startswith(f"entry {entry.pk} is not")


def test_a_deleted_entry_is_named(chain):
    run("DELETE FROM audit_auditlog WHERE id = %s", chain[2].entry_id)
    assert broken() == f"entry {chain[2].entry_id} was deleted: seal 3 has sealed it"


def test_an_entry_deleted_with_its_seal_leaves_a_gap(chain):
    run("DELETE FROM audit_auditseal WHERE sequence = 3")
    run("DELETE FROM audit_auditlog WHERE id = %s", chain[2].entry_id)
    assert broken() == "seal 3 is missing: seal 4 follows 2"


def test_a_gap_closed_by_renumbering_is_found(chain):
    run("DELETE FROM audit_auditseal WHERE sequence = 3")
    run("DELETE FROM audit_auditlog WHERE id = %s", chain[2].entry_id)
    run("UPDATE audit_auditseal SET sequence = 3 WHERE sequence = 4")
    assert broken() == "seal 3 does not follow seal 2"


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("hash", "f" * 64, "seal 3 was altered"),
        ("previous", "f" * 64, "seal 3 does not follow seal 2"),
        ("sealed_at", "2020-01-01 00:00:00+00:00", "seal 3 was altered"),
        ("sequence", 33, "seal 3 is missing: seal 4 follows 2"),
    ],
)
def test_an_altered_seal_is_named(chain, column, value, why):
    alter("audit_auditseal", column, value, 3)
    assert broken() == why


def test_a_seal_moved_to_another_entry_is_found(chain, venue):
    other = AuditLog.objects.filter(seal=None).first()
    run("UPDATE audit_auditseal SET entry_id = %s WHERE sequence = 3", other.pk)
    assert broken() == "seal 3 was altered"


def test_seals_in_another_order_are_found(chain):
    for now, then in ((2, 22), (3, 2), (22, 3)):
        run("UPDATE audit_auditseal SET sequence = %s WHERE sequence = %s", then, now)
    assert broken() == "seal 2 does not follow seal 1"


def test_a_missing_first_seal_is_found(chain):
    run("DELETE FROM audit_auditseal WHERE sequence = 1")
    assert broken() == "seal 1 is missing: seal 2 follows 0"


def test_a_deleted_last_seal_leaves_its_entry_without_a_place(chain):
    run("DELETE FROM audit_auditseal WHERE sequence = 5")
    assert broken().startswith(f"entry {chain[4].entry_id} has neither a seal nor a place in the queue")


def test_an_end_cut_off_with_its_entries_is_found_by_a_witness(chain):
    witness = Link(5, chain[4].hash)
    run("DELETE FROM audit_auditseal WHERE sequence = 5")
    run("DELETE FROM audit_auditlog WHERE id = %s", chain[4].entry_id)
    assert verify().head.sequence == 4
    with pytest.raises(Broken, match="seal 5 is missing"):
        verify(witness)
    sealing.seal(timezone.now())
    with pytest.raises(Broken, match="seal 5 is not the one that was seen before"):
        verify(witness)


def test_an_altered_entry_that_waits_for_its_seal_is_named(chain):
    waiting = AuditLog.objects.filter(seal=None).order_by("id").last()
    run("UPDATE audit_auditlog SET action = 'x' WHERE id = %s", waiting.pk)
    assert broken().startswith(f"entry {waiting.pk} is not")


def test_an_entry_deleted_before_its_seal_is_named(chain):
    waiting = AuditLog.objects.filter(seal=None).first()
    run("DELETE FROM audit_auditlog WHERE id = %s", waiting.pk)
    assert broken() == f"entry {waiting.pk} was deleted before it was sealed"


def test_an_entry_taken_out_of_the_queue_is_named(chain):
    waiting = AuditLog.objects.filter(seal=None).order_by("id").first()
    run("DELETE FROM audit_unsealedentry")
    assert broken().startswith(f"entry {waiting.pk} has neither")


def test_an_entry_smuggled_in_is_named(chain, settings):
    key, settings.AUDIT_KEY = settings.AUDIT_KEY, "guessed"
    smuggled = trail.record("venue.praised", chain[0].entry.actor)
    settings.AUDIT_KEY = key
    sealing.seal(timezone.now())
    assert broken().startswith(f"entry {smuggled.pk} is not")


@sqlite_only
@pytest.mark.parametrize(("column", "value"), [("created_at", "soon"), ("created_at", 5), ("ip_address", "nowhere")])
def test_malformed_content_is_named(chain, column, value):
    alter("audit_auditlog", column, value, chain[3].entry_id)
    assert broken().startswith(f"entry {chain[3].entry_id} is not")


@sqlite_only
@pytest.mark.parametrize(("column", "value"), [("venue_id", "nowhere"), ("created_at", "2026-99-99 00:00:00")])
def test_content_that_cannot_be_read_any_more_is_named(chain, column, value):
    alter("audit_auditlog", column, value, chain[3].entry_id)
    assert broken() == f"entry {chain[3].entry_id} cannot be read: its content was altered"


@sqlite_only
@pytest.mark.parametrize(
    ("value", "why"), [("soon", "was altered"), ("2026-99-99 00:00:00", "cannot be read: its content was altered")]
)
def test_a_seal_with_malformed_content_is_named(chain, value, why):
    alter("audit_auditseal", "sealed_at", value, 4)
    assert broken() == f"seal 4 {why}"


def test_pages_join_without_a_gap(chain, monkeypatch):
    monkeypatch.setattr(verifying, "PAGE", 2)
    assert (verify().head.sequence, verify().unsealed) == (5, 2)
    run("UPDATE audit_auditlog SET action = 'x' WHERE id = %s", chain[4].entry_id)
    assert broken().startswith(f"entry {chain[4].entry_id} ")


def test_memory_does_not_grow_with_the_history(venue, monkeypatch):
    monkeypatch.setattr(verifying, "PAGE", 20)
    sizes = []
    for _ in range(2):
        for _ in range(300):
            trail.record("venue.changed", venue, new={"text": "x" * 5_000})
        sealing.seal(timezone.now())
        tracemalloc.start()
        verify()
        sizes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert sizes[1] < sizes[0] * 1.3


def test_the_command_tells_the_head_and_what_waits(chain, capsys):
    call_command("verify_audit")
    said = capsys.readouterr()
    assert said.out == f"Intact: 5 entries sealed, 2 not yet.\nHead: 5:{chain[4].hash}\n"
    assert "The trigger audit_auditlog" in said.err


def test_the_command_says_nothing_of_triggers_that_stand(chain, capsys):
    protection.install(connection)
    call_command("verify_audit")
    assert capsys.readouterr().err == ""
    protection.remove(connection)


def test_the_command_fails_on_a_broken_row(chain):
    run("UPDATE audit_auditlog SET action = 'x' WHERE id = %s", chain[0].entry_id)
    with pytest.raises(CommandError, match=f"Broken: entry {chain[0].entry_id}") as failure:
        call_command("verify_audit")
    assert failure.value.returncode == 1


def test_the_command_takes_a_witness(chain):
    call_command("verify_audit", "--head", f"5:{chain[4].hash}")
    with pytest.raises(CommandError, match="seal 6 is missing"):
        call_command("verify_audit", "--head", f"9:{chain[4].hash}")
    with pytest.raises(CommandError, match="is not sequence:hash"):
        call_command("verify_audit", "--head", "nonsense")


def test_a_place_in_the_queue_goes_with_the_seal(chain):
    assert UnsealedEntry.objects.count() == 2
    sealing.seal(timezone.now())
    assert UnsealedEntry.objects.count() == 0
