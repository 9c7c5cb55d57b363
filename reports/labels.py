"""What the values of dimensions are called now: read when a report is, so that a new name divides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.formats import date_format

from events.models import Event
from orders.models import Outlet, ProductVariant
from parking.models import ParkingLot, SpaceKind
from ticketing.models import TicketType


def events(ids: Collection[Any]) -> Mapping[Any, str]:
    found = Event.objects.filter(pk__in=_named(ids)).select_related("venue")
    return {
        event.pk: f"{event.name}, {date_format(event.starts_at.astimezone(event.venue.zone), 'd M Y')}"
        for event in found
    }


def ticket_types(ids: Collection[Any]) -> Mapping[Any, str]:
    found = TicketType.objects.filter(pk__in=_named(ids)).select_related("event")
    return {None: "no ticket of ours", **{kind.pk: f"{kind.name}, {kind.event.name}" for kind in found}}


def outlets(ids: Collection[Any]) -> Mapping[Any, str]:
    return {outlet.pk: outlet.name for outlet in Outlet.objects.filter(pk__in=_named(ids))}


def products(ids: Collection[Any]) -> Mapping[Any, str]:
    found = ProductVariant.objects.filter(pk__in=_named(ids)).select_related("product__outlet")
    return {each.pk: f"{each.product.name} {each.name}".strip() for each in found}


def lots(ids: Collection[Any]) -> Mapping[Any, str]:
    return {lot.pk: lot.name for lot in ParkingLot.objects.filter(pk__in=_named(ids))}


def space_kinds(values: Collection[Any]) -> Mapping[Any, str]:
    return {value: str(label) for value, label in SpaceKind.choices}


def hours(values: Collection[Any]) -> Mapping[Any, str]:
    """`19:00 to 20:00`, by the venue's clock."""
    return {hour: f"{hour:02}:00 to {(hour + 1) % 24:02}:00" for hour in values if hour is not None and hour >= 0}


def _named(ids: Collection[Any]) -> list[Any]:
    return [pk for pk in ids if pk]
