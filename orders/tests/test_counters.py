"""The counters of a row of stock: what each move asks of them, and what it says when it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from orders import counters
from orders.errors import CounterBroken, SoldOut
from orders.models import OrderItem
from orders.signals import stock_moved
from ticketing.models import TicketType
from trufan.testing import TicketTypeFactory

pytestmark = pytest.mark.django_db


def line(kind: TicketType, quantity: int, position: int = 0) -> OrderItem:
    return OrderItem(item_id=kind.pk, item_type="ticket", quantity=quantity, position=position, description=kind.name)


def figures(kind: TicketType) -> tuple[int, int, int]:
    kind.refresh_from_db()
    return kind.held, kind.sold, kind.set_aside


@pytest.fixture
def told() -> Iterator[list[set[Any]]]:
    """The ids that were said to have moved."""
    heard: list[set[Any]] = []

    def hear(ids: set[Any], **_: Any) -> None:
        heard.append(ids)

    stock_moved.connect(hear)
    yield heard
    stock_moved.disconnect(hear)


@pytest.mark.parametrize("claim", [counters.hold, counters.take])
@pytest.mark.parametrize("kept", [{}, {"house": 2}, {"set_aside": 2, "waiting": 3}, {"held": 2}, {"sold": 2}])
def test_the_last_piece_can_be_had_and_no_more(claim, kept, told):
    kind = TicketTypeFactory(quantity=5, **kept)
    left = 5 - kept.get("house", 0) - kept.get("set_aside", 0) - kept.get("held", 0) - kept.get("sold", 0)
    with pytest.raises(SoldOut):
        claim(TicketType, [line(kind, left + 1)])
    assert not told
    claim(TicketType, [line(kind, left)])
    assert told == [{kind.pk}]
    with pytest.raises(SoldOut):
        claim(TicketType, [line(kind, 1)])
    kind.refresh_from_db()
    assert kind.left == 0


def test_holding_and_taking_move_each_its_own_counter():
    kind = TicketTypeFactory(quantity=5)
    counters.hold(TicketType, [line(kind, 1), line(kind, 1, 1)])
    assert figures(kind) == (2, 0, 0)
    counters.take(TicketType, [line(kind, 3)])
    assert figures(kind) == (2, 3, 0)


def test_only_what_is_short_is_named_with_what_is_left():
    plenty, short = TicketTypeFactory(quantity=9), TicketTypeFactory(quantity=1)
    with pytest.raises(SoldOut) as refused:
        counters.hold(TicketType, [line(plenty, 2), line(short, 2, 1)])
    assert [detail.field for detail in refused.value.details] == ["items[1].quantity"]


def test_what_was_held_is_sold_and_no_more_than_that():
    kind = TicketTypeFactory(quantity=5, held=2)
    with pytest.raises(CounterBroken):
        counters.sell(TicketType, [line(kind, 3)])
    counters.sell(TicketType, [line(kind, 2)])
    assert figures(kind) == (0, 2, 0)
    with pytest.raises(CounterBroken):
        counters.sell(TicketType, [line(kind, 1)])


def test_what_is_let_go_was_held(told):
    kind = TicketTypeFactory(quantity=5, held=2)
    with pytest.raises(CounterBroken):
        counters.let_go(TicketType, [line(kind, 3)])
    counters.let_go(TicketType, [line(kind, 2)])
    assert figures(kind) == (0, 0, 0)
    assert told == [{kind.pk}]


def test_what_is_taken_back_was_sold(told):
    kind = TicketTypeFactory(quantity=5, sold=2)
    with pytest.raises(CounterBroken):
        counters.take_back(TicketType, {kind.pk: 3})
    counters.take_back(TicketType, {kind.pk: 2})
    assert figures(kind) == (0, 0, 0)
    assert told == [{kind.pk}]


def test_what_comes_free_is_set_aside_for_who_waits():
    kind = TicketTypeFactory(quantity=5, held=2, sold=2, waiting=3)
    counters.let_go(TicketType, [line(kind, 2)])
    assert figures(kind) == (0, 2, 2)
    counters.take_back(TicketType, {kind.pk: 2})
    assert figures(kind) == (0, 0, 3), "no more than they wait for"


def test_what_is_sold_comes_free_for_nobody():
    kind = TicketTypeFactory(quantity=5, held=2, waiting=3)
    counters.sell(TicketType, [line(kind, 2)])
    assert figures(kind) == (0, 2, 0)


def test_without_a_quantity_nothing_is_short(venue):
    from orders.menu.models import ProductVariant
    from trufan.testing import ProductVariantFactory

    variant = ProductVariantFactory(product__outlet__venue=venue, quantity=None)
    counters.hold(ProductVariant, [line(variant, 1_000)])
    variant.refresh_from_db()
    assert variant.held == 1_000
