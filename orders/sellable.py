"""The contract between an order and the things it sells.

A model that can stand in a cart subclasses `Sellable` and names its `sellable_type`. Prices are asked line by line;
stock is moved for all lines of one kind together, in key order, so that two carts never wait for each other in a ring.
Every method but `for_sale` and `offer` is called inside the order's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.apps import apps
from django.db import models

from orders.errors import RefundNotOffered
from orders.pricing import Terms
from trufan.lib.errors import DomainError, Invalid

if TYPE_CHECKING:
    from orders.models import Order, OrderItem
    from venues.models import Venue


@dataclass(frozen=True)
class Pieces:
    """So many pieces of one line; `things` are the ids of those that were chosen, `claimed` of those already going."""

    item: OrderItem
    quantity: int
    things: tuple[UUID, ...] = ()
    claimed: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class CartLine:
    """What the buyer asks for: so many of one thing.

    `in_cart` is how many of the same thing all lines of the cart ask for together; limits per order look at it.
    `options` are `(id, how many on each piece)`; `note` is for who makes it; `events` are those the cart is about.
    `held` is how many of the thing this order holds already, when it is changed.
    `by_staff`: sold over the counter, where the public's time to buy does not count. `given`: a gift of the house.
    `asks` is what was said in the fields that its kind adds to a line, `cart` what was in those of the whole cart: see
    `orders.line_fields`. `kept` is what the lines that hold it already keep of it (`Offer.keeps`), each with how many.
    """

    type: str
    id: UUID
    quantity: int
    in_cart: int
    options: tuple[tuple[UUID, int], ...] = ()
    note: str = ""
    events: frozenset[UUID] = frozenset()
    held: int = 0
    asks: Mapping[str, Any] = field(default_factory=dict, hash=False)
    by_staff: bool = False
    given: bool = False
    cart: Mapping[str, Any] = field(default_factory=dict, hash=False)
    kept: tuple[tuple[Mapping[str, Any], int], ...] = field(default=(), hash=False)


@dataclass(frozen=True)
class Offer:
    """What one piece costs and what it is called: `unit_price` and `unit_fee` in minor units, before tax."""

    description: str
    venue: Venue
    unit_price: int
    unit_fee: int
    tax_category: str
    #: The connected account that the line's proceeds belong to; None: the venue's own.
    recipient_id: UUID | None = None
    #: Whose service charge it bears, and how much, in millionths.
    outlet_id: UUID | None = None
    service_charge_ppm: int = 0
    #: Whether its makers are tipped.
    is_food: bool = False
    #: Ids of what it is part of (its event, its outlet, its product): promo codes are for such.
    belongs_to: frozenset[UUID] = frozenset()
    #: The options chosen for each piece, as the order keeps them; `unit_price` has them in it.
    options: tuple[dict[str, Any], ...] = ()
    #: What else the line keeps, by name and fit for JSON: it stands in `OrderItem.options`.
    keeps: Mapping[str, Any] = field(default_factory=dict, hash=False)


class Sellable(models.Model):
    """Something with a price and, usually, a stock."""

    sellable_type: ClassVar[str]
    #: Whether a line may carry options and a note.
    takes_wishes: ClassVar[bool] = False
    #: Whether its own row counts its stock: see `orders.counters`.
    counts_stock: ClassVar[bool] = False
    #: Whether people may wait for it: see `orders.counters`.
    keeps_a_line: ClassVar[bool] = False
    #: Whether it lets people into an event, and is worth nothing once that is called off.
    admits: ClassVar[bool] = False
    #: Whether its seller keeps some of it back for themselves: see `orders.counters`.
    keeps_house: ClassVar[bool] = False
    #: Makers of `notifications.attachments` whose papers go with an order's confirmation.
    papers: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    @classmethod
    def for_sale(cls, ids: Iterable[UUID], now: datetime) -> dict[UUID, Self]:
        """The things by those ids, with all that `offer` reads, in a fixed number of queries; unknown ids are absent.

        A thing may answer to another id than its key; what is held and counted goes by the key.
        """
        raise NotImplementedError

    @property
    def for_event(self) -> UUID | None:
        """The event that the thing is for, where it is for one."""
        return None

    @classmethod
    def of_event(cls, event_id: UUID) -> models.QuerySet | None:
        """Keys of the things that are for that event, as a query; None where nothing of the kind is for one."""
        return None

    @classmethod
    def lock(cls, ids: Iterable[UUID]) -> list[Self]:
        """The stock rows by those ids, locked in key order until the transaction ends."""
        return list(cls._default_manager.select_for_update().filter(pk__in=set(ids)).order_by("pk"))

    def offer(self, line: CartLine, now: datetime) -> Offer:
        """The offer for this line, or a `DomainError` that says why there is none."""
        raise NotImplementedError

    @property
    def left(self) -> int:
        """How many could be reserved when the row was read."""
        raise NotImplementedError

    @classmethod
    def reserve(cls, items: Sequence[OrderItem], now: datetime) -> None:
        """Hold the stock of all items, or raise (a `DomainError` with details by line) and hold none."""
        raise NotImplementedError

    @classmethod
    def release(cls, items: Sequence[OrderItem], now: datetime) -> None:
        """Give back what `reserve` held."""
        raise NotImplementedError

    @classmethod
    def rehold(cls, before: Sequence[OrderItem], after: Sequence[OrderItem], now: datetime) -> None:
        """Hold what `after` needs in place of `before`, and never let go of what both need; or raise as `reserve`.

        Whoever counts needs no more than this: the rows locked in key order, then the differences moved.
        """
        cls.lock({item.item_id for item in (*before, *after)})
        cls.release(beyond(before, after), now)
        cls.reserve(beyond(after, before), now)

    @classmethod
    def fulfil(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        """Turn the hold into the thing itself."""
        raise NotImplementedError

    @classmethod
    def take(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        """Both at once, for what is free. Raises what either does."""
        cls.reserve(items, now)
        cls.fulfil(order, items, now)

    @classmethod
    def choose(cls, asked: Sequence[Pieces], *, by_buyer: bool) -> list[Pieces | DomainError]:
        """For each line which of its pieces go back: those asked for, filled up to the quantity; or why they may not.

        `by_buyer`: only pieces that a buyer may give back without asking. What has no pieces to tell apart stays as is.
        """
        return [_no_such_thing() if pieces.things else pieces for pieces in asked]

    @classmethod
    def returnable(cls, pieces: Pieces) -> int:
        """How many of what is left of a line are still their buyer's to give back, whatever the policy says."""
        return pieces.quantity

    @classmethod
    def refund_terms(cls, items: Sequence[OrderItem], now: datetime) -> list[Terms | DomainError]:
        """For each line what is kept of it if its buyer gives it back at `now`; or why they may not."""
        return [RefundNotOffered() for _ in items]

    @classmethod
    def freeze(cls, items: Sequence[OrderItem], now: datetime) -> None:
        """Let nobody use what these lines brought: their money is disputed. What can't be kept back stays as it is."""

    @classmethod
    def thaw(cls, items: Sequence[OrderItem], now: datetime) -> None:
        """Undo `freeze`."""

    @classmethod
    def suspend(cls, pieces: Sequence[Pieces], now: datetime) -> None:
        """Their refund is on its way: the chosen pieces are of no use until it fails. Here: nothing follows."""

    @classmethod
    def resume(cls, pieces: Sequence[Pieces]) -> None:
        """Their refund failed: what `suspend` did is undone."""

    @classmethod
    def revoke(cls, order: Order, pieces: Sequence[Pieces], now: datetime) -> None:
        """Take so many pieces of each line back, the chosen ones first, and return their stock."""
        raise NotImplementedError


def beyond(these: Sequence[OrderItem], those: Sequence[OrderItem]) -> list[OrderItem]:
    """What `these` lines have more of than `those`: an unsaved copy of a line for each thing, with the difference."""
    more = Counter[UUID]()
    for item in these:
        more[item.item_id] += item.quantity
    for item in those:
        more[item.item_id] -= item.quantity
    copies = {item.item_id: copy(item) for item in these if more[item.item_id] > 0}
    for thing_id, item in copies.items():
        item.quantity = more[thing_id]
    return list(copies.values())


def _no_such_thing() -> DomainError:
    return Invalid.field("tickets", "There is no such ticket on this line.", "not_found")


@cache
def sellable_model(sellable_type: str) -> type[Sellable]:
    """The model behind a line's `type`. Raises `LookupError` for a kind nobody sells."""
    for model in apps.get_models():
        if issubclass(model, Sellable) and model.sellable_type == sellable_type:
            return model
    raise LookupError(f"nothing called {sellable_type!r} is sold")


@cache
def sellable_types() -> list[str]:
    """Every kind of line a cart may hold."""
    return sorted(m.sellable_type for m in apps.get_models() if issubclass(m, Sellable))
