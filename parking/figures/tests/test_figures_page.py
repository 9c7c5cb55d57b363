"""The figures of a lot: what they count, whose they are, and what they say where nothing happened."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from orders.models import Order
from parking.figures import takings
from parking.figures.reading import LONGEST, Period, figures
from parking.models import ParkingCapacity, ParkingCharge, ParkingLot, ParkingSession
from parking.stays.tests.parked import park, reserve
from trufan.lib.errors import Invalid
from trufan.testing import VenueFactory
from trufan.tests.console_client import as_

HOUR = timedelta(hours=1)


@pytest.fixture
def noon(lot: ParkingLot) -> datetime:
    """Noon of the day before yesterday, at the venue."""
    day = timezone.now().astimezone(lot.zone).date() - timedelta(days=2)
    return takings.midnight(day, lot.zone) + 12 * HOUR


def stayed(capacity: ParkingCapacity, began: datetime, length: timedelta) -> ParkingSession:
    """A stay that is over."""
    stay = park(capacity, now=began, minutes=0)
    ParkingSession.objects.filter(pk=stay.pk).update(status="ended", ended_at=began + length)
    return stay


def charged(stay: ParkingSession, amount: int, at: datetime, **facts: object) -> ParkingCharge:
    money = {"price": amount, "net": amount, "amount_total": amount, "amount_paid": amount, "currency": "USD"}
    facts = {"kind": "stay", "status": "paid", "description": "Parking", "paid_at": at, **money, **facts}
    return ParkingCharge.objects.create(lot=stay.lot, session=stay, **facts)


def page(lot: ParkingLot) -> str:
    return reverse("admin:parking_parkinglot_figures", args=[lot.pk])


def test_the_week_is_filled_by_the_venues_clock(
    lot: ParkingLot, capacity: ParkingCapacity, noon: datetime, olga: User
) -> None:
    for _ in range(10):
        stayed(capacity, noon, 2 * HOUR)

    response = as_(olga).get(page(lot))

    row = response.context["week"][noon.weekday()]
    assert [cell.percent for cell in row["cells"]][11:15] == [0, 50, 50, 0]
    assert "12:00 to 13:00: 10.0 of 20 spaces, 50 %" in response.content.decode()
    assert response.context["figures"].occupancy.stays == 10


def test_what_is_taken_is_counted_on_its_day_less_what_went_back(
    lot: ParkingLot, capacity: ParkingCapacity, noon: datetime, fay: User
) -> None:
    stay = stayed(capacity, noon, 2 * HOUR)
    charged(stay, 1_000, noon, amount_refunded=400)
    charged(stay, 5_000, noon, kind="tip")
    charged(stay, 700, None, status="pending", amount_paid=0)
    order = Order.objects.create(venue=lot.venue, user=fay, status="paid", currency="USD", paid_at=noon)
    reserve(capacity, order, noon + 24 * HOUR, noon + 26 * HOUR, 2_000)
    gone = reserve(capacity, order, noon + 24 * HOUR, noon + 26 * HOUR, 9_000)
    gone.order_item.quantity_refunded = 1
    gone.order_item.save()

    found = figures(lot, Period(noon.date(), noon.date() + timedelta(days=1)), timezone.now(), with_money=True)

    assert found.takings == {noon.date(): 600, noon.date() + timedelta(days=1): 2_000}
    assert found.per_space_hour(noon.date()) == pytest.approx(600 / (20 * found.occupancy.by_day[noon.date()].hours))


def test_a_day_of_23_hours_has_fewer_space_hours(lot: ParkingLot, capacity: ParkingCapacity) -> None:
    spring = date(2026, 3, 8)
    begins = takings.midnight(spring, lot.zone)
    charged(stayed(capacity, begins + HOUR, HOUR), 4_600, begins + HOUR)
    ParkingLot.objects.update(created_at=begins - 24 * HOUR)
    lot.refresh_from_db()

    found = figures(lot, Period(spring, spring), begins + timedelta(days=9), with_money=True)

    assert found.occupancy.by_day[spring].hours == 23
    assert found.per_space_hour(spring) == 10


def test_voided_stays_count_for_nothing_and_cars_inside_until_now(lot: ParkingLot, capacity: ParkingCapacity) -> None:
    now = timezone.now()
    park(capacity, minutes=0, now=now - HOUR)
    void = park(capacity, minutes=0, now=now - HOUR)
    ParkingSession.objects.filter(pk=void.pk).update(status="void", ended_at=now)

    found = figures(lot, Period.of(None, None, now.astimezone(lot.zone).date()), now, with_money=False)

    assert found.occupancy.stays == 1
    assert found.occupancy.average_stay == HOUR
    assert found.takings is None


def test_days_before_the_lot_was_there_make_no_average_too_low(lot: ParkingLot, capacity: ParkingCapacity) -> None:
    now = timezone.now()
    today = now.astimezone(lot.zone).date()
    found = figures(lot, Period(today - timedelta(days=100), today), now, with_money=False)
    assert set(found.occupancy.by_day) <= {today, today - timedelta(days=1)}


def test_they_take_as_many_queries_for_many_stays_as_for_few(
    lot: ParkingLot, capacity: ParkingCapacity, noon: datetime, olga: User
) -> None:
    def queries() -> int:
        client = as_(olga)
        client.get(page(lot))
        with CaptureQueriesContext(connection) as taken:
            assert client.get(page(lot)).status_code == 200
        return len(taken)

    charged(stayed(capacity, noon, HOUR), 500, noon)
    few = queries()
    for n in range(20):
        charged(stayed(capacity, noon + n * HOUR, HOUR), 500, noon + n * HOUR)
    assert queries() == few


def test_an_empty_lot_says_what_to_do(lot: ParkingLot, olga: User) -> None:
    assert "No spaces yet" in as_(olga).get(page(lot)).content.decode()
    ParkingCapacity.objects.create(lot=lot, kind="standard", spaces=5)
    assert "No car came in these days" in as_(olga).get(page(lot)).content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": "2026-05-02", "last": "2026-05-01"}, "comes before the first"),
        ({"first": "2024-01-01", "last": "2026-05-01"}, "At most 366 days at once"),
        ({"first": "2090-01-01"}, "still to come"),
        ({"first": "soon"}, "Enter a valid date"),
    ],
)
def test_days_that_make_no_period_are_refused_at_their_field(
    lot: ParkingLot, capacity: ParkingCapacity, olga: User, asked: dict[str, str], said: str
) -> None:
    response = as_(olga).get(page(lot), asked)
    assert response.status_code == 200
    assert said in " ".join(str(errors) for errors in response.context["form"].errors.values())


def test_a_year_is_the_most() -> None:
    today = date(2026, 12, 31)
    assert Period.of(today - LONGEST + timedelta(days=1), today, today).last == today
    with pytest.raises(Invalid):
        Period.of(today - LONGEST, today, today)


def test_attendants_see_no_money(lot: ParkingLot, capacity: ParkingCapacity, noon: datetime, val: User) -> None:
    charged(stayed(capacity, noon, HOUR), 123_45, noon)
    text = as_(val).get(page(lot)).content.decode()
    assert "How full, by weekday and hour" in text
    assert "123.45" not in text
    assert "For a space and hour" not in text


def test_todays_money_is_of_each_venues_own_day(lot: ParkingLot, capacity: ParkingCapacity) -> None:
    far = ParkingLot.objects.create(
        venue=VenueFactory(time_zone="Asia/Tokyo", currency="JPY"), name="Far", slug="far", latitude=0, longitude=0
    )
    now = datetime(2026, 6, 1, 3, tzinfo=lot.zone)
    yesterday_here = now - 4 * HOUR
    stay = park(capacity, now=now)
    charged(stay, 500, yesterday_here)
    charged(stay, 300, now)
    ParkingCharge.objects.create(
        lot=far, session=stay, kind="stay", status="paid", description="Parking", price=900, net=900, amount_total=900,
        amount_paid=900, currency="JPY", paid_at=yesterday_here,
    )  # fmt: skip

    assert takings.today([lot, far], now) == {lot.pk: 300, far.pk: 900}
