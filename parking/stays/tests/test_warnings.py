"""Drivers are told once that their time runs out, and once that it did, by what they left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from notifications.values import clock
from parking.models import ParkingSession
from parking.stays import extending
from parking.stays.tests.parked import fresh, park
from parking.stays.warning import warn

pytestmark = pytest.mark.django_db


def told(template: str) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(template=template).values_list("channel", "recipient", "phone"))


def test_a_quarter_of_an_hour_before_the_end_they_are_told_once(capacity, fay):
    now = timezone.now()
    park(capacity, until=16, user=fay, now=now)
    assert warn(now) == 0
    assert [warn(now + timedelta(minutes=2)), warn(now + timedelta(minutes=3))] == [1, 0]
    assert told("parking_expiring") == [("any", "fay@example.com", "")]


def test_a_number_alone_gets_an_sms_and_nobody_gets_nothing(capacity):
    now = timezone.now()
    park(capacity, until=10, now=now, contact_phone="+12125550123")
    park(capacity, until=10, now=now)
    assert warn(now) == 2
    assert told("parking_expiring") == [("any", "", "+12125550123")]
    # It opens the stay of a guest: a secret, which is erased once it is sent.
    assert "#access_code=" in Notification.objects.get(template="parking_expiring").context["link"]


def test_once_it_is_extended_they_are_told_again(capacity, fay):
    now = timezone.now()
    stay = park(capacity, minutes=0, until=10, user=fay, now=now)
    warn(now)
    later = now + timedelta(minutes=100)
    extending.extend(stay, later, payer=fay, payment_method="pm_card_visa", now=now)
    assert fresh(stay).warned_at is None
    assert warn(later - timedelta(minutes=5)) == 1
    assert len(told("parking_expiring")) == 2


def test_who_stays_beyond_the_grace_is_told_once_with_the_rate(capacity, fay):
    now = timezone.now()
    stay = park(capacity, until=-5, user=fay, now=now)
    assert warn(now) == 0
    assert [warn(now + timedelta(minutes=6)), warn(now + timedelta(minutes=7))] == [1, 0]
    message = Notification.objects.get(template="parking_overstay")
    assert message.context["percent"] == 150
    assert message.context["until"] == clock(stay.expires_at, stay.lot.zone)


def test_who_left_or_has_no_end_or_no_barrier_is_not_told(lot, capacity, fay):
    now = timezone.now()
    left = park(capacity, until=10, user=fay, now=now)
    ParkingSession.objects.filter(pk=left.pk).update(status="ended", ended_at=now)
    park(capacity, user=fay, now=now)
    lot.has_barrier = False
    lot.save()
    park(capacity, until=-60, user=fay, now=now)
    assert warn(now) == 0
    assert not Notification.objects.exists()


def test_many_are_told_in_few_queries_each(capacity, fay, django_assert_max_num_queries):
    now = timezone.now()
    for _ in range(12):
        park(capacity, until=10, user=fay, now=now)
    with django_assert_max_num_queries(12 * 2 + 8):
        assert warn(now) == 12
