"""Several attendants at the same moment: no two cars with one number, and each move once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from parking.models import ParkingSession, ValetTicket
from parking.stays import charging, leaving
from parking.valet import moves, pins
from trufan.lib.errors import InvalidMove
from trufan.testing import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_every_car_has_a_number_of_its_own(val, valet):
    at_once(8, lambda n: moves.drop_off(valet.lot, moves.Dropped(), by=val, now=timezone.now()))
    assert sorted(ValetTicket.objects.values_list("number", flat=True)) == list(range(1, 9))


def test_a_car_is_handed_over_once(val, valet):
    now = timezone.now()
    ticket = moves.drop_off(valet.lot, moves.Dropped(), by=val, now=now)
    moves.request(ticket, channel="desk", by=val, now=now)
    moves.ready(ticket, by=val, now=now)
    answers = at_once(6, lambda n: moves.hand_over(ticket, by=val, now=now, reason="Knows us", unpaid=True))
    assert not any(isinstance(answer, InvalidMove) for answer in answers)
    assert AuditLog.objects.filter(action="valet.handed_over").count() == 1


def test_it_is_ready_once_and_its_holder_told_once(val, drop):
    ticket = drop(email="fay@example.com")
    moves.request(ticket, channel="desk", by=val, now=timezone.now())
    at_once(6, lambda n: moves.ready(ticket, by=val, now=timezone.now()))
    assert Notification.objects.filter(template="valet_ready").count() == 1
    assert AuditLog.objects.filter(action="valet.ready").count() == 1


def test_many_guesses_at_once_are_no_more_than_five(drop):
    ticket = drop()
    answers = at_once(12, lambda n: pins.check(ticket, "x"))
    assert sorted(type(each).__name__ for each in answers) == ["PinLocked"] * 7 + ["WrongPin"] * 5


def test_of_paying_and_asking_for_it_at_once_both_come_through(val, fay, drop):
    ticket, now = drop(user=fay), timezone.now()

    def act(n):
        if n % 2:
            return moves.request(ticket, channel="app", by=fay, now=now)
        return charging.pay(ticket.session, payer=fay, payment_method="pm_card_visa", now=now)

    assert not [each for each in at_once(2, act) if isinstance(each, Exception)]
    ticket.refresh_from_db()
    stay = ParkingSession.objects.with_lot().get()
    assert (ticket.status, leaving.to_pay(stay, now), stay.leave_by >= now) == ("requested", 0, True)
