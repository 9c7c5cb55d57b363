"""Two hands on one lot: spaces are taken away and sold, blocked, pictured and kept at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parking.errors import NoSpace, SpacesInUse, VehicleKnown
from parking.lots import capacities, numbered, setting_up
from parking.models import ParkingCapacity, ParkingLot, ParkingSpace, SpaceUse, Vehicle
from parking.spaces import blocks, counting
from parking.vehicles import keeping
from trufan.lib.errors import DomainError
from trufan.testing import CapacityFactory, LotFactory, StaffFactory, UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)


def test_spaces_are_never_taken_away_from_under_what_is_promised():
    capacity, olga = CapacityFactory(spaces=20), StaffFactory().user

    def act(number: int):
        now = timezone.now()
        if number % 4 == 0:
            return capacities.change(capacity, olga, now, spaces=20 - number)
        return blocks.block(capacity, olga, now, ends_at=now + HOUR, reason="Works", quantity=2)

    answers = at_once(12, act)
    now = timezone.now()
    fresh = ParkingCapacity.objects.get()
    assert counting.most(fresh, now) <= fresh.spaces
    assert counting.left(fresh, now, now + HOUR / 2, now) >= 0
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert all(isinstance(answer, NoSpace | SpacesInUse) for answer in refused), refused
    assert SpaceUse.objects.count() + len(refused) + sum(isinstance(row, ParkingCapacity) for row in answers) == 12


def test_a_kind_is_added_once_and_a_lot_opened_once():
    lot, olga = LotFactory(status="draft"), StaffFactory().user

    def act(number: int):
        if number % 2:
            return capacities.put(lot, "ev", olga, timezone.now(), spaces=5)
        return setting_up.open_lot(lot, olga)

    answers = at_once(10, act)
    assert ParkingCapacity.objects.get().spaces == 5
    codes = {answer.code for answer in answers if isinstance(answer, DomainError)}
    assert codes <= {"lot_not_ready"}
    setting_up.open_lot(lot, olga)
    assert ParkingLot.objects.get().status == "open"


def test_an_open_lot_is_not_left_without_spaces_by_two_hands():
    lot, olga = LotFactory(), StaffFactory().user
    kinds = [CapacityFactory(lot=lot, kind=kind, spaces=1) for kind in ("standard", "ev")]
    answers = at_once(2, lambda number: capacities.change(kinds[number], olga, timezone.now(), spaces=0))
    assert [answer.code for answer in answers if isinstance(answer, DomainError)] == ["lot_not_ready"]
    assert ParkingCapacity.objects.filter(spaces=1).count() == 1


def test_a_series_of_numbers_is_made_once():
    lot, olga = LotFactory(), StaffFactory().user
    answers = at_once(4, lambda number: numbered.add_many(lot, olga, numbered.series("A", 1, 50)))
    assert ParkingSpace.objects.count() == 50
    assert sum(isinstance(answer, DomainError) for answer in answers) == 3


def test_one_default_and_one_plate_however_fast_a_fan_taps():
    fan = UserFactory()
    answers = at_once(8, lambda number: keeping.add(fan, plate=f"ABC 1{number % 4}", is_default=True))
    assert sum(isinstance(answer, VehicleKnown) for answer in answers) == 4
    assert (Vehicle.objects.count(), Vehicle.objects.filter(is_default=True).count()) == (4, 1)
