"""Many drivers want the last spaces at the same moment: none is sold twice, and none is left that could be sold."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.errors import SoldOut
from orders.models import Order
from orders.tests.carts import place
from parking.booking.tests.booked import offered, tomorrow
from parking.models import SpaceUse
from parking.spaces import counting
from ticketing.tests.sales import GUEST
from ticketing.tests.threads import at_once
from trufan.testing import CapacityFactory, LotFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DRIVERS, SPACES, AT_ONCE = 300, 20, 30


def test_300_drivers_and_the_last_20_spaces(capacity):
    """Windows of one to six hours, overlapping at random, all quoted before anybody buys."""
    dice = random.Random(20)
    offers = [
        offered(capacity, starts_at=tomorrow(8) + timedelta(hours=dice.randrange(10)), hours=dice.randint(1, 6))
        for _ in range(DRIVERS)
    ]

    def buy(number):
        answers = []
        for offer in offers[number::AT_ONCE]:
            try:
                answers.append(place(None, (offer, 1), contact=GUEST))
            except SoldOut as refusal:
                answers.append(refusal)
        return answers

    answers = [answer for answers in at_once(AT_ONCE, buy) for answer in answers]
    sold = [answer for answer in answers if isinstance(answer, Order)]
    assert len(answers) == DRIVERS
    assert SpaceUse.objects.filter(is_active=True).count() == len(sold)
    now = timezone.now()
    spans = list(SpaceUse.objects.filter(is_active=True).values_list("starts_at", "ends_at", "quantity"))
    hours = [tomorrow(8) + timedelta(hours=hour) for hour in range(16)]
    taken = [counting.peak(spans, hour, hour + timedelta(hours=1)) for hour in hours]
    assert max(taken) == SPACES
    ordered = {answer.items.get().item_id for answer in sold}
    for offer in offers:
        # Who got none was refused rightly: somewhere in the window nothing is left.
        if offer.pk not in ordered:
            assert counting.left(capacity, offer.starts_at, offer.ends_at, now) == 0


def test_carts_over_two_lots_in_opposite_order_do_not_wait_for_each_other(venue):
    kinds = [CapacityFactory(lot=LotFactory(venue=venue), spaces=100) for _ in range(2)]
    carts = [[offered(kind) for kind in (kinds if number % 2 else reversed(kinds))] for number in range(16)]
    answers = at_once(16, lambda number: place(None, *((offer, 1) for offer in carts[number]), contact=GUEST))
    assert all(isinstance(answer, Order) for answer in answers)


def test_one_quote_bought_twice_at_once_is_one_space(capacity):
    offer = offered(capacity)
    answers = at_once(6, lambda number: place(None, (offer, 1), contact=GUEST))
    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert SpaceUse.objects.filter(is_active=True).count() == 1
