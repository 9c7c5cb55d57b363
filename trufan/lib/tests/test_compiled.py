"""A row that is read by a statement put together once is the row that the ORM reads."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parking.stays.entering import _HERE
from ticketing import rarities
from ticketing.models import TicketType
from trufan.lib.compiled import AllByKeys, OneByKeys, UpdateByKeys
from trufan.testing import TicketTypeFactory

ONE = OneByKeys(lambda pk: rarities.noted(TicketType.objects.with_event()).filter(pk=pk))
OF_EVENT = AllByKeys(lambda event: TicketType.objects.filter(event=event).order_by("position", "pk"), UUID)
UPDATED_BEFORE = OneByKeys(
    lambda pk, at: TicketType.objects.order_by().filter(pk=pk, updated_at__lt=at), UUID, datetime
)
TAKE = UpdateByKeys(
    lambda pk, n: (TicketType.objects.filter(pk=pk, quantity__gte=F("sold") + n), {"sold": F("sold") + n}), UUID, int
)

pytestmark = pytest.mark.django_db


def test_it_has_all_columns_relations_and_annotations(django_assert_num_queries):
    kind = TicketTypeFactory()
    expected = rarities.noted(TicketType.objects.with_event()).get(pk=kind.pk)
    with django_assert_num_queries(1):
        found = ONE.get(kind.pk)
        assert found is not None
        venue = found.event.venue
    left_out = {"_state"}
    for ours, theirs in ((found, expected), (found.event, expected.event), (venue, expected.event.venue)):
        assert {k: v for k, v in vars(ours).items() if k not in left_out} == {
            k: v for k, v in vars(theirs).items() if k not in left_out
        }
    assert not found._state.adding


def test_what_stays_may_be_any_text_and_only_the_keys_are_parameters():
    odd = '50 % off: it\'s \\ "quoted" %s %% and é'
    named = OneByKeys(
        lambda pk, price: TicketType.objects.order_by().filter(name=odd, price__gte=0, pk=pk, price__lte=price),
        UUID,
        int,
    )
    kind, other = TicketTypeFactory(name=odd, price=700), TicketTypeFactory(name="Plain", price=700)
    assert [named.get(kind.pk, 700), named.get(kind.pk, 699), named.get(other.pk, 700)] == [kind, None, None]
    if connection.vendor == "postgresql":
        assert len(named._statement()._params.filled((kind.pk, 700))) == 2


@pytest.mark.postgres
def test_a_plan_that_is_kept_uses_an_index_of_some_rows():
    """`status` is a word of the statement: given with each call, a kept plan could use no index on some rows of it."""
    sql, keys = _HERE._statement()._sql, _HERE._statement()._params.filled((uuid4(), "ABC123"))
    numbers = itertools.count(1)
    marked = re.sub("%s", lambda _: f"${next(numbers)}", sql)
    with connection.cursor() as cursor:
        for setting in ("plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_bitmapscan = off"):
            cursor.execute(f"SET LOCAL {setting}")
        cursor.execute(f"PREPARE asked AS {marked}")
        cursor.execute("EXPLAIN EXECUTE asked (%s, %s)", keys)
        plan = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
    assert "session_one_stay_per_car" in plan, plan


def test_each_call_asks_for_its_own_row():
    first, second = TicketTypeFactory(), TicketTypeFactory()
    assert [ONE.get(kind.pk) for kind in (first, second, first)] == [first, second, first]


def test_no_row_is_none():
    assert ONE.get(uuid4()) is None


def test_many_rows_come_in_their_order(django_assert_num_queries):
    event = TicketTypeFactory().event
    TicketTypeFactory(event=event, position=2), TicketTypeFactory(event=event, position=1)
    with django_assert_num_queries(1):
        found = OF_EVENT.all(event.pk)
    assert found == list(event.ticket_types.order_by("position", "pk"))
    assert len(found) == 3


def test_a_moment_is_a_key_too():
    kind, now = TicketTypeFactory(), timezone.now()
    assert UPDATED_BEFORE.get(kind.pk, now + timedelta(hours=1)) == kind
    assert UPDATED_BEFORE.get(kind.pk, now - timedelta(hours=1)) is None


def test_postgresql_is_given_each_statement_once():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's driver keeps statements by itself")
    kind = TicketTypeFactory()
    for _ in range(3):
        assert UPDATED_BEFORE.get(kind.pk, timezone.now() + timedelta(hours=1)) == kind
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%ticketing_tickettype%updated_at%<%"],
        )
        assert (3,) in cursor.fetchall()


def test_it_is_seen_by_whoever_looks_at_queries():
    with CaptureQueriesContext(connection) as asked:
        ONE.get(pk := uuid4())
    assert "ticketing_tickettype" in asked[0]["sql"]
    assert pk.hex in asked[0]["sql"].replace("-", ""), "with its parameters, so that it can be explained"


def test_a_change_finds_its_rows_and_keeps_the_time():
    kind, other = TicketTypeFactory(quantity=5), TicketTypeFactory(quantity=5)
    before = timezone.now()
    assert TAKE.run(kind.pk, 3) == 1
    assert TAKE.run(kind.pk, 3) == 0
    assert TAKE.run(other.pk, 5) == 1
    kind.refresh_from_db()
    other.refresh_from_db()
    assert (kind.sold, other.sold) == (3, 5)
    assert before <= kind.updated_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_a_column_that_a_migration_changes_does_not_stop_who_kept_a_plan():
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps plans")
    kind = TicketTypeFactory()
    assert OF_EVENT.all(kind.event_id) == [kind]
    # By another connection, as a migration is.
    _alter(kind, "varchar(130)")
    try:
        assert OF_EVENT.all(kind.event_id) == [kind]
        assert OF_EVENT.all(kind.event_id) == [kind]
        _alter(kind, "varchar(140)")
        with pytest.raises(NotSupportedError), transaction.atomic():
            OF_EVENT.all(kind.event_id)
        with transaction.atomic():
            assert OF_EVENT.all(kind.event_id) == [kind], "the rollback forgot the plan"
    finally:
        _alter(kind, "varchar(120)")


def _alter(kind: TicketType, to: str) -> None:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE ticketing_tickettype ALTER COLUMN name TYPE {to}")
        connection.close()

    other = Thread(target=run)
    other.start()
    other.join()


def test_a_key_that_is_changed_on_its_way_is_an_error():
    """Else every call would ask for the mark that stood for the key."""
    changed = OneByKeys(lambda pk: TicketType.objects.filter(name=f"{pk} and more"), UUID)
    with pytest.raises(TypeError):
        changed.get(uuid4())
