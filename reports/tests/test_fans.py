"""Who is new and who comes again, whatever becomes of the orders and of the people."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts import personal_data
from orders.checkout import Contact
from orders.receivers import adopt_guest_orders
from orders.tests.carts import buy, place
from orders.tests.refunds import send
from orders.tests.test_refund_series import ask
from payments import charges
from reports import reading, registry
from reports.definition import Query
from reports.models import BuyerOfOrder
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    event = EventFactory(starts_at=timezone.now() + timedelta(days=60))
    return TicketTypeFactory(event=event, price=2_000)


@pytest.fixture
def told(kind):
    """The figures of the days from so many days ago."""
    venue = kind.event.venue

    def answer(days: int = 30) -> dict:
        today = timezone.now().astimezone(venue.zone).date()
        query = Query(frozenset([venue.pk]), venue.currency, today - timedelta(days=days), today)
        return dict(reading.answer(registry.find("fans"), query).totals)

    return answer


def on_day(number: int):
    return time_machine.travel(timezone.now() + timedelta(days=number), tick=False)


def buy_as_guest(kind, email: str):
    order = place(None, (kind, 1), contact=Contact(email=email, phone="+12125550123"))
    charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now())
    return order


def test_people_count_once_in_a_period_however_often_they_come(kind, told, fay):
    buy(fay, (kind, 1))
    with on_day(3):
        buy(fay, (kind, 2))
        buy(UserFactory(), (kind, 1))
        whole, last = told(), told(days=1)
    assert (whole["buyers"], whole["first"], whole["returning"], whole["orders"]) == (2, 2, 0, 3)
    assert (last["buyers"], last["first"], last["returning"], last["orders"]) == (2, 1, 1, 2)
    assert (whole["spent"], whole["spend"], whole["per_head"]) == (8_000, 4_000, 1.5)


def test_a_refund_makes_nobody_new_again(kind, told, fay):
    order = buy(fay, (kind, 1))
    send(ask(order))
    with on_day(2):
        buy(fay, (kind, 1))
        assert (told(days=1)["first"], told(days=1)["returning"]) == (0, 1)
        assert told()["refunded"] == 2_000


def test_a_guest_who_opens_an_account_is_one_person(kind, told):
    buy_as_guest(kind, "guest@example.com")
    person = UserFactory(email="guest@example.com")
    with on_day(2):
        buy(person, (kind, 1))
        assert told()["buyers"] == 2
        adopt_guest_orders(None, user=person)
        assert (told()["buyers"], told(days=1)["returning"]) == (1, 1)
        call_command("rebuild_reports", "--check")


def test_guests_are_known_by_their_address(kind, told):
    buy_as_guest(kind, "guest@example.com")
    with on_day(2):
        buy_as_guest(kind, "Guest@example.com")
        assert (told()["buyers"], told(days=1)["returning"]) == (1, 1)


def test_an_erased_person_still_counts_and_cannot_be_traced(kind, told, fay):
    buy(fay, (kind, 1))
    with on_day(2):
        buy(fay, (kind, 1))
        before, keys = told(), set(BuyerOfOrder.objects.values_list("key", flat=True))
        personal_data.erase_all(fay, timezone.now())
        after = set(BuyerOfOrder.objects.values_list("key", flat=True))
        assert len(keys) == len(after) == 1
        assert not keys & after
        call_command("rebuild_reports", "--check")
        assert told() == before


def test_the_key_of_one_venue_says_nothing_at_another(kind, fay):
    buy(fay, (kind, 1))
    buy(fay, (TicketTypeFactory(price=500), 1))
    keys = list(BuyerOfOrder.objects.values_list("key", flat=True))
    assert len(set(keys)) == 2
    assert not any(str(fay.pk) in key or fay.email in key for key in keys)


def test_buyers_from_before_are_noted_by_a_rebuild(kind, told, fay):
    buy(fay, (kind, 1))
    with on_day(2):
        buy(fay, (kind, 1))
        before, rows = told(), list(BuyerOfOrder.objects.order_by("pk").values())
        BuyerOfOrder.objects.all().delete()
        call_command("rebuild_reports")
        assert list(BuyerOfOrder.objects.order_by("pk").values()) == rows
        assert told() == before
