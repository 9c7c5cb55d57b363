"""What a report is: a question, what may divide its answer, and what is measured. One source for every face of it.

A report is a value. The API, the console, files and mails ask it the same `Query` and get the same `Table`, so that a
figure is the same wherever it is read. Amounts are minor units of the query's one currency, days those of the venue.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from accounts.grants import Permission

Kind = Literal["money", "count", "ratio", "duration", "words", "day"]
#: Dimension key → what a row of it is called, by its value.
Labels = Callable[[Collection[Any]], Mapping[Any, str]]


@dataclass(frozen=True)
class Measure:
    """A figure: `money` in minor units, `count`, `ratio` (a fraction), or `duration` in seconds.

    `summed`: adding up the rows gives the total. Others are made of the sums by `of`, for rows and total alike; None
    where there is nothing to divide by.
    """

    key: str
    title: str
    kind: Kind = "money"
    summed: bool = True
    of: Callable[[Mapping[str, int]], float | int | None] | None = None


@dataclass(frozen=True)
class Dimension:
    """What rows may be made by: a column of the rollup, and how its values are called."""

    key: str
    title: str
    column: str
    kind: Kind = "words"
    labels: Labels | None = None


@dataclass(frozen=True)
class Filter:
    """What rows may be narrowed to: a column of the rollup. `choices` for those that a person picks from a list."""

    key: str
    title: str
    column: str
    choices: Callable[[Collection[UUID]], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Query:
    """What is asked: the days `since` to `until`, both included, by the clock of each venue."""

    venue_ids: frozenset[UUID]
    currency: str
    since: date
    until: date
    group_by: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def over(self, since: date, until: date) -> Query:
        """The same question about other days."""
        return replace(self, since=since, until=until)

    def before(self) -> Query:
        """The same question about as many days before."""
        return self.over(self.since - timedelta(days=self.days), self.since - timedelta(days=1))


@dataclass(frozen=True)
class Row:
    """One line of the answer: the value it is of, what that is called, and its figures by measure."""

    key: Any
    label: str
    figures: Mapping[str, float | int | None]


@dataclass(frozen=True)
class Table:
    """The answer: what the rows are of, which figures they have, the rows, and the figures of all of them together."""

    dimension: Dimension
    measures: Sequence[Measure]
    currency: str
    rows: Sequence[Row]
    totals: Mapping[str, float | int | None]


@dataclass(frozen=True)
class Report:
    """`answer(report, query)` makes the table; the default reads the rollup (`reports.reading`)."""

    key: str
    title: str
    question: str
    rollup: str
    dimensions: Sequence[Dimension]
    measures: Sequence[Measure]
    filters: Sequence[Filter] = ()
    permission: str = Permission.VIEW_REPORTS
    chart: Literal["line", "bar"] = "bar"
    answer: Callable[[Report, Query], Table] | None = None
    #: Which rows of the rollup count at all: column → value.
    only: Mapping[str, Any] = field(default_factory=dict)
    #: Which rows do not: column → value.
    except_where: Mapping[str, Any] = field(default_factory=dict)

    def dimension(self, key: str) -> Dimension:
        """The dimension of that key; the first where none is said. Raises `KeyError`."""
        if not key:
            return self.dimensions[0]
        return {each.key: each for each in self.dimensions}[key]
