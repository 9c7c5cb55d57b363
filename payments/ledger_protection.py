"""The books defend themselves: no entry or line is changed or deleted, and none is committed that does not balance.

The balance is asked at the commit, which PostgreSQL can and SQLite cannot; there `ledger.post` refuses before it writes
and `manage.py check_books` tells of what was written past it. How triggers are made and lost: `trufan.lib.triggers`.
"""

from __future__ import annotations

from trufan.lib.triggers import Trigger, TriggerSet, append_only

ENTRIES, LINES = "payments_journalentry", "payments_ledgerline"

_BALANCE = TriggerSet(
    sqlite=[],
    postgres=[
        Trigger(
            f"{table}_balanced",
            table,
            f"""CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_balanced('{key}')""",
        )
        for table, key in ((ENTRIES, "id"), (LINES, "entry_id"))
    ],
    functions={
        "payments_balanced": """CREATE OR REPLACE FUNCTION payments_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            entry uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
            sound boolean;
        BEGIN
            SELECT count(line.id) >= 2 AND sum(line.amount) = 0 AND bool_and(
                line.currency = head.currency AND line.occurred_at = head.occurred_at
            ) INTO sound
            FROM payments_journalentry head JOIN payments_ledgerline line ON line.entry_id = head.id
            WHERE head.id = entry;
            IF sound IS NOT TRUE THEN
                RAISE EXCEPTION 'journal entry % does not balance', entry USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$""",
    },
)
_ALL = _BALANCE + append_only(
    ENTRIES, LINES, function="payments_refuse", refusal="entries of the ledger are never changed or deleted"
)

#: Make what is missing; lift the guards, not the balance; take everything away; name what should stand and doesn't.
install, remove, uninstall, missing = _ALL.install, _ALL.remove, _ALL.uninstall, _ALL.missing
