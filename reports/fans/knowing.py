"""Noting who bought, as it happens: once with the payment, and again where a guest turns out to be an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import get_random_string

from orders.models import Order
from reports.fans.keys import key_of, of_account
from reports.fans.models import BuyerOfOrder
from reports.rollups import keeping
from reports.rollups.topics import MONEY
from trufan.lib.appending import append

_CHUNK = 1_000


def note(order: Order, now: datetime, **_: Any) -> None:
    """An order was settled. What the house gave away was not bought."""
    if order.channel != Order.Channel.COMP:
        append(_row(order, now), or_pass=True)


def hand_over(user: Any, order_ids: Iterable[UUID], **_: Any) -> None:
    """Orders of a guest joined an account: its buyer is one person now, whose first day may be another.

    Every day on which either bought is counted again.
    """
    rows = BuyerOfOrder.objects.filter(pk__in=list(order_ids)).select_for_update().order_by("pk")
    by_venue: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        by_venue[row.venue_id].append(row.pk)
    for venue_id, ids in by_venue.items():
        key = of_account(venue_id, user.pk)
        BuyerOfOrder.objects.filter(pk__in=ids).update(key=key)
        days = BuyerOfOrder.objects.filter(venue_id=venue_id, key=key).values_list("at", flat=True)
        keeping.mark(MONEY, venue_id, *days)


def export(user: Any) -> list[dict[str, Any]]:
    """Nothing is kept here that the orders do not have: only which of them are of one buyer."""
    return []


def erase(user: Any, now: datetime) -> None:
    """Keep the orders together under a key that nobody can make again from the account."""
    bought = Order.objects.bought_by(user).order_by().values("pk")
    for venue_id in set(BuyerOfOrder.objects.filter(pk__in=bought).values_list("venue_id", flat=True)):
        own = BuyerOfOrder.objects.filter(venue_id=venue_id, key=of_account(venue_id, user.pk))
        own.update(key=get_random_string(32, "0123456789abcdef"))


def forget_buyers(sender: Any, *, order_ids: Iterable[UUID], asked: bool, **_: Any) -> None:
    """The same for a guest who asked; what is forgotten by age keeps its key, which says nothing about a person."""
    if not asked:
        return
    known = BuyerOfOrder.objects.filter(pk__in=list(order_ids)).exclude(key="")
    for venue_id, key in set(known.values_list("venue_id", "key")):
        own = BuyerOfOrder.objects.filter(venue_id=venue_id, key=key)
        own.update(key=get_random_string(32, "0123456789abcdef"))


def fill_in(venue_id: UUID) -> None:
    """Note the buyers of orders that were paid before buyers were noted, as they are known now."""
    known = BuyerOfOrder.objects.filter(venue_id=venue_id).values("pk")
    missing = (
        Order.objects.filter(venue_id=venue_id, paid_at__isnull=False)
        .exclude(channel=Order.Channel.COMP)
        .exclude(pk__in=known)
    )
    rows: list[BuyerOfOrder] = []
    for order in missing.order_by().iterator(_CHUNK):
        if order.paid_at:
            rows.append(_row(order, order.paid_at))
    with transaction.atomic():
        BuyerOfOrder.objects.bulk_create(rows, batch_size=_CHUNK, ignore_conflicts=True)
        keeping.mark(MONEY, venue_id, *{row.at for row in rows})


def _row(order: Order, at: datetime) -> BuyerOfOrder:
    return BuyerOfOrder(
        order_id=order.pk, venue_id=order.venue_id, key=key_of(order), at=at,
        amount=order.amount_total, currency=order.currency,
    )  # fmt: skip
