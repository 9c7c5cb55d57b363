"""An import, rehearsed or done: in both cases the rules write, and a rehearsal takes all of it back.

So what a dry run shows is what the import does, stock, limits and constraints included. All rows are written in one
transaction, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet

from trufan.lib.errors import DomainError
from trufan.lib.importing.reports import Report
from trufan.lib.importing.rows import Column, Row, rows_of


class Importer:
    """What one kind of file is imported into and how; each app declares its own."""

    #: In the audit trail: `products` becomes `products.imported`, and `products.csv` is the template.
    name: str
    #: What the screen says: its title, what is chosen there, and how rows are recognised.
    title: str
    target_label: str
    recognised: str
    #: Asked at the venue of what the rows go into, as of the form that makes one of them.
    permission: str
    #: The path from a target to its venue's id.
    venue_lookup = "venue_id"
    columns: Sequence[Column]
    max_rows = 10_000

    def targets(self, now: datetime) -> QuerySet[Any]:
        """What rows can be imported into, at whichever venue."""
        raise NotImplementedError

    def venue_id_of(self, target: Any) -> UUID:
        venue_id: UUID = target.venue_id
        return venue_id

    def label_of(self, target: Any) -> str:
        """The target among others, of other venues too."""
        return f"{target} – {target.venue}"

    def put(self, target: Any, rows: Sequence[Row], report: Report, *, by: Any, now: datetime) -> None:
        """Write the rows by the rules, and say of each what became of it. Runs within a transaction.

        What one row is refused for becomes a problem of the report, so that all are found at once (`trying`).
        """
        raise NotImplementedError


#: Told of each import, within its transaction: its name, what it went into, the venue, the counts, and who did it.
Listener = Callable[[str, Model, UUID, dict[str, int], Any], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell `listener` of every import; whoever keeps history registers here."""
    if listener not in _listeners:
        _listeners.append(listener)


def run(importer: Importer, target: Any, content: bytes, *, by: Any, now: datetime, expected: str = "") -> Report:
    """Rehearse the import of a file; or do it, when the digest of a rehearsal is `expected` and comes out again.

    The report tells which: nothing was written where it has problems or another digest. Never raises a refusal.
    """
    report = Report()
    try:
        rows = rows_of(content, importer.columns, importer.max_rows, report)
        with transaction.atomic():
            if rows:
                importer.put(target, rows, report, by=by, now=now)
            if report.problems or report.digest != expected:
                transaction.set_rollback(True)
                return report
            counts = {"rows": len(rows), **{str(deed): count for deed, count in report.counts.items()}}
            for listener in _listeners:
                listener(importer.name, target, importer.venue_id_of(target), counts, by)
    except DomainError as refusal:
        report.refuse(None, refusal)
    return report


@contextmanager
def trying(row: Row, columns: Sequence[Column]) -> Iterator[None]:
    """Within it a row is written or not at all; what a rule refuses becomes a problem of the row."""
    try:
        with transaction.atomic():
            yield
    except DomainError as refusal:
        row.report.refuse(row.number, refusal, [column.name for column in columns])
