"""Which tickets changed since a scanner last asked: nothing is missed, whoever commits when.

Counting changes up, or looking at `updated_at`, misses what commits late: a transaction that took number 7 may commit
after one that took 8, and a scanner that has seen 8 never asks for 7. So a ticket's `door_version` is the number of the
transaction that changed it (PostgreSQL's own, 64 bits, never used twice), and what a scanner is told is not the highest
number seen but the lowest that may still commit: the oldest transaction that was running (`pg_snapshot_xmin`). Whatever
commits later has at least that number, and comes with the next question; some rows come twice, which does no harm.

A trigger writes the number, so every path counts: `save`, `update`, SQL by hand. SQLite has one writer at a time; there
the number is one more than the event's highest, and nothing commits late.

Numbers mean something within one history of the database. Restored elsewhere, or on a standby that took over, they may
start again lower; so a version names its history, and with another one the scanner gets everything.
The why: docs/adr/0015-what-changed-since.md.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db import connection, connections, models

from ticketing.models import Ticket
from trufan.lib.errors import Invalid
from trufan.lib.triggers import Trigger, TriggerSet

_TABLE = "ticketing_ticket"
_FORM = re.compile(r"([0-9a-f]{12})-([0-9]{1,19})", re.ASCII)

_TRIGGERS = TriggerSet(
    # Beyond the event's highest, and beyond the row's own before: a stale row that is saved has lowered it.
    sqlite=[
        Trigger(
            "ticket_door_version_of_new",
            _TABLE,
            """CREATE TRIGGER ticket_door_version_of_new AFTER INSERT ON ticketing_ticket BEGIN
            UPDATE ticketing_ticket SET door_version = 1 +
                (SELECT MAX(door_version) FROM ticketing_ticket WHERE event_id = NEW.event_id)
            WHERE id = NEW.id; END""",
        ),
        Trigger(
            "ticket_door_version_of_changed",
            _TABLE,
            """CREATE TRIGGER ticket_door_version_of_changed AFTER UPDATE ON ticketing_ticket BEGIN
            UPDATE ticketing_ticket SET door_version = 1 +
                MAX(OLD.door_version, (SELECT MAX(door_version) FROM ticketing_ticket WHERE event_id = NEW.event_id))
            WHERE id = NEW.id; END""",
        ),
    ],
    postgres=[
        Trigger(
            "ticket_door_version",
            _TABLE,
            """CREATE TRIGGER ticket_door_version BEFORE INSERT OR UPDATE ON ticketing_ticket
            FOR EACH ROW EXECUTE FUNCTION ticket_door_version()""",
        )
    ],
    functions={
        "ticket_door_version": """
        CREATE OR REPLACE FUNCTION ticket_door_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.door_version := pg_current_xact_id()::text::bigint; RETURN NEW; END $$"""
    },
)

#: Make what is missing; take it away; name what should stand and doesn't.
install, uninstall, missing = _TRIGGERS.install, _TRIGGERS.uninstall, _TRIGGERS.missing


def restore(using: str, **_: Any) -> None:
    """After each `migrate`: on SQLite a migration that altered the table has copied it and left its triggers behind."""
    if missing(connections[using]):
        install(connections[using])


@dataclass(frozen=True)
class Version:
    """Up to where a scanner knows everything: whatever it doesn't know has at least this `number`, in this history."""

    history: str
    number: int

    def __str__(self) -> str:
        return f"{self.history}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `Invalid` where it is no version of ours."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise Invalid.field("since", "Give the version of a manifest, as it was.")
        return cls(found[1], int(found[2]))

    def reaches(self, now: Version) -> bool:
        """Whether what changed since this version can be told at `now`; otherwise everything must be."""
        return self.history == now.history and self.number <= now.number


def current(event_id: UUID) -> Version:
    """The event's version now. Ask before reading the rows: what commits between is then told twice, not never."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), "
                "pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM pg_control_system()"
            )
            cluster, timeline, number = cursor.fetchone()
        return Version(_history(event_id, f"{cluster}/{timeline}"), number)
    highest = Ticket.objects.filter(event=event_id).aggregate(most=models.Max("door_version"))["most"] or 0
    return Version(_history(event_id, ""), highest + 1)


def _history(event_id: UUID, database: str) -> str:
    return hashlib.sha256(f"{event_id}/{database}".encode()).hexdigest()[:12]
