"""What booking knows of a person is handed out, and forgotten, while the books stay."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import personal_data
from parking.booking import codes
from parking.booking.models import ParkingOffer, ParkingReservation
from parking.booking.tests.booked import offered, reserved

pytestmark = pytest.mark.django_db


def test_a_person_gets_their_reservations_without_what_opens_the_gate(fay, stan, capacity):
    found = reserved(fay, capacity, plate="FAY 1")
    reserved(stan, capacity, plate="STAN 1")
    rows = personal_data.export_all(fay)["parking_reservations"]
    assert [(row["number"], row["plate"], row["status"]) for row in rows] == [(found.number, "FAY 1", "confirmed")]
    assert codes.code_for(found) not in str(rows)


def test_an_erased_person_leaves_a_reservation_without_plate_and_name(fay, stan, capacity):
    found, others = reserved(fay, capacity, plate="FAY 1"), reserved(stan, capacity, plate="STAN 1")
    offered(capacity, fay, plate="FAY 2")
    personal_data.erase_all(fay, timezone.now())
    found.refresh_from_db()
    assert (found.plate, found.plate_key, found.holder_name, found.price) == ("", "", "", 1_700)
    assert not ParkingOffer.objects.filter(plate__startswith="FAY").exists()
    assert ParkingReservation.objects.get(pk=others.pk).plate == "STAN 1"
