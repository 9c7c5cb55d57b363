"""The drive-up of docs/parking.md, to the cent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parking.models import ParkingCharge
from parking.stays import billing, charging, extending, fees, validating
from parking.stays.tests.parked import fresh, park
from trufan.testing import CapacityFactory, LotFactory, PromoCodeFactory, TaxRateFactory
from venues.models import FeeRule

pytestmark = pytest.mark.django_db
#: Six in the evening in New York.
SIX = datetime(2026, 11, 20, 23, tzinfo=UTC)


def at(hour: int, minute: int) -> datetime:
    return SIX + timedelta(hours=hour - 18, minutes=minute)


def pay(stay, now: datetime):
    return charging.pay(fresh(stay), payer=None, payment_method="pm_card_visa", now=now)


@pytest.fixture
def capacity(venue):
    """5.00 for the first hour, then 2.00 for each half hour begun; prices stand at 120 %."""
    TaxRateFactory(venue=venue, category="parking", name="Parking tax", rate_ppm=88_750)
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35)
    capacity = CapacityFactory(lot=LotFactory(venue=venue))
    capacity.multiplier_ppm = 1_200_000
    return capacity


def test_paid_on_foot_and_once_more_for_dawdling(capacity):
    stay = park(capacity, minutes=0, now=SIX)
    bill = billing.to_pay(fresh(stay), at(20, 10))
    assert (bill.due.amount, bill.amounts.fee, bill.amounts.tax, bill.total) == (1_320, 35, 117, 1_472)
    assert pay(stay, at(20, 10)).amount == 1_472
    assert fresh(stay).leave_by == at(20, 25)
    assert fees.due(fresh(stay), at(20, 24)).amount == 0

    later = billing.to_pay(fresh(stay), at(20, 40))
    assert (later.due.amount, later.due.price, later.due.paid) == (240, 1_560, 1_320)
    assert (later.amounts.fee, later.amounts.tax, later.total) == (0, 21, 261)


def test_half_of_it_paid_by_the_restaurant(venue, capacity):
    PromoCodeFactory(venue=venue, code="DINNER", kind="parking", ppm=500_000)
    stay = park(capacity, minutes=0, now=SIX)
    validating.validate(stay, "dinner", by=None, now=at(20, 0))
    bill = billing.to_pay(fresh(stay), at(20, 10))
    assert (bill.due.amount, bill.amounts.discount, bill.amounts.tax, bill.total) == (1_320, 660, 59, 754)


def test_prepaid_extended_and_outstayed(capacity):
    stay = park(capacity, minutes=0, until=at(20, 0), now=SIX)
    assert pay(stay, SIX).amount == 1_080 + 35 + 96
    paid = extending.extend(stay, at(21, 0), payer=None, payment_method="pm_card_visa", now=at(19, 50))
    assert paid.amount == 523
    assert ParkingCharge.objects.get(kind="extension").price == 480
    assert fees.due(fresh(stay), at(21, 10)).amount == 0
    late = billing.to_pay(fresh(stay), at(21, 20))
    assert (late.due.kind, late.due.amount, late.amounts.tax, late.total) == ("overstay", 360, 32, 392)


def test_the_documentation_says_the_same():
    text = (Path(__file__).parents[3] / "docs" / "parking.md").read_text()
    for row in (
        "| 13.20 | 0.35 | 1.17 | **14.72** |", "| 2.40 | | 0.21 | **2.61** |", "| 6.60 | 0.35 | 0.59 | **7.54** |",
        "| 10.80 | 0.35 | 0.96 | **12.11** |", "| 4.80 | | 0.43 | **5.23** |", "| 3.60 | | 0.32 | **3.92** |",
    ):  # fmt: skip
        assert row in text
