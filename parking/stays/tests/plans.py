"""How PostgreSQL carries out what a piece of code asks: which rows it reads, and through which indexes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

_READS = re.compile(r"^\s*SELECT\b", re.IGNORECASE)
_WRITES = re.compile(r"^\s*(UPDATE|DELETE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Scan:
    """One table that a query reads. `rows`: those that it looked at, found or not."""

    sql: str
    table: str
    kind: str
    rows: int


def queries_of(act: Callable[[], Any]) -> list[str]:
    """What the code asks of the database, transactions aside."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        act()
    return [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def scans_of(queries: list[str]) -> Iterator[Scan]:
    """Every scan of every query that reads, as it is carried out now; writing ones are planned only."""
    for sql in queries:
        if not (_READS.match(sql) or _WRITES.match(sql)):
            continue
        analyze = ", ANALYZE, TIMING OFF" if _READS.match(sql) else ""
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON{analyze}) {sql}")
            plan = cursor.fetchone()[0]
        tree = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        yield from _scans(sql, tree)


def _scans(sql: str, node: dict[str, Any]) -> Iterator[Scan]:
    if "Relation Name" in node:
        loops = max(node.get("Actual Loops", 1), 1)
        seen = node.get("Actual Rows", node["Plan Rows"]) + node.get("Rows Removed by Filter", 0)
        yield Scan(sql, node["Relation Name"], node["Node Type"], int(seen * loops))
    for each in node.get("Plans", []):
        yield from _scans(sql, each)
