"""Rows that are only added wait for each other, and are written whatever comes between; or none of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from audit.models import AuditLog
from audit.trail import record
from reports.models import BuyerOfOrder, StaleMark
from trufan.lib.appending import Change, append, change, gathered
from trufan.lib.ids import uuid7
from trufan.testing import VenueFactory
from venues.models import Venue

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


def rise(venue: Venue, missed: Callable[[], None] = lambda: None, *, found: bool = True) -> Change:
    """An UPDATE of the venue's row; or of none."""
    sql = "UPDATE venues_venue SET ticket_fee_fixed = ticket_fee_fixed + %s WHERE slug = %s"
    return Change(Venue, sql, [5, venue.slug if found else "nowhere"], missed)


def refuse() -> None:
    raise LookupError


def fee(venue: Venue) -> int:
    venue.refresh_from_db()
    return venue.ticket_fee_fixed


def test_a_change_goes_with_the_rows_that_wait(django_assert_num_queries):
    venue = VenueFactory(ticket_fee_fixed=0)
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2), gathered():
        change(rise(venue))
        append(mark())
    assert (fee(venue), StaleMark.objects.count()) == (5, 1)


def test_a_change_alone_is_carried_out_at_once():
    venue = VenueFactory(ticket_fee_fixed=0)
    change(rise(venue))
    assert fee(venue) == 5
    with pytest.raises(LookupError):
        change(rise(venue, refuse, found=False))


def test_several_changes_are_carried_out_in_their_order():
    one, other = VenueFactory(ticket_fee_fixed=0), VenueFactory(ticket_fee_fixed=0)
    with gathered():
        append(mark())
        change(rise(one))
        change(rise(other))
        change(rise(one))
    assert (fee(one), fee(other), StaleMark.objects.count()) == (10, 5, 1)


def test_who_asks_for_the_changed_row_sees_it_changed():
    venue = VenueFactory(ticket_fee_fixed=0)
    with gathered():
        append(mark())
        change(rise(venue))
        assert fee(venue) == 5


def test_what_a_change_misses_is_said_and_nothing_is_left():
    with pytest.raises(LookupError), transaction.atomic(), gathered():
        append(mark())
        change(rise(VenueFactory(), refuse, found=False))
    assert not StaleMark.objects.exists()


@pytest.fixture
def statements(db) -> Iterator[list[bool]]:
    """Of each statement that writes: whether it is a transaction by itself."""
    seen: list[bool] = []

    def note(execute: Any, sql: Any, *more: Any) -> Any:
        if not sql.startswith("SELECT"):
            seen.append(connection.connection.autocommit)
        return execute(sql, *more)

    with connection.execute_wrapper(note):
        yield seen


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestWhatEndsItsTransaction:
    def test_is_one_statement_without_begin_and_commit_and_is_told_of_afterwards(self, statements):
        venue, told = VenueFactory(ticket_fee_fixed=0), []
        statements.clear()
        with transaction.atomic(), gathered(ends=True):
            transaction.on_commit(lambda: told.append(StaleMark.objects.count()))
            append(mark())
            change(rise(venue))
            assert not told
        assert (statements, told, fee(venue)) == ([True], [1], 5)

    def test_writes_nothing_where_the_change_finds_no_row(self, statements):
        told = []
        with pytest.raises(LookupError), transaction.atomic(), gathered(ends=True):
            transaction.on_commit(lambda: told.append(1))
            append(mark())
            change(rise(Venue(slug="nowhere"), refuse))
        assert statements == [True]
        assert not StaleMark.objects.exists()
        assert not told

    def test_goes_with_what_the_transaction_has_written_before(self, statements):
        venue = VenueFactory(ticket_fee_fixed=0)
        statements.clear()
        with pytest.raises(LookupError), transaction.atomic():
            Venue.objects.filter(pk=venue.pk).update(city="Graz")
            with gathered(ends=True):
                append(mark())
                change(rise(venue, refuse, found=False))
        venue.refresh_from_db()
        assert statements == [False, False]
        assert venue.city != "Graz"

    def test_does_not_end_the_transaction_of_who_called(self, statements):
        venue = VenueFactory(ticket_fee_fixed=0)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with transaction.atomic(), gathered(ends=True):
                append(mark())
                change(rise(venue))
            assert fee(venue) == 5
            raise ZeroDivisionError
        assert fee(venue) == 0
        assert not StaleMark.objects.exists()

    def test_is_as_the_others_where_something_else_was_written_in_the_block(self, statements):
        venue = VenueFactory(ticket_fee_fixed=0)
        statements.clear()
        with pytest.raises(ZeroDivisionError), transaction.atomic(), gathered(ends=True):
            append(mark())
            Venue.objects.filter(pk=venue.pk).update(city="Graz")
            append(mark())
            raise ZeroDivisionError
        assert not any(statements)
        assert not StaleMark.objects.exists()

    def test_leaves_nothing_where_the_database_refuses_a_row(self, statements):
        venue, first = VenueFactory(ticket_fee_fixed=0), buyer()
        append(first)
        with pytest.raises(IntegrityError), transaction.atomic(), gathered(ends=True):
            append(mark(), buyer(order_id=first.pk))
            change(rise(venue))
        assert fee(venue) == 0
        assert not StaleMark.objects.exists()
        with transaction.atomic():
            append(mark())
        assert StaleMark.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_meanwhile_is_said_to_be_lost():
    """As Django says it: what looks out for an outage knows no other."""
    with pytest.raises(OperationalError), transaction.atomic(), gathered(ends=True):
        append(mark())
        # Asked beside Django, so that the transaction has nothing in it.
        connection.ensure_connection()
        with psycopg.connect(connection.connection.info.dsn, password="x") as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    connection.close()
    assert not StaleMark.objects.exists()


def test_as_many_rows_as_anybody_adds_at_once():
    """SQLite takes so many parameters and no more, and an order may be of thousands of tickets."""
    append(*(mark() for _ in range(60_000)))
    assert StaleMark.objects.count() == 60_000
