"""What is being made and who is parked: the kitchens and lots that this person runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from orders.kitchen import queue, screens
from orders.models import Fulfilment
from parking.board import board as parking_board
from trufan.dashboard.common import ROWS, labels
from trufan.dashboard.events import percent
from trufan.lib.console import columns
from trufan.lib.console.sections import Section


def kitchens(request: HttpRequest, now: datetime) -> list[Section]:
    """How much each kitchen has before it, and how long the oldest of it waits."""
    if not screens.may_run(request.user):
        return []
    shown = {label.id for label in labels(request)}
    outlets = [outlet for outlet in screens.mine(request.user) if outlet.venue_id in shown][:ROWS]
    if not outlets:
        return []
    counts, oldest = queue.counts(outlets, now), _oldest(outlets)
    return [
        Section(
            title=gettext("Kitchens"),
            headers=[
                gettext("outlet"),
                gettext("venue"),
                gettext("status"),
                gettext("open"),
                gettext("late"),
                gettext("oldest waits"),
            ],
            rows=[
                [
                    columns.anchor(screens.board_url(outlet), outlet.name),
                    outlet.venue.name,
                    columns.label(outlet.status),
                    *counts.get(outlet.pk, (0, 0)),
                    _waits(oldest.get(outlet.pk), now),
                ]
                for outlet in outlets
            ],
            link=reverse("admin:orders_fulfilment_kitchen"),
            link_label=gettext("All kitchens"),
        )
    ]


def lots(request: HttpRequest, now: datetime) -> list[Section]:
    """How full each lot is."""
    if not parking_board.may_run(request.user):
        return []
    shown = {label.id for label in labels(request)}
    found = [lot for lot in parking_board.mine(request.user) if lot.venue_id in shown][:ROWS]
    if not found:
        return []
    return [
        Section(
            title=gettext("Parking"),
            headers=[
                gettext("lot"),
                gettext("venue"),
                gettext("status"),
                gettext("full"),
                gettext("free"),
                gettext("inside"),
                gettext("over time"),
            ],
            rows=[
                [
                    columns.anchor(card.url, card.lot.name),
                    card.lot.venue.name,
                    columns.label(card.lot.status),
                    f"{percent(card.spaces - card.free, card.spaces)} %",
                    f"{card.free} of {card.spaces}",
                    card.inside,
                    card.late,
                ]
                for card in parking_board.cards(found, now)
            ],
            link=reverse("admin:parking_parkinglot_board"),
            link_label=gettext("Live board"),
        )
    ]


def _oldest(outlets: list[Any]) -> dict[UUID, datetime]:
    rows = Fulfilment.objects.filter(outlet__in=outlets, status__in=Fulfilment.OPEN).order_by()
    return dict(rows.values_list("outlet_id").annotate(Min("created_at")))


def _waits(since: datetime | None, now: datetime) -> str:
    if since is None:
        return "–"
    minutes = int((now - since).total_seconds() // 60)
    return gettext("{minutes} min").format(minutes=minutes) if minutes < 120 else f"{minutes // 60} h"
