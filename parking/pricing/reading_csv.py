"""Occupancy from a file of `timestamp,lot,free`, as cities publish what their parking signs say.

The file is read row by row, however long it is; kept are the readings of one lot. Signs err, so every row that is not
taken as it stands is counted, and `Report.words` says what became of it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext

from parking.pricing.simulation import STALE, Reading
from parking.pricing.words import plural
from trufan.lib.errors import Invalid

COLUMNS = ("timestamp", "lot", "free")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
#: How many names of lots a refusal lists.
_NAMES = 20


@dataclass
class Report:
    """How many rows of the lot there were, and what was done with those that could not be true."""

    rows: int = 0
    kept: int = 0
    unreadable: int = 0
    above_spaces: int = 0
    below_zero: int = 0
    impossible: int = 0
    out_of_order: int = 0
    duplicates: int = 0
    gaps: int = 0
    longest_gap: timedelta = field(default_factory=timedelta)

    def words(self) -> list[str]:
        """A sentence for each kind of fault that occurred."""
        hours = plural(int(STALE.total_seconds() // 3600), "hour")
        longest = f"{self.longest_gap.total_seconds() / 3600:.1f}"
        said = [
            (self.unreadable, gettext("{rows} without a time with its offset, or without a whole number: left out.")),
            (self.above_spaces, gettext("{rows} with more free spaces than there are: taken as an empty lot.")),
            (self.below_zero, gettext("{rows} with fewer than no free spaces: taken as a full lot.")),
            (self.impossible, gettext("{rows} off by more than all the spaces: left out.")),
            (self.out_of_order, gettext("{rows} earlier than the row before: put in order.")),
            (self.duplicates, gettext("{rows} of a moment that had one already: the first was kept.")),
        ]
        lines = [gettext("{rows} of the lot, {kept:,} used.").format(rows=plural(self.rows, "row"), kept=self.kept)]
        lines += [text.format(rows=plural(count, "row")) for count, text in said if count]
        if self.gaps:
            lines.append(
                gettext("{gaps} of more than {hours} (the longest {longest}): not simulated after {hours}.").format(
                    gaps=plural(self.gaps, "gap"), hours=hours, longest=longest
                )
            )
        return lines


def read(
    lines: Iterable[str], lot: str, spaces: int, since: datetime | None = None, until: datetime | None = None
) -> tuple[list[Reading], Report]:
    """The readings of `lot`, which has so many spaces, in order of time; `since` is included, `until` is not.

    Raises `Invalid` where columns are missing, or no row is of the lot.
    """
    report, found, others = Report(), [], Counter[str]()
    for row in _rows(lines):
        if row["lot"] != lot:
            others[row["lot"] or ""] += 1
            continue
        at = _moment(row["timestamp"])
        if at is not None and ((since and at < since) or (until and at >= until)):
            continue
        report.rows += 1
        reading = _reading(at, row["free"], spaces, report)
        if reading:
            found.append(reading)
    if not report.rows:
        raise Invalid.field("csv_lot", _no_such_lot(lot, others), "no_rows")
    return _in_order(found, report), report


def _rows(lines: Iterable[str]) -> Iterator[dict[str, str | None]]:
    """A byte order mark before the first column is not part of its name."""
    rows = csv.DictReader(lines)
    names = [name.lstrip("\ufeff").strip() for name in rows.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Invalid.field(
            "csv",
            gettext("The first line must name the columns {names}.").format(names=", ".join(COLUMNS)),
            "no_columns",
        )
    rows.fieldnames = names
    for row in rows:
        yield {name: row[name] for name in COLUMNS}


def _reading(at: datetime | None, free: str | None, spaces: int, report: Report) -> Reading | None:
    if at is None or not _NUMBER.fullmatch((free or "").strip()):
        report.unreadable += 1
        return None
    occupied = spaces - int(free or "")
    if not -spaces <= occupied <= 2 * spaces:
        report.impossible += 1
        return None
    report.above_spaces += occupied < 0
    report.below_zero += occupied > spaces
    return Reading(at, min(max(occupied, 0), spaces))


def _moment(text: str | None) -> datetime | None:
    """A time without its offset is none: twice a year nobody could say which it is."""
    try:
        at = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return at if at.tzinfo else None


def _in_order(found: list[Reading], report: Report) -> list[Reading]:
    report.out_of_order = sum(after.at < before.at for before, after in pairwise(found))
    kept: list[Reading] = []
    for reading in sorted(found, key=lambda each: each.at):
        if kept and kept[-1].at == reading.at:
            report.duplicates += 1
        else:
            kept.append(reading)
    pauses = [after.at - before.at for before, after in pairwise(kept)]
    report.kept = len(kept)
    report.gaps = sum(pause > STALE for pause in pauses)
    report.longest_gap = max(pauses, default=timedelta())
    return kept


def _no_such_lot(lot: str, others: Counter[str]) -> str:
    names = ", ".join(name for name, _ in others.most_common(_NAMES))
    if not names:
        return gettext("No row of that time is of {lot}.").format(lot=lot)
    return gettext("No row of that time is of {lot}. There are rows of {names}.").format(lot=lot, names=names)
