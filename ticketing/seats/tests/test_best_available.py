"""The best seats for so many people, against a definition that looks at every possibility."""

from __future__ import annotations

import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.seats.best_available import best_available
from ticketing.seats.layout import Layout, Spot
from ticketing.seats.tests.halls import arena, drawn, free


def labels(layout: Layout, seats: tuple[int, ...] | None) -> list[tuple[int, int]] | None:
    return None if seats is None else [(layout.spots[at].row_order, layout.spots[at].seat_order) for at in seats]


def test_the_middle_of_the_first_row_comes_first():
    hall = drawn("sssssssss", "sssssssss")
    assert labels(hall, best_available(3, hall, free(hall))) == [(0, 3), (0, 4), (0, 5)]


def test_people_sit_together_rather_than_near():
    hall = drawn("ss sss", "ssssss")
    assert labels(hall, best_available(5, hall, free(hall))) == [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]


def test_an_aisle_parts_neighbours():
    hall = drawn("ss ss")
    assert best_available(3, hall, free(hall), together=True) is None


def test_the_end_of_a_row_is_no_neighbour_of_the_next_row():
    hall = drawn("ss", "ss")
    assert best_available(3, hall, free(hall), together=True) is None


def test_no_single_seat_is_left_alone_where_it_can_be_avoided():
    hall = drawn("sss", "ssss")
    assert labels(hall, best_available(2, hall, free(hall))) == [(1, 0), (1, 1)]


def test_a_single_seat_is_left_alone_where_it_cannot_be_avoided():
    hall = drawn("sss")
    assert labels(hall, best_available(2, hall, free(hall))) == [(0, 0), (0, 1)]


def test_a_seat_left_alone_between_a_taken_one_and_the_block_counts():
    hall = drawn("sssssss")
    assert labels(hall, best_available(1, hall, free(hall, 3))) == [(0, 2)]
    assert labels(hall, best_available(1, hall, free(hall, 4))) == [(0, 3)]


def test_seats_that_see_badly_come_last():
    hall = drawn("srrs", "ssss")
    assert labels(hall, best_available(2, hall, free(hall))) == [(1, 0), (1, 1)]
    assert labels(hall, best_available(2, hall, free(hall, 4, 5, 6, 7), together=True)) == [(0, 0), (0, 1)]


def test_wheelchair_places_and_their_companions_are_kept_for_who_asks():
    hall = drawn("aws", "sss")
    assert labels(hall, best_available(3, hall, free(hall))) == [(1, 0), (1, 1), (1, 2)]
    assert best_available(5, hall, free(hall)) is None
    assert labels(hall, best_available(2, hall, free(hall), accessible=True)) == [(0, 0), (0, 1)]


def test_a_companion_sits_by_the_wheelchair_and_not_by_anothers():
    hall = drawn("awaw")
    assert labels(hall, best_available(2, hall, free(hall, 1), accessible=True)) == [(0, 2), (0, 3)]


def test_who_comes_alone_in_a_wheelchair_leaves_the_pairs_to_pairs():
    hall = drawn("aw", "as")
    assert labels(hall, best_available(1, hall, free(hall), accessible=True)) == [(1, 0)]


def test_the_company_of_a_wheelchair_sits_around_it():
    hall = drawn("sss", "aws", "sss")
    found = labels(hall, best_available(4, hall, free(hall), accessible=True))
    assert found is not None and {(1, 0), (1, 1)} < set(found)
    assert best_available(4, hall, free(hall), accessible=True, together=True) is None


def test_without_a_wheelchair_place_there_is_none():
    hall = drawn("aws")
    assert best_available(1, hall, free(hall, 0), accessible=True) is None


def test_who_cannot_sit_together_sits_in_few_pieces_near_each_other():
    hall = drawn("ss", "ss", "ss", "ss", "ss", "ss")
    assert labels(hall, best_available(4, hall, free(hall))) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert labels(hall, best_available(4, hall, free(hall, 2))) == [(2, 0), (2, 1), (3, 0), (3, 1)]


def test_what_is_not_there_is_not_given():
    hall = drawn("sss")
    assert best_available(4, hall, free(hall)) is None
    assert best_available(1, hall, bytes(3)) is None
    assert best_available(0, hall, free(hall)) is None


# -- Against brute force --


@st.composite
def halls(draw):
    rows = draw(st.lists(st.text("sssr aw", min_size=1, max_size=6), min_size=1, max_size=3))
    hall = drawn(*rows)
    taken = draw(st.sets(st.integers(0, max(len(hall) - 1, 0)), max_size=len(hall)))
    return hall, free(hall, *taken)


def next_to(hall: Layout, at: int, other: int) -> bool:
    """By the seats' own numbers, not by how a layout is cut."""
    a, b = hall.spots[at], hall.spots[other]
    return (a.section, a.row_order) == (b.section, b.row_order) and abs(a.seat_order - b.seat_order) == 1


def blocks(hall: Layout, usable: set[int], count: int) -> list[tuple[int, ...]]:
    found = [tuple(range(at, at + count)) for at in range(len(hall) - count + 1)]
    return [
        block
        for block in found
        if usable.issuperset(block) and all(next_to(hall, a, a + 1) for a in block[:-1])
    ]  # fmt: skip


def left_alone(hall: Layout, usable: set[int], block: tuple[int, ...]) -> int:
    rest = usable - set(block)
    beside = {at for at in rest if any(next_to(hall, at, seat) for seat in block)}
    return sum(not any(next_to(hall, at, other) for other in rest) for at in beside)


@given(halls(), st.integers(1, 6))
def test_the_block_is_the_best_of_all_blocks(given_hall, count):
    hall, mask = given_hall
    usable = {at for at in range(len(hall)) if mask[at] and hall.ordinary[at]}

    def key(block):
        return (
            sum(hall.spots[at].restricted for at in block),
            left_alone(hall, usable, block),
            sum(hall.distance[at] for at in block),
            block,
        )

    best = min(blocks(hall, usable, count), key=key, default=None)
    assert best_available(count, hall, mask, together=True) == best


@given(halls(), st.integers(1, 8))
def test_pieces_are_as_few_as_can_be_and_all_free(given_hall, count):
    hall, mask = given_hall
    usable = {at for at in range(len(hall)) if mask[at] and hall.ordinary[at]}
    found = best_available(count, hall, mask)
    if len(usable) < count:
        assert found is None
        return
    assert found is not None
    assert len(set(found)) == count
    assert usable.issuperset(found)

    def pieces(seats):
        return sum(at - 1 not in seats or not next_to(hall, at - 1, at) for at in seats)

    assert pieces(set(found)) == min(pieces(set(some)) for some in combinations(sorted(usable), count))


@given(halls(), st.integers(1, 4), st.booleans())
def test_who_asks_for_a_wheelchair_gets_one_and_nobody_elses_company(given_hall, count, together):
    hall, mask = given_hall
    found = best_available(count, hall, mask, accessible=True, together=together)
    places = [at for at in range(len(hall)) if mask[at] and hall.spots[at].accessible]
    if found is None:
        assert not places or count > 1
        return
    (place,) = [at for at in found if hall.spots[at].accessible]
    assert len(set(found)) == count
    assert all(mask[at] for at in found)
    assert all(hall.spots[at].goes_with == place for at in found if hall.spots[at].companion)
    if together:
        assert all(next_to(hall, a, b) for a, b in pairwise(found))


@given(halls(), st.integers(1, 6), st.booleans())
def test_the_same_question_has_the_same_answer(given_hall, count, accessible):
    hall, mask = given_hall
    again = Layout([Spot(*spot) for spot in hall.spots], hall.stage)
    assert best_available(count, hall, mask, accessible=accessible) == best_available(
        count, again, mask, accessible=accessible
    )


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_an_arena_is_searched_in_no_time(count):
    hall = arena()
    mask = bytes(len(hall) * [1])
    begun = time.perf_counter()
    found = best_available(count, hall, mask, together=True)
    assert found is not None and len(found) == count
    # A hundred times what it takes on a laptop: it is the order of magnitude that is kept.
    assert time.perf_counter() - begun < 0.5
