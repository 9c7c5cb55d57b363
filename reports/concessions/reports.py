"""The reports about outlets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Sum

from orders.models import Outlet
from reports import reading
from reports.concessions.counting import BUCKETS, KINDS, part_below
from reports.definition import Dimension, Filter, Measure, Query, Report, Table
from reports.labels import hours, outlets, products
from trufan.lib.words import lazy as _

SOLD, MADE = "concessions", "kitchens"


def _kinds(keys: Collection[Any]) -> Mapping[Any, str]:
    return {kind.value: str(kind.label) for kind in KINDS}


def _choose_outlet(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    rows = Outlet.objects.filter(venue_id__in=venues).order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _kept(sums: Mapping[str, int]) -> int:
    return sums["gross"] - sums["refunded"]


def _each(sums: Mapping[str, int]) -> float | None:
    pieces = sums["quantity"] - sums["quantity_refunded"]
    return _kept(sums) / pieces if pieces > 0 else None


OUTLET = Filter("outlet", _("Outlet"), "outlet_id", choices=_choose_outlet)
CONCESSIONS = Report(
    key="concessions",
    title=_("Food and merchandise"),
    question=_("Which outlet sold what, and at which hour?"),
    rollup=SOLD,
    dimensions=[
        Dimension("outlet", _("outlet"), "outlet_id", labels=outlets),
        Dimension("product", _("product"), "item_id", labels=products),
        Dimension("hour", _("hour"), "hour", labels=hours),
        Dimension("kind", _("kind"), "kind", labels=_kinds),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("gross", _("charged")),
        Measure("refunded", _("given back")),
        Measure("kept", _("stayed"), of=_kept),
        Measure("quantity", _("pieces"), kind="count"),
        Measure("quantity_refunded", _("pieces taken back"), kind="count"),
        Measure("each", _("for a piece"), summed=False, of=_each),
    ],
    filters=[OUTLET],
)


def _answer(report: Report, query: Query) -> Table:
    """The sums of each row, and its orders by bucket, which stand behind the median."""
    dimension = report.dimension(query.group_by)
    rows: Any = reading.rows_of(report, query).order_by().values_list(dimension.column, "bucket")
    sums = rows.annotate(all=Sum("made"), time=Sum("seconds"), after=Sum("late"), never=Sum("refused"))
    by_key: dict[Any, Counter[str]] = defaultdict(Counter)
    for key, start, made, seconds, late, refused in sums:
        by_key[key].update(made=made, seconds=seconds, late=late, refused=refused)
        by_key[key][f"from {start}"] += made
    return reading.table(report, query, dimension, by_key)


def _below(part: float) -> Any:
    def of(sums: Mapping[str, int]) -> float | None:
        return part_below(Counter({start: sums[f"from {start}"] for start in BUCKETS}), part)

    return of


KITCHENS = Report(
    key="kitchens",
    title=_("Times of the kitchens"),
    question=_("How long did orders take until they were ready, and how many were late?"),
    rollup=MADE,
    dimensions=[
        Dimension("outlet", _("outlet"), "outlet_id", labels=outlets),
        Dimension("hour", _("hour"), "hour", labels=hours),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("made", _("orders made"), kind="count"),
        Measure("median", _("half were ready within"), kind="duration", summed=False, of=_below(0.5)),
        Measure("ninety", _("nine of ten within"), kind="duration", summed=False, of=_below(0.9)),
        Measure("average", _("average"), kind="duration", summed=False, of=reading.ratio("seconds", "made")),
        Measure("late", _("late"), kind="count"),
        Measure("late_rate", _("part that was late"), kind="ratio", summed=False, of=reading.ratio("late", "made")),
        Measure("refused", _("refused or cancelled"), kind="count"),
    ],
    filters=[OUTLET],
    answer=_answer,
)
