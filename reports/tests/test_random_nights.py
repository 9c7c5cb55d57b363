"""Whatever happens in whatever order: every report says what the books say, and a rebuild says the same."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.models import Order, PromoUse
from orders.receipts import issuing
from orders.receipts.models import Receipt
from payments import statements
from payments.models import Dispute, JournalEntry, LedgerLine
from reports import reading, registry
from reports.definition import Query
from reports.models import StaleMark
from reports.rollups import base
from reports.tests.nights import STEPS, Night
from trufan.testing import examples

pytestmark = pytest.mark.django_db
Account, Entry = LedgerLine.Account, JournalEntry.Kind
CASH = (Account.GATEWAY, Account.TILL)
steps = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 7), st.integers(0, 5_000), st.sampled_from([0, 3, 9, 30])),
    min_size=6, max_size=18,
)  # fmt: skip


def booked(venue, accounts, kinds, **more) -> int:
    lines = LedgerLine.objects.filter(entry__venue_id=venue.pk, account__in=accounts, entry__kind__in=kinds, **more)
    return lines.aggregate(sum=Sum("amount", default=0))["sum"]


@given(steps)
@settings(
    max_examples=examples(7),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_reports_say_what_the_books_say_and_so_does_a_rebuild(series):
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        night = Night()
        first = night.today
        night.buys(1, 1)
        for step, at, amount, hours in series:
            clock.shift(timedelta(hours=hours, minutes=1))
            night.play(step, at, amount)
            if amount % 3 == 0:
                ask(night, "sales", first)
        assert_all(night, first)
        assert_rebuilt(night)


def ask(night, key, since, until=None, **more):
    query = Query(frozenset([night.venue.pk]), night.venue.currency, since, until or night.today, **more)
    return reading.answer(registry.find(key), query)


def assert_all(night, since):
    assert_sales_and_tax(night, since)
    assert_payouts(night, since)
    assert_returns(night, since)
    assert_promos(night, since)
    assert_fans(night, since)


def assert_sales_and_tax(night, since):
    venue, sales, taxes = night.venue, ask(night, "sales", since).totals, ask(night, "taxes", since).totals
    assert sales["gross"] == booked(venue, CASH, [Entry.CHARGE])
    assert sales["refunded"] == -booked(venue, CASH, [Entry.REFUND, Entry.REFUND_RETURN])
    # One rate on everything: what is charged is net and tax.
    assert taxes["net"] + taxes["tax"] == sales["gross"]
    assert taxes["tax"] == sum(Order.objects.filter(venue=venue, paid_at__isnull=False).values_list("tax", flat=True))
    issuing.issue_due(timezone.now())
    notes = Receipt.objects.filter(venue=venue, kind="credit_note")
    if not JournalEntry.objects.filter(venue_id=venue.pk, kind=Entry.REFUND_RETURN).exists():
        assert taxes["refunded_tax"] == sum(note.contents["tax"] for note in notes)


def assert_payouts(night, since):
    rows = {row.key: row.figures for row in ask(night, "payouts", since).rows}
    period = statements.Period(since, night.today, night.venue.zone)
    for balance in statements.balances(night.venue.pk, period):
        figures = rows.get(balance["recipient_id"], {"balance": 0, "debt": 0})
        assert (figures["balance"], figures["debt"]) == (balance["closing"], balance["debt"])
    in_all = ask(night, "payouts", since).totals
    assert in_all["charged"] == booked(night.venue, CASH, [Entry.CHARGE])
    assert in_all["dispute_fees"] == booked(night.venue, [Account.DISPUTE_FEES], list(Entry))
    assert in_all["transferred"] == -booked(night.venue, [Account.GATEWAY], [Entry.TRANSFER])


def assert_returns(night, since):
    rows = {row.key: row.figures for row in ask(night, "returns", since, group_by="what").rows}
    none = {"amount": 0, "count": 0, "claimed": 0, "fees": 0}
    assert rows.get("refund", none)["amount"] == -booked(night.venue, CASH, [Entry.REFUND])
    assert rows.get("returned", none)["amount"] == -booked(night.venue, CASH, [Entry.REFUND_RETURN])
    disputes = Dispute.objects.filter(payment__venue_id=night.venue.pk)
    found = rows.get("dispute", none)
    assert found["amount"] == sum(dispute.amount_held for dispute in disputes)
    assert (found["count"], found["claimed"]) == (len(disputes), sum(dispute.amount for dispute in disputes))
    by_state = {row.key: row.figures["count"] for row in ask(night, "returns", since, group_by="state").rows}
    by_state.pop("", None)
    assert {key: count for key, count in by_state.items() if count} == {
        stage: sum(dispute.stage == stage for dispute in disputes) for stage in {each.stage for each in disputes}
    }


def assert_promos(night, since):
    uses = PromoUse.objects.filter(order__venue=night.venue, status="used")
    paid = Order.objects.filter(pk__in=uses.values("order"))
    found = ask(night, "promos", since).totals
    assert (found["uses"], found["discount"]) == (len(uses), sum(use.discount for use in uses))
    assert found["revenue"] == sum(order.amount_total for order in paid)
    assert found["refunded"] == sum(order.amount_refunded for order in paid)


def assert_fans(night, since):
    """Counted by whom we know that they are, over the whole, the last day, and days in between."""
    for first in (since, night.today, night.today - (night.today - since) / 2):
        found = ask(night, "fans", first).totals
        assert (found["buyers"], found["first"]) == night.people(first, night.today)
        assert found["first"] + found["returning"] == found["buyers"]
    whole = ask(night, "fans", since).totals
    bought = Order.objects.filter(venue=night.venue, paid_at__isnull=False).exclude(channel="comp")
    assert whole["orders"] + whole["unknown_orders"] == len(bought)
    assert whole["spent"] + whole["unknown_spent"] == sum(order.amount_total for order in bought)
    assert whole["refunded"] == sum(order.amount_refunded for order in bought)


def assert_rebuilt(night):
    venue = night.venue
    asked = {registry.find(key).rollup for key in ("sales", "payouts", "taxes", "returns", "promos", "fans")}
    assert not StaleMark.objects.filter(rollup__in=asked, venue_id=venue.pk).exists()
    call_command("rebuild_reports", "--check", "--venue", venue.slug, stdout=StringIO())
    kept = {each.name: kept_of(each, venue) for each in base.rollups()}
    for each in base.rollups():
        each.model._default_manager.filter(venue_id=venue.pk).delete()
    call_command("rebuild_reports", "--venue", venue.slug, stdout=StringIO())
    assert {each.name: kept_of(each, venue) for each in base.rollups()} == kept


def kept_of(rollup, venue):
    return rollup.model.values_of(rollup.model._default_manager.filter(venue_id=venue.pk))
