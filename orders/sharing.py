"""Who gets what of an order: the platform its fees, each line's recipient the rest, tips those who made the food.

A line's total has its discount off and its outlet's service charge in, so both are its recipient's.

Pure arithmetic over integers of minor units, and one function that reads an order into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from payments.payable import Share
from trufan.lib.money import allot
from venues import payouts

if TYPE_CHECKING:
    from orders.models import Order

SALE, FEE, TIP = "sale", "fee", "tip"


@dataclass(frozen=True)
class LineMoney:
    """What a line brings: `total` from the buyer; `platform_fee` of it the platform's, the rest its recipient's.

    `food_net` is its food without tax, by which tips go; None: it is no food.
    """

    item_id: UUID
    recipient_id: UUID
    total: int
    platform_fee: int
    food_net: int | None = None


def share_out(lines: Sequence[LineMoney], total: int, venue_account: UUID) -> list[Share]:
    """The shares of an order of `total`, to which they add up. What is on no line is a tip.

    A tip belongs in full to those who made the food: by what that cost without tax. Where there is no food it goes by
    what the lines brought, without the platform; where there are no lines, to the venue. Raises `ValueError` where the
    lines are more than the total.
    """
    tip = total - sum(line.total for line in lines)
    if tip < 0:
        raise ValueError("the lines of an order are no more than its total")
    tips = _tips(tip, lines) if lines else []
    shares = [] if lines else [Share(venue_account, tip, TIP)]
    for line, part in zip(lines, tips, strict=True):
        shares += [
            Share(None, line.platform_fee, FEE, line.item_id),
            Share(line.recipient_id, line.total - line.platform_fee, SALE, line.item_id),
            # No share of the line: a refund of the line leaves the tip where it is.
            Share(line.recipient_id, part, TIP),
        ]
    return [share for share in shares if share.amount]


def _tips(tip: int, lines: Sequence[LineMoney]) -> list[int]:
    food = [at for at, line in enumerate(lines) if line.food_net is not None]
    if not food:
        return allot(tip, [line.total - line.platform_fee for line in lines])
    parts = [0] * len(lines)
    for at, part in zip(food, allot(tip, [lines[at].food_net or 0 for at in food]), strict=True):
        parts[at] = part
    return parts


def shares_of(order: Order) -> list[Share]:
    """The shares of an order, from its lines as they were sold."""
    own = payouts.recipient_of(order.venue)
    lines = [
        LineMoney(item.pk, item.recipient_id or own, item.total, item.platform_fee, item.food_net)
        for item in order.all_lines()
    ]
    return share_out(lines, order.amount_total, own)
