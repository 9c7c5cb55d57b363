"""Who has paid and asks for the car does not pay for the time that we take to bring it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from parking.models import ParkingSession
from parking.stays import charging, leaving
from parking.valet import moves
from trufan.testing import CapacityFactory

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def valet(lot):
    """10.00 for each quarter of an hour that is begun."""
    base = {"type": "interval", "first": {"minutes": 15, "price": 1_000}, "every": {"minutes": 15, "price": 1_000}}
    return CapacityFactory(lot=lot, kind="valet", spaces=10, tariff={"version": 1, "base": base})


@pytest.fixture
def now():
    return timezone.now() + 2 * HOUR


def pay(ticket, fay, now):
    assert charging.pay(ticket.session, payer=fay, payment_method="pm_card_visa", now=now).status == "succeeded"


def owed(ticket, at):
    return leaving.to_pay(ParkingSession.objects.with_lot().get(pk=ticket.session_id), at)


def test_paid_and_then_asked_for(fay, val, drop, now):
    ticket = drop(user=fay)
    pay(ticket, fay, now)
    assert owed(ticket, now + 20 * MINUTE) > 0
    moves.request(ticket, channel="app", by=fay, now=now + 5 * MINUTE)
    # Ten minutes until it is there, and the grace of fifteen.
    assert (owed(ticket, now + 30 * MINUTE), owed(ticket, now + 31 * MINUTE) > 0) == (0, True)


def test_asked_for_and_then_paid(fay, val, drop, now):
    ticket = drop(user=fay)
    moves.request(ticket, channel="app", by=fay, now=now)
    assert owed(ticket, now) > 0
    pay(ticket, fay, now + 2 * MINUTE)
    assert owed(ticket, now + 25 * MINUTE) == 0


def test_brought_late_it_is_still_paid(fay, val, drop, now):
    ticket = drop(user=fay)
    pay(ticket, fay, now)
    moves.request(ticket, channel="app", by=fay, now=now)
    moves.ready(ticket, by=val, now=now + HOUR)
    assert (owed(ticket, now + HOUR + 14 * MINUTE), owed(ticket, now + HOUR + 20 * MINUTE) > 0) == (0, True)
    assert Notification.objects.get(template="valet_ready").context["due"] == ""


def test_who_pays_now_and_wants_it_in_hours_pays_until_then(fay, val, drop, now):
    ticket = drop(user=fay)
    pay(ticket, fay, now)
    moves.request(ticket, channel="app", by=fay, now=now, wanted_at=now + 3 * HOUR)
    assert owed(ticket, now + HOUR) > 0
    moves.ready(ticket, by=val, now=now + 3 * HOUR)
    assert owed(ticket, now + 3 * HOUR) > 0


def test_who_has_not_paid_is_told_how_much_it_is(fay, val, drop, now):
    ticket = drop(email="fay@example.com")
    moves.request(ticket, channel="ticket", by=None, now=now)
    moves.ready(ticket, by=val, now=now + 5 * MINUTE)
    told = Notification.objects.get(template="valet_ready")
    assert told.context["due"] == f"${owed(ticket, now + 5 * MINUTE) / 100:.2f}"
    assert "access_code=" in told.context["link"]
