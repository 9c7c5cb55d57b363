"""What the report of sales says is what the books say, however it came about, and the same when it is rebuilt."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.errors import AlreadyRefunded, NotRefundable, RefundRefused
from orders.tests.carts import buy
from orders.tests.refunds import send
from orders.tests.test_refund_series import answer_all, ask, bought, carts, steps, take
from payments.errors import RefundExceedsPayment
from payments.models import LedgerLine
from reports import reading, registry
from reports.definition import Query
from reports.models import SalesDay, StaleMark
from reports.rollups import keeping
from reports.sales.reports import SALES
from trufan.lib.errors import Invalid
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, VenueFactory, examples

pytestmark = pytest.mark.django_db
CASH = [LedgerLine.Account.GATEWAY, LedgerLine.Account.TILL]


def asked(venue, **more) -> Query:
    today = timezone.now().astimezone(venue.zone).date()
    days = {"since": today - timedelta(days=30), "until": today + timedelta(days=1)} | more
    return Query(frozenset([venue.pk]), venue.currency, **days)


def cash_of(venue, *kinds) -> int:
    lines = LedgerLine.objects.filter(entry__venue_id=venue.pk, entry__kind__in=kinds, account__in=CASH)
    return lines.aggregate(sum=Sum("amount"))["sum"] or 0


@settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))
@given(
    carts,
    st.lists(st.tuples(st.sampled_from([70_000, 88_750]), st.booleans()), max_size=2),
    st.sampled_from([0, 250]),
    st.sampled_from([0, 499]),
    steps,
)
def test_figures_are_those_of_the_ledger_and_of_a_rebuild(cart, rates, fee, tip, series):
    order = bought(cart, rates, fee, tip)
    for step, at, amount in series:
        with contextlib.suppress(NotRefundable, RefundRefused, RefundExceedsPayment, AlreadyRefunded):
            take(order, step, at, amount)
        if at == 0:
            reading.answer(SALES, asked(order.venue))  # read between the steps
    answer_all(order)
    order.refresh_from_db()

    for group_by in ("day", "event", "item", "kind", "channel"):
        table = reading.answer(SALES, asked(order.venue, group_by=group_by))
        assert table.totals["gross"] == cash_of(order.venue, "charge")
        assert table.totals["refunded"] == -cash_of(order.venue, "refund", "refund_return")
        assert table.totals["kept"] == order.amount_paid - order.amount_refunded
        for measure in ("gross", "refunded", "quantity", "tax"):
            assert sum(row.figures[measure] for row in table.rows) == table.totals[measure]
    assert table.totals["tax"] == order.tax
    assert table.totals["discount"] == order.discount
    assert not StaleMark.objects.filter(rollup="sales", venue_id=order.venue_id).exists()

    call_command("rebuild_reports", "--check", "--venue", order.venue.slug)
    kept = SalesDay.values_of(SalesDay.objects.filter(venue_id=order.venue_id))
    SalesDay.objects.filter(venue_id=order.venue_id).delete()
    call_command("rebuild_reports", "--venue", order.venue.slug)
    assert SalesDay.values_of(SalesDay.objects.filter(venue_id=order.venue_id)) == kept


def test_what_cost_nothing_counts_without_money():
    kind = TicketTypeFactory(price=0)
    buy(UserFactory(), (kind, 3))
    table = reading.answer(SALES, asked(kind.event.venue, group_by="item"))
    assert [(row.label, row.figures["quantity"], row.figures["gross"]) for row in table.rows] == [(kind.name, 3, 0)]


def test_a_day_is_the_venues_day():
    venue = VenueFactory(time_zone="America/New_York")
    kind = TicketTypeFactory(event=EventFactory(venue=venue, starts_at=timezone.now() + timedelta(days=400)), price=500)
    with time_machine.travel("2027-03-14T04:30:00Z", tick=False):  # half past eleven of the day before, in New York
        buy(UserFactory(), (kind, 1))
    with time_machine.travel("2027-03-15T03:30:00Z", tick=False):  # a day of 23 hours is nearly over
        buy(UserFactory(), (kind, 2))
    since, until = date(2027, 3, 13), date(2027, 3, 15)
    rows = reading.answer(SALES, asked(venue, since=since, until=until)).rows
    assert [(row.key, row.figures["quantity"]) for row in rows] == [
        (date(2027, 3, 13), 1), (date(2027, 3, 14), 2), (date(2027, 3, 15), 0),
    ]  # fmt: skip


def test_money_that_went_back_counts_on_the_day_it_went():
    kind = TicketTypeFactory(price=1_000)
    venue = kind.event.venue
    order = buy(UserFactory(), (kind, 2))
    later = timezone.now() + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        send(ask(order, amount=300))
        rows = reading.answer(SALES, asked(venue)).rows
    figures = {row.key: (row.figures["gross"], row.figures["refunded"]) for row in rows if any(row.figures.values())}
    today = order.paid_at.astimezone(venue.zone).date()
    assert figures == {today: (order.amount_paid, 0), later.astimezone(venue.zone).date(): (0, 300)}


def test_a_fact_that_commits_after_a_count_is_counted_by_the_next():
    kind = TicketTypeFactory(price=700)
    buy(UserFactory(), (kind, 1))
    marks = set(StaleMark.objects.values_list("pk", flat=True))
    assert marks
    keeping.sweep(timezone.now())
    buy(UserFactory(), (kind, 1))
    assert StaleMark.objects.exclude(pk__in=marks).exists()
    assert reading.answer(SALES, asked(kind.event.venue)).totals["quantity"] == 2


def test_a_year_takes_as_many_queries_as_a_day(django_assert_max_num_queries):
    kind = TicketTypeFactory(price=700)
    buy(UserFactory(), (kind, 1))
    venue = kind.event.venue
    reading.answer(SALES, asked(venue))
    for since in (date(2026, 1, 1), timezone.now().date()):
        with django_assert_max_num_queries(2):
            reading.answer(SALES, asked(venue, since=since))


def test_another_venue_adds_nothing(other_venue):
    kind = TicketTypeFactory(price=700)
    buy(UserFactory(), (kind, 1))
    assert reading.answer(SALES, asked(other_venue)).totals["quantity"] == 0


def test_filters_narrow_and_unknown_ones_are_refused():
    kind = TicketTypeFactory(price=700)
    buy(UserFactory(), (kind, 1))
    venue = kind.event.venue
    assert reading.answer(SALES, asked(venue, filters={"kind": "food"})).totals["quantity"] == 0
    assert reading.answer(SALES, asked(venue, filters={"kind": "ticket"})).totals["quantity"] == 1
    for wrong in ({"filters": {"venue_id": "1"}}, {"group_by": "currency"}):
        with pytest.raises(Invalid):
            reading.answer(SALES, asked(venue, **wrong))


def test_a_wrong_day_is_found_and_put_right():
    kind = TicketTypeFactory(price=700)
    buy(UserFactory(), (kind, 1))
    keeping.sweep(timezone.now())
    SalesDay.objects.update(gross=1)
    with pytest.raises(CommandError):
        call_command("rebuild_reports", "--check")
    call_command("rebuild_reports")
    call_command("rebuild_reports", "--check")


def test_reports_are_found_by_key():
    assert registry.find("sales") is SALES
