"""From what the buyer typed to what comes off which line: looked up, checked, and applied in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from orders.errors import PromoNotCombinable, PromoNotValid
from orders.promos.discounts import TURN, Priced, off
from orders.promos.models import PromoCode
from orders.sellable import CartLine, Offer
from trufan.lib.errors import Detail


@dataclass(frozen=True)
class Applied:
    """A code, and what it takes off each line of the cart."""

    promo: PromoCode
    parts: list[int]

    @property
    def discount(self) -> int:
        return sum(self.parts)


@dataclass(frozen=True)
class Found:
    """The codes of a cart in the order they were given, and a problem for each that is none."""

    codes: list[PromoCode] = field(default_factory=list)
    problems: list[Detail] = field(default_factory=list)


def normal(code: str) -> str:
    """How a code is kept, however it was typed."""
    return "".join(code.split()).upper()


def find(venue_id: UUID, codes: Sequence[str], now: datetime) -> Found:
    """Look the codes up at the venue; one query, none without codes.

    One answer for what never was, is switched off, or is not yet or no longer to be used: nothing is told to guessers.
    """
    if not codes:
        return Found()
    wanted = [normal(code) for code in codes]
    rows = {row.code: row for row in PromoCode.objects.filter(venue_id=venue_id, code__in=wanted)}
    found = [rows.get(code) for code in wanted]
    return Found(
        [promo for promo in found if promo is not None and promo.is_open(now)],
        [
            PromoNotValid().at(_place(at, len(codes)))
            for at, promo in enumerate(found)
            if promo is None or not promo.is_open(now) or promo.code in wanted[:at]
        ],
    )


def apply(codes: Sequence[PromoCode], sold: Sequence[tuple[CartLine, Offer]]) -> tuple[list[Applied], list[Detail]]:
    """What each code takes off each line; and a problem for each that takes nothing, or stands beside another wrongly.

    Codes that are for nothing in the cart are answered like codes that do not exist.
    """
    lines = [Priced(line.quantity, offer.unit_price, offer.unit_price * line.quantity) for line, offer in sold]
    applied: dict[UUID, Applied] = {}
    for promo in sorted(codes, key=lambda promo: (TURN.index(PromoCode.Kind(promo.kind)), promo.code)):
        its = [at for at, (line, offer) in enumerate(sold) if promo.is_for(line.type, offer.belongs_to)]
        parts = [0] * len(lines)
        for at, part in zip(its, off(promo, [lines[at] for at in its]), strict=True):
            parts[at] = part
        lines = [replace(line, left=line.left - part) for line, part in zip(lines, parts, strict=True)]
        applied[promo.pk] = Applied(promo, parts)
    in_turn = [applied[promo.pk] for promo in codes]
    problems = [PromoNotValid().at(_place(at, len(codes))) for at, each in enumerate(in_turn) if not each.discount]
    if len(codes) > 1 and not problems:
        problems = [
            PromoNotCombinable().at(_place(at, len(codes))) for at, promo in enumerate(codes) if not promo.is_stackable
        ]
    return in_turn, problems


def _place(at: int, of: int) -> str:
    return "promo_code" if of == 1 else f"promo_codes[{at}]"
