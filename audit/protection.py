"""The tables say no themselves: triggers refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE in plain SQL.

They hold against every role that does not own the tables. An owner may drop them, so run the application under a role
of its own (docs/adr/0003); whoever gets past them all the same is found by `verify_audit`.

A later migration that alters `audit_auditlog` or `audit_auditseal` on SQLite copies the table and so loses its
triggers: end it with `install`.
"""

from __future__ import annotations

from trufan.lib.triggers import Trigger, TriggerSet, append_only

ENTRIES, SEALS = "audit_auditlog", "audit_auditseal"

#: Puts new entries into the queue of those to be sealed.
_QUEUE = TriggerSet(
    sqlite=[
        Trigger(
            "audit_enqueue",
            ENTRIES,
            """CREATE TRIGGER audit_enqueue AFTER INSERT ON audit_auditlog
            BEGIN INSERT INTO audit_unsealedentry (entry_id) VALUES (NEW.id); END""",
        )
    ],
    postgres=[
        Trigger(
            "audit_enqueue",
            ENTRIES,
            """CREATE TRIGGER audit_enqueue AFTER INSERT ON audit_auditlog
            FOR EACH ROW EXECUTE FUNCTION audit_enqueue()""",
        )
    ],
    functions={
        "audit_enqueue": """CREATE OR REPLACE FUNCTION audit_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO audit_unsealedentry (entry_id) VALUES (NEW.id); RETURN NULL; END $$""",
    },
)
_ALL = _QUEUE + append_only(
    ENTRIES, SEALS, function="audit_refuse", refusal="audit records are never changed or deleted"
)

#: Make what is missing; lift the guards, not the queue; take everything away; name what should stand and doesn't.
install, remove, uninstall, missing = _ALL.install, _ALL.remove, _ALL.uninstall, _ALL.missing
