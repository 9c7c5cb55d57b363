"""What a code takes off which lines, as pure arithmetic over integers of minor units.

Several codes are applied in one fixed order, each to what the ones before have left: free items, parking, percent,
amounts. What one code takes off is divided among its lines by largest remainder of what is left of them, so that the
parts add up to the cent. A discount is taken off the price alone, before fees, service charge and tax.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orders.pricing import worth
from orders.promos.models import PromoCode
from trufan.lib.money import allot, share

Kind = PromoCode.Kind
#: Which code comes first.
TURN = [Kind.FREE_ITEM, Kind.PARKING, Kind.PERCENT, Kind.FIXED]


@dataclass(frozen=True)
class Priced:
    """A line that a code may take something off: what is `left` of its price, of so many pieces."""

    quantity: int
    unit_price: int
    left: int


def off(promo: PromoCode, lines: Sequence[Priced]) -> list[int]:
    """What the code takes off each of its lines; never more than is left of any."""
    if promo.kind == Kind.FREE_ITEM:
        return _capped(_free(promo.pieces, lines), promo.maximum)
    left = [line.left for line in lines]
    asked = promo.amount if promo.kind == Kind.FIXED else share(sum(left), promo.ppm)
    most = sum(left) if promo.maximum is None else min(sum(left), promo.maximum)
    return _divided(min(asked, most), left)


def _free(pieces: int, lines: Sequence[Priced]) -> list[int]:
    """The cheapest pieces that still cost something, at what is left of them."""
    parts = [0] * len(lines)
    for at in sorted((at for at, line in enumerate(lines) if line.left), key=lambda at: (lines[at].unit_price, at)):
        taken = min(pieces, lines[at].quantity)
        parts[at] = worth(lines[at].left, lines[at].quantity, taken)
        pieces -= taken
    return parts


def _capped(parts: list[int], maximum: int | None) -> list[int]:
    return parts if maximum is None or sum(parts) <= maximum else _divided(maximum, parts)


def _divided(total: int, weights: list[int]) -> list[int]:
    return allot(total, weights) if total else [0] * len(weights)
