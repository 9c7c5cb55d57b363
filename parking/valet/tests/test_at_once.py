"""Several attendants at the same moment: no two cars with one number, and each move once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.valet import moves
from parking.valet.models import ValetTicket
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
