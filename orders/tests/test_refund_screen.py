"""The refund screen: counts by line, what they come to before anything happens, and once however often pressed."""

from __future__ import annotations

from typing import Any

import pytest

from orders.models import Order
from orders.tests.refunds import buy
from trufan.tests.console_client import as_, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(fay, ticket_type) -> Order:
    return buy(fay, (ticket_type, 3))


def screen(order: Order) -> str:
    return url(Order, "button", order.pk, "refund-lines")


def asked(order: Order, count: int, **more: str) -> dict[str, Any]:
    return {str(order.items.get().pk): str(count), "reason": "Did not come", **more}


def test_each_line_has_a_counter_up_to_what_is_left(olga, bought) -> None:
    page = as_(olga).get(screen(bought)).content.decode()
    assert "One more: " in page
    assert 'max="3"' in page
    assert "Of 3, worth $150.00." in page


def test_a_preview_says_what_comes_back_and_does_nothing(olga, bought) -> None:
    page = as_(olga).post(screen(bought), asked(bought, 2, preview="1")).content.decode()
    assert "$100.00 goes back to the buyer" in page
    assert "2 × " in page
    assert not bought.refunds.exists()


def test_a_preview_never_acts_even_when_it_is_confirmed(olga, bought) -> None:
    confirmed = as_(olga).post(screen(bought), asked(bought, 2, preview="1")).context["figures"]
    as_(olga).post(screen(bought), asked(bought, 2, preview="1", confirmed=confirmed))
    assert not bought.refunds.exists()


def test_more_than_is_left_is_refused_beside_the_line(olga, bought) -> None:
    answer = as_(olga).post(screen(bought), asked(bought, 4, preview="1"))
    assert "less than or equal to 3" in answer.content.decode()
    assert not bought.refunds.exists()


def test_what_was_previewed_is_done_by_one_press_and_once(olga, bought) -> None:
    confirmed = as_(olga).post(screen(bought), asked(bought, 2, preview="1")).context["figures"]
    answer = as_(olga).post(screen(bought), asked(bought, 2, confirmed=confirmed))
    assert answer.status_code == 302
    assert bought.refunds.get().amount == 100_00
    # Two of three are on their way: the same press again is more than is left.
    as_(olga).post(screen(bought), asked(bought, 2, confirmed=confirmed))
    assert bought.refunds.count() == 1


def test_figures_that_hold_no_more_are_asked_again(olga, bought) -> None:
    confirmed = as_(olga).post(screen(bought), asked(bought, 2, preview="1")).context["figures"]
    answer = as_(olga).post(screen(bought), asked(bought, 1, confirmed=confirmed))
    assert "$50.00 goes back to the buyer" in answer.content.decode()
    assert not bought.refunds.exists()


def test_only_who_may_refund_at_this_venue(bought, gus, stan) -> None:
    assert as_(gus).get(screen(bought)).status_code in (302, 403, 404)
    as_(stan).post(screen(bought), asked(bought, 1, preview="1"))
    assert not as_(stan).get(screen(bought)).content.count(b"goes back")
    assert not bought.refunds.exists()
