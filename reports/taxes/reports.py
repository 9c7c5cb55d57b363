"""The report about tax."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from reports.definition import Dimension, Filter, Measure, Report
from reports.sales.reports import choose_kind, kinds
from trufan.lib.words import lazy

NAME = "taxes"


def _rates(keys: Collection[Any]) -> Mapping[Any, str]:
    return {key: _rate(key) for key in keys}


def _rate(key: str) -> str:
    ppm, _, name = key.partition(":")
    if not key:
        return gettext("without tax")
    return f"{name} {(Decimal(ppm) / 10_000).normalize():f} %" if ppm else name


def _due(sums: Mapping[str, int]) -> int:
    return sums["tax"] - sums["refunded_tax"]


def _base(sums: Mapping[str, int]) -> int:
    return sums["net"] - sums["refunded_net"]


TAXES = Report(
    key="taxes",
    title=lazy("Tax by rate"),
    question=lazy("How much tax was charged at which rate, and how much of it went back?"),
    rollup=NAME,
    dimensions=[
        Dimension("rate", lazy("rate"), "rate", labels=_rates),
        Dimension("kind", lazy("kind"), "kind", labels=kinds),
        Dimension("day", lazy("day"), "day", kind="day"),
    ],
    measures=[
        Measure("net", lazy("charged without tax")),
        Measure("tax", lazy("tax charged")),
        Measure("refunded_net", lazy("given back without tax")),
        Measure("refunded_tax", lazy("tax given back")),
        Measure("base", lazy("net that stays"), of=_base),
        Measure("due", lazy("tax that stays"), of=_due),
    ],
    filters=[Filter("kind", lazy("Kind"), "kind", choices=choose_kind)],
)
