"""Attendance, outlets, kitchens and parking: right by the rules of their apps, and the same when they are rebuilt."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from orders import refunding
from orders.kitchen import ending, moves
from orders.models import Fulfilment
from orders.refund_plan import AskedLine
from orders.tests.carts import buy as buy_things
from orders.tests.refunds import send
from parking.booking.tests.booked import reserved
from parking.figures import takings
from parking.figures.reading import Period, figures
from parking.models import ParkingSession
from parking.stays import correcting, gate, leaving
from parking.stays.tests.parked import park
from reports import asking, registry
from reports.concessions.counting import BUCKETS, bucket, part_below
from reports.concessions.models import ConcessionDay, KitchenDay
from reports.models import AttendanceDay, ParkingDay, StaleMark
from reports.rollups import base, keeping
from ticketing import codes
from ticketing.door import by_hand, checkin
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.testing import (
    CapacityFactory,
    EventFactory,
    LotFactory,
    OutletFactory,
    ProductVariantFactory,
    TicketTypeFactory,
)  # fmt: skip

pytestmark = pytest.mark.django_db
NAMES = ("attendance", "concessions", "kitchens", "parking")


def ask(venue, key: str, **given):
    today = timezone.now().astimezone(venue.zone).date()
    return asking.answer(asking.read(registry.find(key), venue, {"period": "last_7_days", **given}, today)).table


def figures_of(table, *names: str) -> dict[str, tuple]:
    return {row.label: tuple(row.figures[name] for name in names) for row in table.rows}


def is_same_when_rebuilt(venue) -> bool:
    """Every day of every rollup of this file, as it is kept, is what it would be if it were computed now."""
    keeping.sweep(timezone.now())
    assert not StaleMark.objects.exists()
    days = [
        (rollup, day)
        for rollup in base.rollups()
        if rollup.name in NAMES
        for day in keeping.days_of(rollup, venue, timezone.now())
    ]
    assert days
    return not any(keeping.differs(rollup, day) for rollup, day in days)


# -- Attendance --


@pytest.fixture
def night(venue, fay, gus):
    """Yesterday's show: of four tickets two came, one of them by two tries; one more came and was taken back."""
    at = (timezone.now() - timedelta(days=1)).replace(microsecond=0)
    with time_machine.travel(at, tick=False):
        kind = TicketTypeFactory(event=EventFactory(venue=venue, name="Gala"), name="Standing", sales_start=None)
        tickets = buy(fay, kind, 5)
        for ticket, gate in (
            (tickets[0], "North"),
            (tickets[1], "South"),
            (tickets[1], "North"),
            (tickets[2], "North"),
        ):
            checkin.scan(codes.sign(ticket), by=gus, nonce=uuid4().hex, gate=gate, now=at)
        by_hand.undo(Ticket.objects.get(pk=tickets[2].pk), gus, "wrong person", at)
        checkin.scan("nonsense", by=gus, nonce="n", gate="South", event_id=kind.event_id, now=at)
    return kind.event


def test_attendance_counts_who_came_and_who_did_not(venue, night):
    table = ask(venue, "attendance", group_by="event")
    ((sold, arrived, missing, to_come, rate, refused),) = figures_of(
        table, "sold", "arrived", "no_show", "to_come", "no_show_rate", "refused"
    ).values()
    assert (sold, arrived, missing, to_come, refused) == (5, 2, 3, 0, 2)
    assert rate == pytest.approx(0.6)
    assert dict(table.totals)["no_show"] == 3


def test_who_may_still_come_is_no_no_show(venue, fay):
    buy(fay, TicketTypeFactory(event=EventFactory(venue=venue)), 3)
    totals = ask(venue, "attendance", group_by="day").totals
    assert (totals["sold"], totals["no_show"], totals["to_come"], totals["no_show_rate"]) == (3, 0, 3, None)


def test_the_door_says_when_where_and_why(venue, night):
    gates = figures_of(ask(venue, "door", group_by="gate"), "arrived", "refused")
    assert gates == {"North": (1, 1), "South": (1, 1)}
    reasons = figures_of(ask(venue, "door", group_by="reason"), "refused")
    assert reasons == {"let in": (0,), "already used": (1,), "unknown": (1,)}
    hour = (timezone.now() - timedelta(days=1)).astimezone(venue.zone).hour
    assert list(figures_of(ask(venue, "door", group_by="hour"), "arrived")) == [
        f"{hour:02}:00 to {(hour + 1) % 24:02}:00"
    ]


def test_attendance_is_the_same_when_it_is_rebuilt(venue, night, fay, gus):
    assert is_same_when_rebuilt(venue)
    ticket = Ticket.objects.filter(event=night, status="valid").first()
    checkin.scan(codes.sign(ticket), by=gus, nonce="later", gate="North", now=timezone.now())
    assert StaleMark.objects.filter(rollup="attendance").exists()
    assert is_same_when_rebuilt(venue)
    AttendanceDay.objects.update(arrived=99)
    call_command("rebuild_reports", rollup="attendance")
    assert is_same_when_rebuilt(venue)


# -- Outlets --


@pytest.fixture
def stand(venue):
    return OutletFactory(venue=venue, name="Burger Stand", prep_seconds=300)


@pytest.fixture
def burger(stand):
    return ProductVariantFactory(product__outlet=stand, product__name="Burger", price=1_200)


def test_outlets_sum_to_the_sales_of_food_to_the_cent(venue, fay, olga, burger, stand):
    cola = ProductVariantFactory(
        product__outlet=OutletFactory(venue=venue, name="Bar"), product__name="Cola", price=433
    )
    order = buy_things(fay, (burger, 2), (cola, 3))
    buy_things(fay, (burger, 1))
    line = order.items.get(item_id=burger.pk)
    asked = refunding.request(order, asked=[AskedLine(line.pk, 1)], by=olga, reason="cold", now=timezone.now())
    send(asked)
    by_outlet = figures_of(ask(venue, "concessions", group_by="outlet"), "quantity", "quantity_refunded")
    assert by_outlet == {"Burger Stand": (3, 1), "Bar": (3, 0)}
    sold, sales = ask(venue, "concessions", group_by="hour"), ask(venue, "sales", group_by="kind")
    food = next(row for row in sales.rows if row.key == "food")
    assert [sold.totals[name] for name in ("gross", "refunded", "kept")] == [
        food.figures[name] for name in ("gross", "refunded", "kept")
    ]
    assert sold.totals["refunded"] > 0
    only = ask(venue, "concessions", group_by="product", outlet=str(stand.pk))
    assert list(figures_of(only, "gross")) == ["Burger"]
    assert is_same_when_rebuilt(venue)


@given(st.lists(st.integers(0, 7_199), min_size=1, max_size=60))
def test_a_median_from_buckets_is_true_to_the_width_of_one(lengths):
    counts = Counter(bucket(seconds) for seconds in lengths)
    middle = sorted(lengths)[(len(lengths) - 1) // 2]
    start = bucket(middle)
    end = next((each for each in BUCKETS if each > start), start)
    assert start <= part_below(counts, 0.5) <= end
    assert part_below(Counter(), 0.5) is None


def test_kitchens_say_how_long_orders_took(venue, fay, cook, burger):
    at = timezone.now() - timedelta(hours=1)
    for minutes in (2, 4, 12):
        with time_machine.travel(at, tick=False):
            made = buy_things(fay, (burger, 1)).fulfilments.get()
        moves.step(made, "ready", by=cook, now=at + timedelta(minutes=minutes))
    with time_machine.travel(at, tick=False):
        refused = buy_things(fay, (burger, 1)).fulfilments.get()
    ending.refuse(refused, reason="out of buns", by=cook, now=at)
    names = ("made", "average", "late", "refused")
    assert figures_of(ask(venue, "kitchens", group_by="outlet"), *names) == {"Burger Stand": (3, 360.0, 1, 1)}
    totals = ask(venue, "kitchens", group_by="day").totals
    assert 240 <= totals["median"] <= 300
    assert 720 <= totals["ninety"] <= 780
    assert Fulfilment.objects.count() == 4
    assert is_same_when_rebuilt(venue)


@pytest.fixture
def cook(venue) -> User:
    from trufan.testing import StaffFactory

    return StaffFactory(user__email="kim@example.com", venue=venue, role="kitchen").user


# -- Parking --


@pytest.fixture
def capacity(venue):
    """Ten spaces that are there since a month."""
    lot = LotFactory(venue=venue, name="North Lot")
    type(lot).objects.filter(pk=lot.pk).update(created_at=timezone.now() - timedelta(days=30))
    return CapacityFactory(lot=lot, spaces=10)


@pytest.fixture
def noon(venue) -> datetime:
    day = timezone.now().astimezone(venue.zone).date() - timedelta(days=2)
    return takings.midnight(day, venue.zone) + timedelta(hours=12)


def stay(capacity, began: datetime, hours: float, by) -> ParkingSession:
    """A car that came then and left so many hours later."""
    row = park(capacity, now=began, minutes=0)
    leaving.end(row, by=by, by_staff=True, reason="gone", now=began + timedelta(hours=hours))
    row.refresh_from_db()
    return row


def test_parking_is_as_full_as_the_figures_of_the_lot_have_it(venue, olga, capacity, noon):
    for hours in (6, 3, 20):  # the last one stays past midnight
        stay(capacity, noon, hours, olga)
    park(capacity, now=noon + timedelta(hours=30), minutes=0)  # and this one is still there
    table = ask(venue, "parking", group_by="day")
    today = timezone.now().astimezone(venue.zone).date()
    capacity.lot.refresh_from_db()
    there = figures(capacity.lot, Period(today - timedelta(days=6), today), timezone.now(), with_money=True)
    for row in table.rows:
        seen = there.occupancy.by_day.get(row.key)
        if seen is None or not seen.hours:
            continue
        assert row.figures["occupancy"] == pytest.approx(seen.average / 10, abs=0.01), row.key
        assert row.figures["there"] == pytest.approx(10 * seen.hours, abs=3)
    assert table.totals["stays"] == 4
    assert table.totals["turnover"] == pytest.approx(there.turnover, rel=0.02)
    assert table.totals["average"] == pytest.approx((6 + 3 + 20) * 3_600 / 3)
    assert is_same_when_rebuilt(venue)


def test_what_lots_take_is_what_their_figures_say(venue, olga, fay, capacity, noon):
    from parking.figures.tests.test_figures_page import charged

    row = stay(capacity, noon, 2, olga)
    charged(row, 1_250, noon + timedelta(hours=2))
    charged(row, 300, noon + timedelta(hours=2), kind="tip")
    keeping.mark("parking", venue.pk, noon)
    totals = ask(venue, "parking", group_by="kind").totals
    assert totals["taken"] == 1_250
    assert totals["per_space_hour"] == pytest.approx(1_250 / totals["there"])


def test_a_stay_that_is_voided_or_reopened_leaves_no_trace(venue, olga, capacity, noon):
    gone, back = stay(capacity, noon, 20, olga), stay(capacity, noon, 4, olga)
    assert ask(venue, "parking").totals["stays"] == 2
    correcting.reopen(back, reason="still here", by=olga, now=timezone.now())
    assert is_same_when_rebuilt(venue)
    assert ParkingDay.objects.filter(ended__gt=1).count() == 0
    row = park(capacity, now=noon + timedelta(hours=1), minutes=0)
    correcting.void(row, reason="misread", by=olga, now=timezone.now())
    assert ask(venue, "parking").totals["stays"] == 2
    assert gone.ended_at is not None
    assert is_same_when_rebuilt(venue)


def test_money_that_goes_back_while_the_car_is_there_leaves_the_takings(venue, olga, fay, capacity):
    now = timezone.now()
    row = reserved(fay, capacity, starts_at=now + timedelta(minutes=5), plate="CMT 00123")
    assert gate.enter(capacity.lot, gate.Seen(plate="CMT 00123", nonce="1"), by=olga, now=now).is_open
    keeping.sweep(now)
    assert ParkingDay.objects.get(venue_id=venue.pk).taken == row.order.amount_paid

    send(refunding.request(row.order, by=olga, reason="The organ was silent.", now=now))
    row.refresh_from_db()
    assert row.status == row.Status.INSIDE
    assert is_same_when_rebuilt(venue)
    assert ParkingDay.objects.get(venue_id=venue.pk).taken == 0


def test_a_day_of_23_hours_has_23_space_hours_for_each_space(venue, capacity):
    spring = datetime(2027, 3, 16, 16, tzinfo=UTC)
    type(capacity.lot).objects.update(created_at=spring - timedelta(days=30))
    with time_machine.travel(spring, tick=False):
        table = ask(venue, "parking", group_by="day")
    there = {str(row.key): row.figures["there"] for row in table.rows}
    assert (there["2027-03-13"], there["2027-03-14"], there["2027-03-15"]) == (240, 230, 240)


# -- Nobody else's --


def test_other_venues_see_nothing_of_it(venue, other_venue, stan, night, burger, fay, capacity, api):
    buy_things(fay, (burger, 1))
    for key in ("attendance", "door", "concessions", "kitchens", "parking"):
        address = f"/api/v1/venues/{other_venue.pk}/reports/{key}"
        answer = api.as_(stan).get(address)
        assert answer.status_code == 200
        assert not any(answer.json()["totals"]["figures"].values()), key
        assert not [row for row in answer.json()["rows"] if any(row["figures"].values())]


def test_queries_do_not_grow_with_what_happened(
    venue, olga, fay, night, burger, capacity, noon, django_assert_max_num_queries
):
    buy_things(fay, (burger, 1))
    for key in ("attendance", "door", "concessions", "kitchens", "parking"):
        ask(venue, key)
        with django_assert_max_num_queries(7) as seen:
            ask(venue, key)
        count = len(seen)
        for _ in range(2):
            other = LotFactory(venue=venue)
            stay(CapacityFactory(lot=other), noon, 1, olga)
            buy_things(fay, (ProductVariantFactory(product__outlet=OutletFactory(venue=venue)), 1))
            buy(fay, TicketTypeFactory(event=EventFactory(venue=venue)), 1)
        ask(venue, key)
        with django_assert_max_num_queries(count):
            ask(venue, key)
    assert ConcessionDay.objects.exists()
    assert not KitchenDay.objects.filter(made__gt=0).exists()
