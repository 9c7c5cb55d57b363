"""An order's whole story: one line of moments, told by every app that has a part in it.

An app registers a source in its `AppConfig.ready()`. A source answers with the newest (or oldest) moments it knows, at
most `limit` where their number grows without the order; so the merge of all sources is exact as far as it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, TextChoices

from orders.models import Order

#: How many moments are shown at first, and at most.
SHOWN = 200
ALL = 5000


class Kind(TextChoices):
    ORDER = "order"
    MONEY = "money"
    TICKETS = "tickets"
    DOOR = "door"
    KITCHEN = "kitchen"
    PARKING = "parking"
    MESSAGES = "messages"
    RECEIPTS = "receipts"
    RECORD = "record"


@dataclass(frozen=True)
class Moment:
    """What happened, and who did it (empty: nobody, or not known). `row` is where more of it is read."""

    at: datetime
    kind: str
    text: str
    who: str = ""
    row: Model | None = None


@dataclass(frozen=True)
class Asked:
    """What a source is asked for."""

    order: Order
    limit: int
    oldest_first: bool

    def take(self, rows: Any, field: str) -> Any:
        """The first `limit` rows of a query set, by the time in `field`."""
        sign = "" if self.oldest_first else "-"
        return rows.order_by(f"{sign}{field}", f"{sign}pk")[: self.limit]


@dataclass(frozen=True)
class Told:
    """The moments in order, and whether there are more than these."""

    moments: Sequence[Moment]
    has_more: bool


Source = Callable[[Asked], Iterable[Moment]]


@dataclass(frozen=True)
class _Registered:
    kinds: frozenset[str]
    permission: str | None
    tell: Source


_sources: dict[str, _Registered] = {}
#: What belongs to an order and has a number of its own, by which messages name it.
_numbers: dict[str, Callable[[Order], Iterable[str]]] = {}


def register(name: str, tell: Source, *, kinds: Iterable[str], permission: str | None = None) -> None:
    """Add a source; it is asked only for those who hold `permission` at the order's venue."""
    _sources[name] = _Registered(frozenset(kinds), permission, tell)


def register_numbers(name: str, numbers: Callable[[Order], Iterable[str]]) -> None:
    """Let messages that name one of these numbers belong to the order's story."""
    _numbers[name] = numbers


def numbers_of(order: Order) -> list[str]:
    """The order's own number and those of what belongs to it."""
    return [order.number, *(number for numbers in _numbers.values() for number in numbers(order))]


def kinds_for(may: Callable[[str], bool]) -> list[Kind]:
    """The kinds that somebody may be told of, as they stand in `Kind`."""
    open_to = {kind for source in _open_to(may) for kind in source.kinds}
    return [kind for kind in Kind if kind in open_to]


def tell(
    order: Order,
    may: Callable[[str], bool],
    *,
    kind: str = "",
    oldest_first: bool = False,
    limit: int = SHOWN,
) -> Told:
    """The story for somebody of whom `may` says which permissions they hold at the order's venue."""
    asked = Asked(order, limit + 1, oldest_first)
    moments = [
        moment
        for source in _open_to(may)
        if not kind or kind in source.kinds
        for moment in source.tell(asked)
        if not kind or moment.kind == kind
    ]
    # Stable: what happened at one moment stays as the sources told it, or quite the other way round.
    moments.sort(key=lambda moment: moment.at)
    if not oldest_first:
        moments.reverse()
    return Told(moments[:limit], has_more=len(moments) > limit)


def _open_to(may: Callable[[str], bool]) -> list[_Registered]:
    return [source for source in _sources.values() if source.permission is None or may(source.permission)]
