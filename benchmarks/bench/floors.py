"""The floor of SQL: the least that does the same, by pgbench with prepared statements on tables of their own."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.bench.installation import Installation
from benchmarks.bench.processes import cpu_ms
from trufan.tests.parts import program

TABLES = """
SET client_min_messages = error;
DROP TABLE IF EXISTS floor_type, floor_order, floor_line, floor_ticket, floor_scan;
CREATE TABLE floor_type (id int PRIMARY KEY, quantity int NOT NULL, sold int NOT NULL, CHECK (sold <= quantity));
CREATE TABLE floor_order (id uuid PRIMARY KEY, buyer int NOT NULL, total int NOT NULL, made timestamptz NOT NULL);
CREATE TABLE floor_line (id uuid PRIMARY KEY, order_id uuid NOT NULL, type_id int NOT NULL, quantity int NOT NULL);
CREATE TABLE floor_ticket (id uuid PRIMARY KEY, number serial UNIQUE, line_id uuid, status text, used timestamptz);
CREATE TABLE floor_scan (id uuid PRIMARY KEY, ticket_id uuid, at timestamptz NOT NULL);
INSERT INTO floor_type SELECT n, 1000000000, 0 FROM generate_series(1, 100) n;
INSERT INTO floor_ticket (id, status) SELECT gen_random_uuid(), 'valid' FROM generate_series(1, 200000);
"""
_PURCHASE = """
WITH took AS (UPDATE floor_type SET sold = sold + 1 WHERE id = :kind AND sold < quantity RETURNING id),
 o AS (INSERT INTO floor_order SELECT gen_random_uuid(), :buyer, 0, now() FROM took RETURNING id),
 l AS (INSERT INTO floor_line SELECT gen_random_uuid(), o.id, took.id, 1 FROM o, took RETURNING id)
INSERT INTO floor_ticket (id, line_id, status) SELECT gen_random_uuid(), id, 'valid' FROM l RETURNING id;
"""
SCRIPTS = {
    "purchase": f"\\set kind 1\n\\set buyer random(1, 1000)\n{_PURCHASE}",
    "purchase-spread": f"\\set kind random(1, 100)\n\\set buyer random(1, 1000)\n{_PURCHASE}",
    "scan": """
\\set wanted random(1, 200000)
WITH passed AS (UPDATE floor_ticket SET status = 'used', used = now() WHERE number = :wanted RETURNING id)
INSERT INTO floor_scan SELECT gen_random_uuid(), id, now() FROM passed RETURNING id;
""",
}


class Floors:
    """A database of their own in the installation's PostgreSQL."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._address = installation.postgres.address("postgres").replace("postgres://", "postgresql://")
        run = [str(program("psql")), "-q", "-v", "ON_ERROR_STOP=1", self._address]
        subprocess.run(run, input=TABLES, text=True, check=True, stdout=subprocess.DEVNULL)

    def measure(self, name: str, clients: int, seconds: float) -> dict[str, float]:
        """Transactions a second, their average latency and what one costs PostgreSQL, in milliseconds."""
        pid = self._installation.postgres.pid
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "script.sql"
            script.write_text(SCRIPTS[name])
            before = cpu_ms(pid)
            run = subprocess.run(
                [str(program("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T",
                 str(max(1, round(seconds))), "-f", str(script), self._address],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            spent = cpu_ms(pid) - before
        rate, done = _figure(r"tps = ([\d.]+)", run.stdout), _figure(r"actually processed: (\d+)", run.stdout)
        return {"rate": rate, "p50": _figure(r"latency average = ([\d.]+)", run.stdout), "postgresql": spent / done}


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"pgbench said: {text}")
    return float(found[1])
