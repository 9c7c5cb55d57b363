"""How the console answers when there is a lot in it: lists, rows' pages, searches, the dashboard, the box.

    DATABASE_URL=postgres://…/load python manage.py seed_load --yes
    DATABASE_URL=postgres://…/load python benchmarks/console.py [manager|admin] [part of an address]

Reads a database that `seed_load` has filled; all it writes is a session and, the first time, a super admin. Prints for
each page its queries, the slowest of them, and the milliseconds of the second of two requests; below a page, what to
look at: a table of more than 20,000 rows that is read from end to end, and a count without a limit.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext, setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
BIG = 20_000
_SCANNED = re.compile(r"Seq Scan on (\w+)")


def main(who: str, part: str) -> None:
    """Open everything as one of them, or as both."""
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("Plans are read from PostgreSQL: set DATABASE_URL.")
    setup_test_environment(debug=False)
    from accounts.models import User
    from trufan.tests.console_client import as_

    manager = User.objects.filter(email__startswith="load-manager-").latest("created_at")
    admin = User.objects.filter(role="super_admin").first()
    admin = admin or User.objects.create_superuser("load-admin@example.com", None)
    for name, user in (("manager", manager), ("admin", admin)):
        if who in (name, ""):
            client = as_(user)
            _say(f"\nas {name}\n{'queries':>7}{'slowest':>9}{'ms':>7}  page")
            for address in _addresses(client, part):
                _open(client, address)


def _addresses(client: Any, part: str) -> Iterator[str]:
    from django.contrib import admin
    from django.urls import reverse

    yield reverse("admin:index")
    for typed in ("ABCD12", "pat person7", "fan7@example.com", "LABC123"):
        yield reverse("console_find", query={"q": typed})
    for model in admin.site._registry:
        listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if part not in listed or client.get(listed).status_code != 200:
            continue
        yield listed
        if model._meta.db_table in _big():
            yield f"{listed}?p=3"
            for typed in ("ABCD12", "person77", "fan7@example.com"):
                yield f"{listed}?q={typed}"
        row = model._default_manager.order_by("pk").last()
        if row is not None:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])


def _open(client: Any, address: str) -> None:
    client.get(address)
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    took = (time.perf_counter() - begun) * 1000
    slowest = max((float(query["time"]) * 1000 for query in queries), default=0)
    status = "" if answer.status_code == 200 else f" ({answer.status_code})"
    _say(f"{len(queries):>7}{slowest:>9.0f}{took:>7.0f}  {address}{status}")
    for flag in sorted(set(_flags(queries))):
        _say(f"{'':>25}{flag}")


def _flags(queries: Any) -> Iterator[str]:
    for query in queries:
        statement = query["sql"]
        if not statement.startswith("SELECT"):
            continue
        slow = float(query["time"]) * 1000
        if "COUNT(" in statement and "LIMIT" not in statement and slow > 5:
            yield f"counts without a limit, {slow:.0f} ms: {_short(statement)}"
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + statement)
            plan = " ".join(line for (line,) in cursor.fetchall())
        for table in set(_SCANNED.findall(plan)) & _big():
            yield f"reads all of {table}, {slow:.0f} ms: {_short(statement)}"


def _big() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG])
        return {name for (name,) in cursor.fetchall()}


def _short(statement: str) -> str:
    begins = statement.find(" FROM ")
    return f"…{statement[begins:][:150]} … {statement[-110:]}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2] if len(sys.argv) > 2 else "")
