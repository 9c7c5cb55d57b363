"""A venue that keeps another clock has other days: all of them are counted anew."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.tests.carts import buy
from reports import reading
from reports.models import StaleMark
from reports.rollups import base, keeping
from reports.sales.reports import SALES
from reports.tests.test_sales import asked
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, VenueFactory
from venues import profiles

pytestmark = pytest.mark.django_db


def by_day(venue, since, until):
    rows = reading.answer(SALES, asked(venue, since=since, until=until)).rows
    return {row.key: row.figures["quantity"] for row in rows if row.figures["quantity"]}


@pytest.fixture
def venue():
    """Sold on three evenings, each an hour before midnight in New York."""
    venue = VenueFactory(time_zone="America/New_York")
    kind = TicketTypeFactory(event=EventFactory(venue=venue, starts_at=timezone.now() + timedelta(days=400)), price=500)
    for number in (1, 2, 3):
        with time_machine.travel(f"2027-06-{9 + number}T03:00:00Z", tick=False):
            buy(UserFactory(), (kind, number))
    return venue


def test_every_day_is_counted_by_the_new_clock(venue):
    since, until = date(2027, 6, 8), date(2027, 6, 14)
    with time_machine.travel("2027-06-14T12:00:00Z", tick=False):
        assert by_day(venue, since, until) == {date(2027, 6, 9): 1, date(2027, 6, 10): 2, date(2027, 6, 11): 3}
        while keeping.sweep(timezone.now()):
            pass
        venue = profiles.change(venue, None, time_zone="Europe/Paris")
        assert by_day(venue, since, until) == {date(2027, 6, 10): 1, date(2027, 6, 11): 2, date(2027, 6, 12): 3}


def test_every_rollup_is_right_after_a_sweep(venue):
    with time_machine.travel("2027-06-14T12:00:00Z", tick=False):
        while keeping.sweep(timezone.now()):
            pass
        changed = profiles.change(venue, None, time_zone="Pacific/Auckland")
        assert set(StaleMark.objects.values_list("rollup", flat=True)) >= {"sales", "taxes", "payouts", "fans"}
        while keeping.sweep(timezone.now()):
            pass
        call_command("rebuild_reports", "--check", "--venue", changed.slug, stdout=StringIO())
        model = base.rollup("sales").model
        assert set(model.objects.values_list("day", flat=True)) == {date(2027, 6, day) for day in (10, 11, 12)}


def test_without_the_marks_the_days_would_be_wrong(venue):
    with time_machine.travel("2027-06-14T12:00:00Z", tick=False):
        while keeping.sweep(timezone.now()):
            pass
        type(venue).objects.filter(pk=venue.pk).update(time_zone="Pacific/Auckland")
        with pytest.raises(CommandError):
            call_command("rebuild_reports", "--check", "--venue", venue.slug, stdout=StringIO())


def test_what_is_not_the_clock_marks_nothing(venue):
    StaleMark.objects.all().delete()
    profiles.change(venue, None, city="Albany")
    assert not StaleMark.objects.exists()
