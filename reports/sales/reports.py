"""The reports about sales."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext

from events.models import Event
from orders.models import Order, ProductVariant
from parking.models import ParkingLot
from reports.definition import Dimension, Filter, Measure, Report
from reports.sales.models import SalesDay
from ticketing.models import TicketType
from trufan.lib.words import lazy as _

NAME = "sales"


def _events(ids: Collection[Any]) -> Mapping[Any, str]:
    found = Event.objects.filter(pk__in=[pk for pk in ids if pk]).select_related("venue")
    return {
        event.pk: f"{event.name}, {date_format(event.starts_at.astimezone(event.venue.zone), 'd M Y')}"
        for event in found
    }


def _items(ids: Collection[Any]) -> Mapping[Any, str]:
    wanted = [pk for pk in ids if pk]
    variants = ProductVariant.objects.filter(pk__in=wanted).select_related("product")
    return {
        **{lot.pk: lot.name for lot in ParkingLot.objects.filter(pk__in=wanted)},
        **{variant.pk: f"{variant.product.name} {variant.name}".strip() for variant in variants},
        **{kind.pk: kind.name for kind in TicketType.objects.filter(pk__in=wanted)},
    }


def kinds(keys: Collection[Any]) -> Mapping[Any, str]:
    return {value: str(label) for value, label in SalesDay.Kind.choices}


def _channels(keys: Collection[Any]) -> Mapping[Any, str]:
    return {
        "": gettext("at the gate or later"),
        **{value: str(label).lower() for value, label in Order.Channel.choices},
    }


def choose_kind(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in SalesDay.Kind.choices]


def _choose_channel(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in Order.Channel.choices]


def _kept(sums: Mapping[str, int]) -> int:
    return sums["gross"] - sums["refunded"]


SALES = Report(
    key="sales",
    title=_("Sales"),
    question=_("What was sold, and what of it stayed?"),
    rollup=NAME,
    dimensions=[
        Dimension("day", _("day"), "day", kind="day"),
        Dimension("event", _("event"), "event_id", labels=_events),
        Dimension("item", _("ticket type, product or lot"), "item_id", labels=_items),
        Dimension("kind", _("kind"), "kind", labels=kinds),
        Dimension("channel", _("channel"), "channel", labels=_channels),
    ],
    measures=[
        Measure("gross", _("charged")),
        Measure("refunded", _("given back")),
        Measure("kept", _("stayed"), of=_kept),
        Measure("quantity", _("pieces"), kind="count"),
        Measure("quantity_refunded", _("pieces taken back"), kind="count"),
        Measure("net", _("charged without tax")),
        Measure("tax", _("tax charged")),
        Measure("discount", _("discount")),
        Measure("fees", _("fees and service")),
    ],
    filters=[
        Filter("kind", _("Kind"), "kind", choices=choose_kind),
        Filter("channel", _("Channel"), "channel", choices=_choose_channel),
        Filter("event", _("Event"), "event_id"),
    ],
    chart="line",
)
