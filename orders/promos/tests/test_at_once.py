"""Many buyers, one code: never more uses than it has, and never more for one person."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import changing
from orders.errors import PromoUsedUp
from orders.expiry import expire_overdue
from orders.models import Order, PromoUse
from orders.promos.tests.test_codes import GONE
from orders.tests.carts import place
from ticketing.inventory_check import differences
from trufan.testing import EventFactory, PromoCodeFactory, TicketTypeFactory, UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def thing():
    return TicketTypeFactory(event=EventFactory())


def test_ten_uses_asked_for_by_fifty_are_ten(thing):
    promo = PromoCodeFactory(venue=thing.event.venue, code="TEN", total_limit=10)
    buyers = UserFactory.create_batch(50)
    answers = at_once(50, lambda n: place(buyers[n], (thing, 1), codes=["TEN"]))
    assert sum(isinstance(answer, Order) for answer in answers) == 10
    assert sum(isinstance(answer, PromoUsedUp) for answer in answers) == 40
    promo.refresh_from_db()
    thing.refresh_from_db()
    assert (promo.used, PromoUse.objects.filter(status="held").count(), thing.held) == (10, 10, 10)


def test_one_person_uses_it_once_however_many_orders_are_placed_at_once(thing):
    promo = PromoCodeFactory(venue=thing.event.venue, code="ONE", per_person_limit=1)
    buyer = UserFactory()
    answers = at_once(5, lambda n: place(buyer, (thing, 1), codes=["ONE"]))
    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert sum(isinstance(answer, PromoUsedUp) for answer in answers) == 4
    promo.refresh_from_db()
    assert (promo.used, PromoUse.objects.count()) == (1, 1)


def test_placing_changing_and_expiring_with_several_codes_at_once_never_lock_each_other_up(thing):
    venue = thing.event.venue
    other = TicketTypeFactory(event=thing.event)
    promos = [
        PromoCodeFactory(venue=venue, code=code, is_stackable=True, total_limit=12, per_person_limit=3)
        for code in ("ONE", "TWO")
    ]
    buyers = UserFactory.create_batch(6)
    lapsed = [place(buyer, (thing, 1), (other, 1), codes=["ONE"], now=timezone.now() - GONE) for buyer in buyers]
    mine = [place(buyer, (other, 1), codes=["TWO"]) for buyer in buyers]

    def act(n: int) -> object:
        buyer, now = buyers[n % 6], timezone.now()
        match n % 4:
            case 0:
                return place(buyer, (other, 1), (thing, 1), codes=["TWO", "ONE"])
            case 1:
                return place(buyer, (thing, 1), (other, 1), codes=["ONE", "TWO"])
            case 2:
                return changing.change_order(mine[n % 6], codes=("ONE", "TWO"), by=buyer, now=now)
            case _:
                return expire_overdue(now)

    at_once(24, act)

    expire_overdue(timezone.now())
    assert set(Order.objects.filter(pk__in=[order.pk for order in lapsed]).values_list("status", flat=True)) == {
        "expired"
    }
    for promo in promos:
        promo.refresh_from_db()
        assert promo.used == promo.uses.filter(status="held").count() <= 12
    assert not list(differences())
