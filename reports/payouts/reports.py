"""The report about payouts and fees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from payments.models import ConnectedAccount
from reports.definition import Dimension, Filter, Measure, Report
from trufan.lib.words import lazy as _

NAME = "payouts"


def _recipients(ids: Collection[Any]) -> Mapping[Any, str]:
    names = dict(ConnectedAccount.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", "name"))
    return {None: "the platform", **names}


def _choose_recipient(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    rows = ConnectedAccount.objects.filter(venue_id__in=venues).order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


PAYOUTS = Report(
    key="payouts",
    title=_("Payouts and fees"),
    question=_("Who was due what of the money, and what was sent to whom?"),
    rollup=NAME,
    dimensions=[
        Dimension("recipient", _("recipient"), "recipient_id", labels=_recipients),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("shared", _("share")),
        Measure("charged", _("charged")),
        Measure("borne", _("refunds borne")),
        Measure("disputed", _("held by disputes")),
        Measure("transferred", _("sent")),
        Measure("kept_at_till", _("kept from the till")),
        Measure("reversed", _("taken back")),
        Measure("fee_returned", _("fees owed back")),
        Measure("debt", _("debt")),
        Measure("dispute_fees", _("dispute fees of the provider")),
        Measure("balance", _("change of what is owed")),
    ],
    filters=[Filter("recipient", _("Recipient"), "recipient_id", choices=_choose_recipient)],
)
