"""The report about fans: people are counted once in a period, however often they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from django.db.models import Case, F, Q, Sum, When

from reports import reading
from reports.definition import Dimension, Measure, Query, Report, Table
from trufan.lib.words import lazy as _

NAME = "fans"
_OF_ORDERS = ("orders", "spent", "unknown_orders", "unknown_spent", "refunded")


def _spend(sums: Mapping[str, int]) -> int | None:
    """Per head, in minor units, rounded half up."""
    buyers = sums["buyers"]
    return (2 * sums["spent"] + buyers) // (2 * buyers) if buyers else None


def _sums(known_since: date | F) -> dict[str, Sum]:
    """Sums that count a person on the first day of the period on which they bought: `previous` is before it."""
    new = Q(previous=None)
    earlier = Q(previous__lt=known_since)
    return {
        "sum_first": Sum(Case(When(new, then="buyers"), default=0), default=0),
        "sum_returning": Sum(Case(When(earlier, then="buyers"), default=0), default=0),
        **{f"sum_{key}": Sum(key, default=0) for key in _OF_ORDERS},
    }


def _whole(sums: Mapping[str, object]) -> dict[str, int]:
    figures = {key.removeprefix("sum_"): int(str(value)) for key, value in sums.items()}
    return {"buyers": figures["first"] + figures["returning"], **figures}


def answer(report: Report, query: Query) -> Table:
    """Rows by day, each with its own people; the totals with the period's, so that they are not the rows' sums."""
    dimension = report.dimension(query.group_by)
    rows = reading.rows_of(report, query).order_by()
    by_day = rows.values("day").annotate(**_sums(F("day")))
    found = {row.pop("day"): _whole(row) for row in by_day}
    table = reading.table(report, query, dimension, found)
    totals = _whole(rows.aggregate(**_sums(query.since)))
    return replace(table, totals=reading.figures(report.measures, totals))


FANS = Report(
    key="fans",
    title=_("Fans"),
    question=_("How many people bought, how many of them for the first time, and how much each?"),
    rollup=NAME,
    dimensions=[Dimension("day", _("day"), "day", kind="day")],
    measures=[
        Measure("buyers", _("buyers"), kind="count", summed=False),
        Measure("first", _("for the first time"), kind="count"),
        Measure("returning", _("came again"), kind="count", summed=False),
        Measure("orders", _("orders"), kind="count"),
        Measure("spent", _("charged")),
        Measure("spend", _("charged per head"), of=_spend, summed=False),
        Measure("per_head", _("orders per head"), kind="ratio", of=reading.ratio("orders", "buyers"), summed=False),
        Measure("unknown_orders", _("orders of nobody known"), kind="count"),
        Measure("unknown_spent", _("charged for those")),
        Measure("refunded", _("given back")),
    ],
    answer=answer,
    chart="line",
)
