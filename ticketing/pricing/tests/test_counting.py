"""The counters of releases and codes, asked directly: the checks of a cart refuse most of it before it comes so far."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders.errors import CounterBroken
from orders.models import OrderItem
from ticketing.models import TicketRelease, UnlockCode
from ticketing.pricing import counting
from ticketing.pricing.errors import ReleaseShort, UnlockUsedUp
from ticketing.pricing.tests.shop import counts

NOW = timezone.now()


@pytest.fixture
def early(ticket_type) -> TicketRelease:
    return TicketRelease.objects.create(ticket_type=ticket_type, name="Early bird", price=4_000, quantity=5)


@pytest.fixture
def second(ticket_type) -> TicketRelease:
    """The one after, with numbers that no move of the other is to touch."""
    return TicketRelease.objects.create(
        ticket_type=ticket_type, name="Second", price=4_500, quantity=10, position=1, held=4, sold=4
    )


@pytest.fixture
def code(event) -> UnlockCode:
    return UnlockCode.objects.create(event=event, code="MEMBERS26", max_uses=5)


@pytest.fixture
def other_code(event) -> UnlockCode:
    return UnlockCode.objects.create(event=event, code="PRESS", max_uses=9, used=4)


def at(release: TicketRelease, quantity: int, position: int = 0) -> OrderItem:
    return OrderItem(quantity=quantity, position=position, options={"release": str(release.pk)})


def opened(code: UnlockCode, quantity: int, position: int = 0) -> OrderItem:
    return OrderItem(quantity=quantity, position=position, options={"unlock": str(code.pk)})


def plain(quantity: int, position: int = 0) -> OrderItem:
    return OrderItem(quantity=quantity, position=position, options={})


def used(code: UnlockCode) -> int:
    code.refresh_from_db()
    return code.used


def test_the_last_at_a_price_can_be_had_and_no_more(early, second):
    counting.reserved([at(early, 4)], NOW)
    with pytest.raises(ReleaseShort):
        counting.reserved([at(early, 2)], NOW)
    counting.reserved([at(early, 1)], NOW)
    with pytest.raises(ReleaseShort):
        counting.reserved([at(early, 1)], NOW)
    assert (counts(early), counts(second)) == ((5, 0), (4, 4))


def test_no_more_at_a_price_is_let_go_than_was_held(early, second):
    counting.reserved([at(early, 2)], NOW)
    with pytest.raises(CounterBroken):
        counting.released([at(early, 3)], NOW)
    counting.released([at(early, 2)], NOW)
    with pytest.raises(CounterBroken):
        counting.released([at(early, 1)], NOW)
    assert (counts(early), counts(second)) == ((0, 0), (4, 4))


def test_no_more_at_a_price_is_sold_than_was_held(early, second):
    counting.reserved([at(early, 3)], NOW)
    with pytest.raises(CounterBroken):
        counting.sold([at(early, 4)], NOW)
    counting.sold([at(early, 1), at(early, 2, 1), plain(5, 2)], NOW)
    with pytest.raises(CounterBroken):
        counting.sold([at(early, 1)], NOW)
    assert (counts(early), counts(second)) == ((0, 3), (4, 4))


def test_no_more_at_a_price_comes_back_than_was_sold(early, second):
    counting.reserved([at(early, 3)], NOW)
    counting.sold([at(early, 3)], NOW)
    with pytest.raises(CounterBroken):
        counting.returned([(at(early, 3), 4)])
    counting.returned([(at(early, 3), 1), (at(early, 3), 2), (plain(1), 1)])
    with pytest.raises(CounterBroken):
        counting.returned([(at(early, 3), 1)])
    assert (counts(early), counts(second)) == ((0, 0), (4, 4))


def test_a_code_is_used_as_often_as_it_may_be_and_no_more(code, other_code):
    counting.reserved([opened(code, 4)], NOW)
    with pytest.raises(UnlockUsedUp):
        counting.reserved([opened(code, 2)], NOW)
    counting.reserved([opened(code, 1)], NOW)
    with pytest.raises(UnlockUsedUp):
        counting.reserved([opened(code, 1)], NOW)
    assert (used(code), used(other_code)) == (5, 4)


def test_no_more_uses_of_a_code_are_given_back_than_there_were(code, other_code):
    counting.reserved([opened(code, 2)], NOW)
    with pytest.raises(CounterBroken):
        counting.released([opened(code, 3)], NOW)
    counting.released([opened(code, 2)], NOW)
    with pytest.raises(CounterBroken):
        counting.released([opened(code, 1)], NOW)
    assert (used(code), used(other_code)) == (0, 4)


def test_what_a_change_leaves_as_it_was_is_not_asked_of_the_database(early, code, django_assert_num_queries):
    lines = [at(early, 2), opened(code, 3, 1)]
    counting.reserved(lines, NOW)
    with django_assert_num_queries(0):
        counting.reheld(lines, lines, NOW)
    counting.reheld(lines, [at(early, 3), opened(code, 2, 1)], NOW)
    assert (counts(early), used(code)) == ((3, 0), 2)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (4, "Only 1 of General Admission is left at $40.00 (Early bird); further ones cost $45.00."),
        (5, "Nothing is left of Early bird; General Admission is $45.00 now."),
    ],
)
def test_what_is_short_says_what_is_left(early, second, held, words):
    TicketRelease.objects.filter(pk=early.pk).update(held=held)
    with pytest.raises(ReleaseShort) as refused:
        counting.reserved([plain(1), at(early, 2, 1), at(second, 1, 2)], NOW)
    told = [(each.field, each.code, each.message) for each in refused.value.details]
    assert told == [("items[1].quantity", "release_short", words)]
    assert refused.value.message == words


def test_several_that_are_short_are_told_line_by_line(early, second):
    with pytest.raises(ReleaseShort) as refused:
        counting.reserved([at(second, 3), at(early, 6, 1)], NOW)
    assert refused.value.message == ReleaseShort.message
    assert [each.message for each in refused.value.details] == [
        "Only 2 of General Admission are left at $45.00 (Second); further ones cost $50.00.",
        "Only 5 of General Admission are left at $40.00 (Early bird); further ones cost $45.00.",
    ]


def test_only_the_code_that_is_used_up_is_named(code, other_code):
    with pytest.raises(UnlockUsedUp) as refused:
        counting.reserved([plain(1), opened(other_code, 5, 1), opened(code, 6, 2)], NOW)
    assert [(each.field, each.code) for each in refused.value.details] == [("items[2].quantity", "unlock_used_up")]
