"""Answers from rollups: the days that were asked for are brought up to date, then summed. Constant queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet, Sum

from reports.definition import Dimension, Measure, Query, Report, Row, Table
from reports.rollups import keeping
from reports.rollups.base import rollup
from trufan.lib import replica
from trufan.lib.errors import Invalid


def answer(report: Report, query: Query) -> Table:
    """What the report says. Raises `Invalid` on a grouping or filter that it has not."""
    return answer_as_of(report, query)[0]


def answer_as_of(report: Report, query: Query) -> tuple[Table, datetime]:
    """The same, and as of when it is so. Raises `Invalid` on a grouping or filter that it has not.

    Rollups are counted and written on the primary; what is summed is read from the replica, where there is one.
    """
    _check(report, query)
    keeping.refresh(report.rollup, query.venue_ids, query.since, query.until)
    return replica.read(partial(_answer, report, query))


def _answer(report: Report, query: Query) -> Table:
    if report.answer is not None:
        return report.answer(report, query)
    dimension = report.dimension(query.group_by)
    sums = [measure.key for measure in report.measures if measure.of is None]
    found = (
        rows_of(report, query)
        .order_by()
        .values_list(dimension.column)
        .annotate(**{f"sum_{key}": Sum(key) for key in sums})
    )
    by_key = {key: dict(zip(sums, figures, strict=True)) for key, *figures in found}
    return table(report, query, dimension, by_key)


def rows_of(report: Report, query: Query) -> QuerySet[Any]:
    """The rollup's rows that the query is about."""
    columns = {each.key: each.column for each in report.filters}
    narrowed = {columns[key]: value for key, value in query.filters.items() if value}
    rows = rollup(report.rollup).model._default_manager.filter(
        venue_id__in=query.venue_ids,
        day__range=(query.since, query.until),
        currency=query.currency,
        **report.only,
        **narrowed,
    )
    return rows.exclude(**report.except_where) if report.except_where else rows


def table(report: Report, query: Query, dimension: Dimension, by_key: Mapping[Any, Mapping[str, int]]) -> Table:
    """The table of these sums: days in their order, all of them; other rows by their first figure, largest first."""
    sums = [measure.key for measure in report.measures if measure.of is None]
    if dimension.kind == "day":
        labels: Mapping[Any, str] = {day: day.isoformat() for day in _days(query)}
        keys: Sequence[Any] = list(labels)
    else:
        labels = dimension.labels(by_key.keys()) if dimension.labels else {}
        keys = sorted(by_key, key=lambda key: (-by_key[key][sums[0]], _called(labels, key), str(key)))
    empty: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for each in by_key.values():
        totals.update(each)
    return Table(
        dimension=dimension,
        measures=report.measures,
        currency=query.currency,
        rows=[Row(key, _called(labels, key), figures(report.measures, by_key.get(key, empty))) for key in keys],
        totals=figures(report.measures, totals),
    )


def figures(measures: Sequence[Measure], sums: Mapping[str, int]) -> dict[str, float | int | None]:
    """Each measure of these sums; what they leave out is nothing."""
    sums = Counter(sums)
    return {each.key: sums[each.key] if each.of is None else each.of(sums) for each in measures}


def nothing(report: Report) -> dict[str, float | int | None]:
    """The figures of a row that there is nothing of."""
    return figures(report.measures, {each.key: 0 for each in report.measures if each.of is None})


def ratio(part: str, whole: str) -> Any:
    """A measure's `of`: one sum divided by another."""

    def of(sums: Mapping[str, int]) -> float | None:
        return sums[part] / sums[whole] if sums[whole] else None

    return of


def _called(labels: Mapping[Any, str], key: Any) -> str:
    return labels.get(key) or ("–" if key in (None, "") else str(key))


def _days(query: Query) -> list[date]:
    return [date.fromordinal(query.since.toordinal() + number) for number in range(query.days)]


def _check(report: Report, query: Query) -> None:
    known = {each.key for each in report.dimensions}
    if query.group_by and query.group_by not in known:
        raise Invalid.field("group_by", f"Choose one of {', '.join(sorted(known))}.", "invalid_choice")
    for key in query.filters:
        if key not in {each.key for each in report.filters}:
            raise Invalid.field(key, "This report has no such filter.", "unknown_filter")
