"""The report about promo codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from orders.models import PromoCode
from reports.definition import Dimension, Filter, Measure, Report
from trufan.lib.words import lazy as _

NAME = "promos"


def _codes(ids: Collection[Any]) -> Mapping[Any, str]:
    return dict(PromoCode.objects.filter(pk__in=ids).values_list("pk", "code"))


def _kept(sums: Mapping[str, int]) -> int:
    return sums["revenue"] - sums["refunded"]


PROMOS = Report(
    key="promos",
    title=_("Promo codes"),
    question=_("Which codes were used, what did they take off, and what was bought with them?"),
    rollup=NAME,
    dimensions=[
        Dimension("promo", _("code"), "promo_id", labels=_codes),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("uses", _("uses"), kind="count"),
        Measure("discount", _("discount")),
        Measure("revenue", _("charged with it")),
        Measure("refunded", _("given back")),
        Measure("kept", _("stayed"), of=_kept),
    ],
    filters=[Filter("promo", _("Code"), "promo_id")],
)
