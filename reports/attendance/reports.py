"""The reports about the door."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Sum
from django.utils import timezone

from reports import reading
from reports.definition import Dimension, Filter, Measure, Query, Report, Table
from reports.labels import events, hours, ticket_types
from ticketing.models import Scan
from trufan.lib.words import lazy as _
from venues.models import Venue

NAME = "attendance"


def _gates(keys: Collection[Any]) -> Mapping[Any, str]:
    return {"": "no gate named"}


def _reasons(keys: Collection[Any]) -> Mapping[Any, str]:
    return {"": "let in", **{value: value.replace("_", " ") for value in Scan.Reason.values if value}}


def _choose_reason(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    return [(value, value.replace("_", " ")) for value in Scan.Reason.values if value]


def _answer(report: Report, query: Query) -> Table:
    """Whoever has not come until the venue's day was over, did not come; before that they are still to come."""
    dimension = report.dimension(query.group_by)
    missing = F("sold") - F("arrived")
    over = _over(query)
    found: Any = reading.rows_of(report, query).order_by().values_list(dimension.column)
    sums = found.annotate(
        sum_sold=Sum("sold"), sum_arrived=Sum("arrived"), no_show=Sum(missing, filter=over, default=0),
        to_come=Sum(missing, filter=~over, default=0), sum_refused=Sum("refused"),
    )  # fmt: skip
    names = ("sold", "arrived", "no_show", "to_come", "refused")
    by_key = {key: dict(zip(names, figures, strict=True)) for key, *figures in sums}
    return reading.table(report, query, dimension, by_key)


def _over(query: Query) -> Q:
    """The days that are over, by each venue's clock."""
    now, over = timezone.now(), Q(pk=None)
    for venue in Venue.objects.filter(pk__in=query.venue_ids):
        today: date = now.astimezone(venue.zone).date()
        over |= Q(venue_id=venue.pk, day__lt=today)
    return over


def _due(sums: Mapping[str, int]) -> float | None:
    """Of those whose event is over, the part that did not come."""
    came = sums["sold"] - sums["to_come"]
    return sums["no_show"] / came if came and sums["no_show"] + sums["arrived"] else None


EVENT = Filter("event", _("Event"), "event_id")
ATTENDANCE = Report(
    key="attendance",
    title=_("Attendance and no-shows"),
    question=_("How many came of those who have tickets, and how many did not?"),
    rollup=NAME,
    dimensions=[
        Dimension("event", _("event"), "event_id", labels=events),
        Dimension("day", _("day"), "day", kind="day"),
        Dimension("ticket_type", _("ticket type"), "ticket_type_id", labels=ticket_types),
    ],
    measures=[
        Measure("sold", _("tickets"), kind="count"),
        Measure("arrived", _("came"), kind="count"),
        Measure("no_show", _("did not come"), kind="count"),
        Measure("to_come", _("still to come"), kind="count"),
        Measure("no_show_rate", _("part that did not come"), kind="ratio", summed=False, of=_due),
        Measure("refused", _("refused scans"), kind="count"),
    ],
    filters=[EVENT],
    answer=_answer,
)
DOOR = Report(
    key="door",
    title=_("At the door"),
    question=_("When and where did people come in, and why were others refused?"),
    rollup=NAME,
    dimensions=[
        Dimension("hour", _("hour"), "hour", kind="words", labels=hours),
        Dimension("gate", _("gate"), "gate", labels=_gates),
        Dimension("reason", _("reason"), "reason", labels=_reasons),
        Dimension("event", _("event"), "event_id", labels=events),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("arrived", _("came in"), kind="count"),
        Measure("refused", _("refused"), kind="count"),
        Measure(
            "refused_rate", _("part refused"), kind="ratio", summed=False,
            of=lambda sums: sums["refused"] / whole if (whole := sums["refused"] + sums["arrived"]) else None,
        ),
    ],
    filters=[EVENT, Filter("gate", _("Gate"), "gate"), Filter("reason", _("Reason"), "reason", choices=_choose_reason)],
    except_where={"hour": -1},
)  # fmt: skip
