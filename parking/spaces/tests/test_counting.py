"""Counting equals counting minute by minute, whatever overlaps, lapsed, came early or outstayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.models import SpaceUse
from parking.spaces import counting, taking
from trufan.testing import CapacityFactory

MINUTE = timedelta(minutes=1)
#: Minutes around now that the uses lie in, and the windows.
SPAN = 60
SPACES = 5


@dataclass(frozen=True)
class Row:
    """A use, in minutes from now."""

    begins: int
    lasts: int
    quantity: int
    purpose: str
    is_inside: bool
    is_active: bool
    held_for: int | None

    def stands(self, minute: int) -> bool:
        """Whether it takes its spaces in that minute: written down apart from the code, from what the words say."""
        if not self.is_active or (self.held_for is not None and self.held_for <= 0):
            return False
        ends = self.begins + self.lasts
        if self.begins <= minute < ends:
            return True
        is_there_now = self.is_inside and minute == 0
        waits_for_its_time = self.is_inside and 0 <= minute < self.begins
        stays_a_while = self.is_inside and ends <= minute < 15
        came_before_now = self.is_inside and self.begins <= minute <= 0
        return is_there_now or waits_for_its_time or stays_a_while or came_before_now


minutes = st.integers(-SPAN, SPAN)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    purpose = draw(st.sampled_from(["hold", "reservation", "session", "block"]))
    is_inside = purpose in ("reservation", "session") and draw(st.booleans())
    return Row(
        begins=draw(minutes),
        lasts=draw(st.integers(1, SPAN)),
        quantity=draw(st.integers(1, 3)),
        purpose=purpose,
        is_inside=is_inside,
        is_active=is_inside or draw(st.integers(0, 4)) > 0,
        held_for=draw(st.integers(-10, 10)) if purpose == "hold" else None,
    )


def write(capacity, now: datetime, found: Sequence[Row]) -> None:
    SpaceUse.objects.all().delete()
    SpaceUse.objects.bulk_create(
        SpaceUse(
            capacity=capacity,
            purpose=row.purpose,
            starts_at=now + row.begins * MINUTE,
            ends_at=now + (row.begins + row.lasts) * MINUTE,
            quantity=row.quantity,
            is_inside=row.is_inside,
            is_active=row.is_active,
            held_until=None if row.held_for is None else now + row.held_for * MINUTE,
        )
        for row in found
    )


def taken(found: Sequence[Row], begins: int, ends: int) -> int:
    """The most that are taken in any minute of the window."""
    return max(sum(row.quantity for row in found if row.stands(minute)) for minute in range(begins, ends))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(rows(), max_size=12), begins=minutes, lasts=st.integers(1, 2 * SPAN))
def test_counting_equals_a_count_of_every_minute(capacity, found, begins, lasts):
    capacity.spaces = SPACES
    now = timezone.now().replace(microsecond=0)
    write(capacity, now, found)
    starts_at, ends_at = now + begins * MINUTE, now + (begins + lasts) * MINUTE
    expected = SPACES - taken(found, begins, begins + lasts)
    assert counting.left(capacity, starts_at, ends_at, now) == expected
    assert counting.left_by_capacity([capacity], starts_at, ends_at, now) == {capacity.pk: max(expected, 0)}
    assert counting.left_now([capacity], now) == {capacity.pk: max(SPACES - taken(found, 0, 1), 0)}
    assert counting.most(capacity, now) == taken(found, 0, 3 * SPAN)
    inside = sum(row.quantity for row in found if row.is_inside)
    assert counting.inside([capacity]).get(capacity.pk, 0) == inside


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(rows(), min_size=1, max_size=25))
def test_whatever_is_asked_for_no_minute_is_sold_twice_and_none_is_kept_back(capacity, asked):
    """Each is taken exactly where a count of every minute says that there is room beside those taken before."""
    capacity.spaces = SPACES
    now = timezone.now().replace(microsecond=0)
    write(capacity, now, [])
    sold: list[Row] = []
    for row in asked:
        begins, ends = now + row.begins * MINUTE, now + (row.begins + row.lasts) * MINUTE
        row = Row(row.begins, row.lasts, row.quantity, "reservation", False, True, None)
        fits = taken(sold, row.begins, row.begins + row.lasts) + row.quantity <= SPACES
        try:
            taking.take(capacity, begins, ends, "reservation", now, quantity=row.quantity)
        except taking.NoSpace:
            assert not fits
        else:
            assert fits
            sold.append(row)
    assert SpaceUse.objects.count() == len(sold)


def test_a_car_that_came_early_is_there_already(capacity):
    now = timezone.now()
    taking.put(capacity, now + 20 * MINUTE, now + 80 * MINUTE, "reservation", is_inside=True)
    assert counting.left_now([capacity], now) == {capacity.pk: 19}
    assert counting.left(capacity, now, now + 10 * MINUTE, now) == 19


def test_a_car_that_outstayed_is_expected_to_go_a_quarter_of_an_hour_from_any_moment(capacity):
    now = timezone.now()
    taking.put(capacity, now - 80 * MINUTE, now - 20 * MINUTE, "session", is_inside=True)
    assert counting.left(capacity, now, now + MINUTE, now) == 19
    assert counting.left(capacity, now + 15 * MINUTE, now + 16 * MINUTE, now) == 20
    later = now + 60 * MINUTE
    assert counting.left(capacity, later, later + MINUTE, later) == 19


def test_other_kinds_of_space_are_other_spaces(lot, capacity):
    other, now = CapacityFactory(lot=lot, kind="ev", spaces=2), timezone.now()
    taking.take(other, now, now + MINUTE, "session", now, quantity=2)
    assert counting.left_now([capacity, other], now) == {capacity.pk: 20, other.pk: 0}


def test_what_is_left_costs_one_query(lot, capacity, django_assert_num_queries):
    now = timezone.now()
    kinds = [capacity, *(CapacityFactory(lot=lot, kind=kind) for kind in ("ev", "valet"))]
    for kind in kinds:
        for number in range(5):
            taking.put(kind, now + number * MINUTE, now + 9 * MINUTE, "reservation")
    use = SpaceUse.objects.first()
    for count in (
        lambda: counting.left(capacity, now, now + 10 * MINUTE, now),
        lambda: counting.left(capacity, now, now + 10 * MINUTE, now, [use.pk]),
        lambda: counting.left_by_capacity(kinds, now, now + 10 * MINUTE, now),
        lambda: counting.left_now(kinds, now),
        lambda: counting.inside(kinds),
        lambda: counting.most(capacity, now),
    ):
        with django_assert_num_queries(1):
            count()
