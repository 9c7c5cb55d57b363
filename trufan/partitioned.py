"""Which tables may be kept in monthly partitions, and when a month of one may be taken off."""

from __future__ import annotations

from trufan.lib.partitions import Table

#: Scans of a month may go once none of their events ended in the last 90 days, and no scan that stays refers to one.
_USED_SCANS = """SELECT
    (SELECT count(*) FROM {partition} s JOIN events_event e ON e.id = s.event_id
        WHERE e.ends_at > %(now)s - interval '90 days')
    + (SELECT count(*) FROM {table} t JOIN {partition} s ON s.id = t.previous_id)
    + (SELECT count(*) FROM {table} t JOIN {partition} s ON s.id = t.undoes_id)"""
TABLES = {
    "scans": Table("ticketing_scan", is_used=_USED_SCANS),
    "audit": Table(
        "audit_auditlog",
        why_stays="The audit trail is one chain: an entry that is gone breaks it (verify_audit). Move old partitions "
        "to another disk instead: ALTER TABLE ... SET TABLESPACE.",
    ),
}
