"""Rows that are only added wait for each other, and are written whatever comes between; or none of them is."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import AuditLog
from audit.trail import record
from reports.models import BuyerOfOrder, StaleMark
from trufan.lib.appending import append, gathered
from trufan.lib.ids import uuid7
from trufan.testing import VenueFactory

pytestmark = pytest.mark.django_db


def mark(name: str = "sales") -> StaleMark:
    return StaleMark(rollup=name, venue_id=uuid7(), at=timezone.now())


def buyer(**more: object) -> BuyerOfOrder:
    plain = {"order_id": uuid7(), "venue_id": uuid7(), "key": "k", "at": timezone.now(), "amount": 1, "currency": "USD"}
    return BuyerOfOrder(**{**plain, **more})


def test_without_a_block_rows_are_written_at_once():
    one, other = mark(), mark()
    append(one, other)
    assert set(StaleMark.objects.all()) == {one, other}
    assert not one._state.adding


def test_rows_of_several_tables_are_one_statement_on_postgresql(django_assert_num_queries):
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        append(mark(), buyer(), mark())
    assert (StaleMark.objects.count(), BuyerOfOrder.objects.count()) == (2, 1)


def test_what_is_gathered_is_written_when_the_block_ends(django_assert_num_queries):
    venue = VenueFactory()
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2), gathered():
        record("thing.done", venue, new={"n": 1})
        append(mark())
        record("thing.done", venue, new={"n": 2})
    assert [entry.new_values["n"] for entry in AuditLog.objects.filter(action="thing.done").order_by("id")] == [1, 2]
    assert StaleMark.objects.count() == 1


def test_who_asks_meanwhile_sees_what_waits(django_assert_num_queries):
    with gathered():
        append(mark("early"))
        append(mark("early too"))
        with django_assert_num_queries(2):
            assert [row.rollup for row in StaleMark.objects.order_by("id")] == ["early", "early too"]
        append(mark("late"))
        with transaction.atomic():
            append(mark("last"))
            assert StaleMark.objects.count() == 4
    assert StaleMark.objects.count() == 4


def test_who_asks_for_something_else_does_not_send_it(django_assert_num_queries):
    venue = VenueFactory()
    with gathered():
        append(mark("early"))
        with django_assert_num_queries(1):
            venue.refresh_from_db()
        append(mark("late"))
        with django_assert_num_queries(2 if connection.features.has_select_for_update else 1):
            type(venue).objects.select_for_update(of=("self",)).get(pk=venue.pk)
    assert StaleMark.objects.count() == 2


def test_it_is_written_before_a_row_is_locked():
    venue, asked = VenueFactory(), []

    def note(execute, sql, *more):
        asked.append(sql.split('"')[0].strip() + " " + sql.split('"')[1])
        return execute(sql, *more)

    with gathered(), connection.execute_wrapper(note):
        append(mark())
        type(venue).objects.filter(pk=venue.pk).update(city="Graz")
    assert asked == ["INSERT INTO reports_stalemark", "UPDATE venues_venue"]


def test_what_a_block_raises_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), transaction.atomic(), gathered():
        append(mark())
        assert StaleMark.objects.exists()
        append(mark())
        raise ZeroDivisionError
    append(mark("after"))
    assert [row.rollup for row in StaleMark.objects.all()] == ["after"]


def test_blocks_within_each_other_write_their_own():
    with gathered():
        append(mark("outer"))
        with gathered():
            append(mark("inner"))
            assert sorted(row.rollup for row in StaleMark.objects.all()) == ["inner", "outer"]
    assert StaleMark.objects.count() == 2


def test_a_row_that_is_there_is_passed_over_only_where_that_was_asked_for():
    first = buyer()
    append(first)
    append(buyer(order_id=first.pk, key="other"), or_pass=True)
    assert BuyerOfOrder.objects.get().key == "k"
    with pytest.raises(IntegrityError), transaction.atomic():
        append(buyer(order_id=first.pk))


def test_the_row_is_what_saving_it_would_make():
    saved, appended = buyer(), mark()
    saved.save(force_insert=True)
    append(appended)
    found = StaleMark.objects.get()
    assert {k: v for k, v in vars(found).items() if k != "_state"} == {
        k: v for k, v in vars(appended).items() if k != "_state"
    }


def test_as_many_rows_as_anybody_adds_at_once():
    """SQLite takes so many parameters and no more, and an order may be of thousands of tickets."""
    append(*(mark() for _ in range(60_000)))
    assert StaleMark.objects.count() == 60_000
