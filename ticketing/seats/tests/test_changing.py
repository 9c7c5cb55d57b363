"""A changed order keeps the seats it still needs, and gives back the rest."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.cancellation import cancel
from orders.cart import cart_lines
from orders.changing import change_order
from orders.pricing import Tip
from ticketing.errors import SeatTaken
from ticketing.seats.tests.seated import asking, labels, order, statuses

pytestmark = pytest.mark.usefixtures("seating")


@pytest.fixture(autouse=True)
def books_stay_right(db):
    yield
    call_command("check_inventory")


def change(placed, user, *lines):
    return change_order(placed, lines=cart_lines(lines), by=user, now=timezone.now())


def test_seats_named_again_stay_and_the_others_are_free(fay, gold, event):
    placed = order(fay, asking(gold, 2, "A-A-1", "A-A-2"))
    change(placed, fay, asking(gold, 2, "A-A-2", "A-B-2"))
    assert statuses(event) == {"A-A-2": "held", "A-B-2": "held"}
    assert labels(placed) == [["A-A-2", "A-B-2"]]


def test_a_taken_seat_leaves_the_order_as_it_was(fay, gus, gold, event):
    placed = order(fay, asking(gold, 1, "A-A-1"))
    order(gus, asking(gold, 1, "A-A-2"))
    with pytest.raises(SeatTaken):
        change(placed, fay, asking(gold, 1, "A-A-2"))
    assert labels(placed) == [["A-A-1"]]
    assert statuses(event) == {"A-A-1": "held", "A-A-2": "held"}


def test_what_was_chosen_for_them_stays_while_only_the_rest_changes(fay, gold, event):
    placed = order(fay, asking(gold, 2, section="A"))
    before = labels(placed)
    order(fay, asking(gold, 1))
    change(placed, fay, asking(gold, 2, section="A"), asking(gold, 1, "A-C-6"))
    assert labels(placed) == [*before, ["A-C-6"]]


def test_without_new_lines_the_seats_stay(fay, gold):
    placed = order(fay, asking(gold, 2), asking(gold, 1, "A-B-6"))
    before = labels(placed)
    change_order(placed, codes=(), tip=Tip(), by=fay, now=timezone.now())
    assert labels(placed) == before == [["A-A-1", "A-A-2"], ["A-B-6"]]


def test_more_people_sit_with_those_who_have_seats(fay, gold):
    placed = order(fay, asking(gold, 2))
    change(placed, fay, asking(gold, 3))
    assert labels(placed) == [["A-A-1", "A-A-2", "A-A-3"]]


def test_more_people_who_must_sit_together_are_seated_anew(fay, gold):
    placed = order(fay, asking(gold, 2, together=True))
    order(fay, asking(gold, 1, "A-A-3"))
    change(placed, fay, asking(gold, 4, together=True))
    ((first, *rest),) = labels(placed)
    assert [label[:3] for label in rest] == [first[:3]] * 3


def test_fewer_people_give_seats_back(fay, gold, event):
    placed = order(fay, asking(gold, 3))
    change(placed, fay, asking(gold, 1))
    assert len(statuses(event)) == 1
    assert [len(each) for each in labels(placed)] == [1]


def test_seats_of_another_type_take_their_place(fay, gold, silver, event):
    placed = order(fay, asking(gold, 2))
    change(placed, fay, asking(silver, 1, "B-B-4"))
    assert statuses(event) == {"B-B-4": "held"}
    gold.refresh_from_db()
    silver.refresh_from_db()
    assert (gold.held, silver.held) == (0, 1)


def test_lines_that_change_places_keep_their_seats(fay, gold):
    placed = order(fay, asking(gold, 1, "A-A-1"), asking(gold, 1, "A-A-5"))
    change(placed, fay, asking(gold, 1, "A-A-5"), asking(gold, 1, "A-A-1"))
    assert labels(placed) == [["A-A-5"], ["A-A-1"]]


@pytest.mark.parametrize("best", [{}, {"together": True}])
def test_seats_that_were_chosen_for_them_stay_though_better_ones_came_free(fay, gus, gold, best):
    first = order(gus, asking(gold, 2))
    placed = order(fay, asking(gold, 2, **best))
    cancel(first, by=gus, now=timezone.now())
    change(placed, fay, asking(gold, 2, **best), asking(gold, 1, "A-C-6"))
    assert labels(placed) == [["A-A-3", "A-A-4"], ["A-C-6"]]


def test_more_people_keep_the_seats_they_have_though_better_ones_came_free(fay, gus, gold):
    first = order(gus, asking(gold, 2))
    placed = order(fay, asking(gold, 2))
    cancel(first, by=gus, now=timezone.now())
    change(placed, fay, asking(gold, 3))
    ((*kept, _),) = labels(placed)
    assert kept == ["A-A-3", "A-A-4"]


def test_one_of_the_seats_that_were_chosen_for_them_may_be_named(fay, gold):
    placed = order(fay, asking(gold, 2))
    change(placed, fay, asking(gold, 1, "A-A-1"), asking(gold, 1))
    assert labels(placed) == [["A-A-1"], ["A-A-2"]]
