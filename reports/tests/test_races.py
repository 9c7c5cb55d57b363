"""Real threads on a real database: counts of one day at once, while it goes on selling, lose nothing."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.tests.carts import buy
from payments.tests.test_races import at_once
from reports import reading
from reports.models import SalesDay, StaleMark
from reports.rollups import base, keeping
from reports.sales.reports import SALES
from reports.tests.test_sales import asked, cash_of
from trufan.testing import TicketTypeFactory, UserFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 3


def test_two_counts_and_a_sale_at_once_lose_nothing():
    kind = TicketTypeFactory(price=700)
    venue = kind.event.venue
    users = [UserFactory() for _ in range(2 * ROUNDS)]
    day = base.venue_day(venue, timezone.now().astimezone(venue.zone).date())

    for number in range(ROUNDS):
        buy(users[number], (kind, 1))  # so that there is something to count
        answers = at_once(
            4,
            lambda n, number=number: (
                lambda: keeping.refresh("sales", [venue.pk], day.day, day.day),
                lambda: keeping.rebuild(base.rollup("sales"), day),
                lambda: keeping.sweep(timezone.now()),
                lambda: buy(users[ROUNDS + number], (kind, 1)),
            )[n](),
        )
        assert not [answer for answer in answers if isinstance(answer, BaseException)]
        # Whatever came first: a sale that no count saw has left its mark.
        found = reading.answer(SALES, asked(venue)).totals
        assert found["quantity"] == 2 * (number + 1)
        assert found["gross"] == cash_of(venue, "charge")

    assert SalesDay.objects.filter(venue_id=venue.pk, day=day.day).count() == 1  # no row is there twice
    while keeping.sweep(timezone.now()):
        pass
    assert not StaleMark.objects.filter(venue_id=venue.pk).exists()
    call_command("rebuild_reports", "--check", "--venue", venue.slug, stdout=StringIO())
