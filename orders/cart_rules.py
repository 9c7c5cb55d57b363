"""Rules that look at a whole cart and at its buyer, whatever app they come from.

A sellable judges its own line; whether this person may buy so many, or needs one thing to buy another, is asked here.
Each rule is registered once, from an `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from orders.cart import PricedCart
from orders.errors import CartRefused
from orders.models import Order
from trufan.lib.errors import Detail, DomainError


class Standing(StrEnum):
    """As what somebody buys."""

    PUBLIC = "public"
    #: Their turn on a waiting list: what they were offered is kept for them.
    INVITED = "invited"
    #: Staff sell it, at the box office.
    STAFF = "staff"


@dataclass(frozen=True)
class Buyer:
    """Who buys: `user` is None for a guest, of whom a preview knows neither e-mail nor phone.

    `order` is the order that is changed. `asks` is what the cart said in the fields of `line_fields.register_cart`.
    """

    user: Any = None
    email: str = ""
    phone: str = ""
    standing: Standing = Standing.PUBLIC
    asks: Mapping[str, Any] = field(default_factory=dict)
    order: Order | None = None


#: The position of the line that is refused, or None: the cart itself; and why.
Refused = tuple[int | None, DomainError]
#: `(cart, buyer, now, placing)`: `placing` in the transaction that places or changes, not in a preview.
Rule = Callable[[PricedCart, Buyer, datetime, bool], Iterable[Refused]]
_rules: list[Rule] = []


def register(rule: Rule) -> None:
    """Add a rule."""
    if rule not in _rules:
        _rules.append(rule)


def check(cart: PricedCart, buyer: Buyer, now: datetime, *, placing: bool) -> None:
    """Ask every rule. One refusal of the cart itself is raised as it is; else `CartRefused` has a detail for each."""
    refused = [each for rule in _rules for each in rule(cart, buyer, now, placing)]
    if not refused:
        return
    whole = [refusal for position, refusal in refused if position is None]
    if whole:
        raise whole[0]
    details: list[Detail] = []
    for position, refusal in refused:
        details += refusal.under(f"items[{position}]")
    raise CartRefused(details=details)
