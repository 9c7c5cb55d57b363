"""What a person or a program asks of a report, read from text; and the answer beside that of another period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from reports import periods, reading
from reports.definition import Query, Report, Row, Table
from reports.periods import Comparison, Period, Preset
from reports.rollups.base import rollup
from trufan.lib.errors import Detail, Invalid
from venues.models import Venue

Figure = float | int | None
#: What is asked for where nothing is said.
USUAL = Preset.LAST_30


@dataclass(frozen=True)
class Asked:
    """One question, ready to be answered. `compare` is empty where nothing is to be compared."""

    report: Report
    venue: Venue
    period: Period
    group_by: str = ""
    compare: str = ""
    filters: Mapping[str, str] | None = None

    @property
    def query(self) -> Query:
        return Query(
            venue_ids=frozenset({self.venue.pk}),
            currency=self.venue.currency,
            since=self.period.since,
            until=self.period.until,
            group_by=self.group_by or self.report.dimensions[0].key,
            filters={key: value for key, value in (self.filters or {}).items() if value},
        )

    @property
    def other(self) -> Period | None:
        return periods.compared(self.period, self.compare) if self.compare else None


@dataclass(frozen=True)
class Line:
    """A row of the answer, and the one beside it; `before` is empty where there is none."""

    row: Row
    before: Mapping[str, Figure]


@dataclass(frozen=True)
class Answer:
    """The table, and that of the other period where one was asked for; both tell what had happened until `as_of`."""

    asked: Asked
    table: Table
    other: Table | None
    as_of: datetime

    def lines(self) -> Iterator[Line]:
        """Days stand beside the day of the same place in the other period, other rows beside the one of their key.

        What only the other period has comes last, with figures of nothing.
        """
        if self.other is None:
            yield from (Line(row, {}) for row in self.table.rows)
            return
        by_place = self.table.dimension.kind == "day"
        there = {number if by_place else row.key: row for number, row in enumerate(self.other.rows)}
        nothing = reading.figures(self.table.measures, {each.key: 0 for each in self.table.measures if each.of is None})
        for number, row in enumerate(self.table.rows):
            found = there.pop(number if by_place else row.key, None)
            yield Line(row, found.figures if found else nothing)
        if not by_place:
            yield from (Line(Row(row.key, row.label, nothing), row.figures) for row in there.values())


def answer(asked: Asked) -> Answer:
    """Constant queries, twice as many with a comparison. Raises `Invalid` on an unknown grouping or filter."""
    table, as_of = reading.answer_as_of(asked.report, asked.query)
    if asked.other is None:
        return Answer(asked, table, None, as_of)
    other, then = reading.answer_as_of(asked.report, asked.query.over(asked.other.since, asked.other.until))
    return Answer(asked, table, other, min(as_of, then))


def change(now: Figure, before: Figure) -> tuple[Figure, float | None]:
    """By how much it differs, and by what part of what it was; None where there is nothing to compare with."""
    if now is None or before is None:
        return None, None
    return now - before, (now - before) / abs(before) if before else None


def read(report: Report, venue: Venue, given: Mapping[str, Any], today: date) -> Asked:
    """The question behind `since`, `until`, `period`, `group_by`, `compare` and the report's own filters.

    Raises `Invalid`, naming all that is wrong.
    """
    wrong: list[Detail] = []
    period = _period(given, today, wrong)
    group_by = _chosen(given, "group_by", [each.key for each in report.dimensions], wrong)
    compare = _chosen(given, "compare", Comparison.values, wrong)
    filters = _filters(report, given, wrong)
    if wrong:
        raise Invalid(details=wrong)
    return Asked(report, venue, period, group_by, compare, filters)


def _period(given: Mapping[str, Any], today: date, wrong: list[Detail]) -> Period:
    since, until = _day(given, "since", wrong), _day(given, "until", wrong)
    preset = _chosen(given, "period", Preset.values, wrong)
    usual = periods.of(preset or USUAL, today)
    if wrong or not (since or until):
        return usual
    until = until or max(today, since or today)
    since = since or min(until, until.replace(day=1))
    if since > until:
        wrong.append(Detail("until", "ends_before_start", gettext("The last day comes before the first.")))
    elif (until - since).days >= periods.LONGEST:
        wrong.append(
            Detail("until", "too_long", gettext("At most {LONGEST} days at once.").format(LONGEST=periods.LONGEST))
        )
    return Period(since, until)


def _filters(report: Report, given: Mapping[str, Any], wrong: list[Detail]) -> dict[str, str]:
    """Those that say something; a value that its column can't hold is refused."""
    filters: dict[str, str] = {}
    for each in report.filters:
        value = str(given.get(each.key) or "").strip()
        try:
            column: Any = rollup(report.rollup).model._meta.get_field(each.column)
            column.to_python(value)
        except ValidationError:
            if value:
                wrong.append(Detail(each.key, "invalid", gettext("There is no such value.")))
                continue
        if value:
            filters[each.key] = value
    return filters


def _day(given: Mapping[str, Any], name: str, wrong: list[Detail]) -> date | None:
    text = str(given.get(name) or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        wrong.append(Detail(name, "invalid", gettext("Give a day such as 2026-11-20.")))
        return None
    if not 2000 <= day.year <= 2100:
        wrong.append(Detail(name, "invalid", gettext("Give a day between 2000 and 2100.")))
        return None
    return day


def _chosen(given: Mapping[str, Any], name: str, known: Sequence[str], wrong: list[Detail]) -> str:
    value = str(given.get(name) or "").strip()
    if value and value not in known:
        wrong.append(Detail(name, "invalid_choice", gettext("Choose one of {known}.").format(known=", ".join(known))))
        return ""
    return value
