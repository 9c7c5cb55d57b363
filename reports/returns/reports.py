"""The report about refunds and disputes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from orders.models import OrderRefund
from payments.models import Dispute
from reports.definition import Dimension, Filter, Measure, Report
from reports.returns.models import ReturnDay
from trufan.lib.words import lazy as _

NAME = "returns"
_REASONS = {
    "": "a stay or a tip",
    OrderRefund.Kind.FULL: "whole orders",
    OrderRefund.Kind.LINES: "lines",
    OrderRefund.Kind.AMOUNT: "amounts",
    OrderRefund.Kind.HOUSE: "money that came late, twice or wrong",
}


def _whats(keys: Collection[Any]) -> Mapping[Any, str]:
    return {value: str(label) for value, label in ReturnDay.What.choices}


def _reasons(keys: Collection[Any]) -> Mapping[Any, str]:
    return {key: _REASONS.get(key) or str(key).replace("_", " ") for key in keys}


def _states(keys: Collection[Any]) -> Mapping[Any, str]:
    return {"": "refunds", **{value: str(label).lower() for value, label in Dispute.Stage.choices}}


def _people(keys: Collection[Any]) -> Mapping[Any, str]:
    return {value: str(label) for value, label in ReturnDay.By.choices}


def _choose_what(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in ReturnDay.What.choices]


RETURNS = Report(
    key="returns",
    title=_("Refunds and disputes"),
    question=_("How much went back, why, and who asked for it?"),
    rollup=NAME,
    dimensions=[
        Dimension("what", _("what"), "what", labels=_whats),
        Dimension("reason", _("reason"), "reason", labels=_reasons),
        Dimension("asked_by", _("asked by"), "asked_by", labels=_people),
        Dimension("state", _("state of disputes"), "state", labels=_states),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("amount", _("gone")),
        Measure("count", _("how many"), kind="count"),
        Measure("claimed", _("claimed by disputes")),
        Measure("fees", _("dispute fees of the provider")),
    ],
    filters=[Filter("what", _("What"), "what", choices=_choose_what)],
)
