"""The first story: a fan books a space with the ticket, in one payment, drives in, stays longer, drives out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from parking.models import ParkingReservation, ParkingSession
from parking.spaces import counting
from payments.models import Payment
from trufan.testing import CapacityFactory, LotFactory, StaffFactory, TaxRateFactory
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db
API = "/api/v1"
VISA = {"payment_method": "pm_card_visa"}


def test_a_fan_books_a_space_with_the_ticket_and_drives_in_by_plate(api, fay, venue, event, ticket_type):
    lot = LotFactory(venue=venue, name="North Garage", slug="north-garage")
    kind = CapacityFactory(lot=lot)
    TaxRateFactory(venue=venue, category="parking", rate_ppm=100_000)
    attendant = StaffFactory(venue=venue, role="parking").user
    now = timezone.now()
    fan, camera = api.as_(fay), api.as_(attendant)

    # She looks for parking by the show, and asks what it costs.
    found = fan.get(f"{API}/parking/lots", {"event": str(event.pk)}).json()["results"]
    assert [each["name"] for each in found] == ["North Garage"]
    window = {"starts_at": now, "ends_at": now + timedelta(hours=4)}
    asked = {"lot": found[0]["id"], "kind": "standard", "plate": "FAY 1N", "event": str(event.pk), **window}
    quote = fan.post(f"{API}/parking/quotes", asked).json()
    assert (quote["price"], quote["available"]) == (1_700, 20)

    # Ticket and space stand in one cart and are one payment.
    lines = [
        {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1},
        {"type": "parking", "id": quote["id"], "quantity": 1},
    ]
    order = fan.post(f"{API}/orders", {"items": lines}).json()
    assert order["total"] == 5_000 + 1_870
    assert fan.post(f"{API}/orders/{order['id']}/pay", VISA).json()["status"] == "succeeded"
    assert Payment.objects.count() == 1
    booked = fan.get(f"{API}/parking/reservations").json()["results"][0]
    assert (booked["status"], booked["order"]) == ("confirmed", order["id"])

    # The camera reads an I for the 1, and the gate opens all the same.
    seen = {"lot": str(lot.pk), "plate": "FAYIN", "gate": "In", "nonce": "in-1"}
    entered = camera.post(f"{API}/parking/gate/entries", seen).json()
    assert (entered["open"], entered["reservation"]["id"]) == (True, booked["id"])
    assert camera.post(f"{API}/parking/gate/entries", seen).json() == entered
    assert ParkingReservation.objects.get().status == "inside"

    # The board shows the car.
    board = as_(attendant).get(f"/admin/parking/parkinglot/board/{lot.pk}/").content.decode()
    assert "FAYIN" in board

    # The show has an encore: she extends, and pays for it from her seat.
    until = now + timedelta(hours=5)
    stay = fan.get(f"{API}/parking/sessions/active").json()["results"][0]
    more = fan.post(f"{API}/parking/sessions/{stay['id']}/extend", {"until": until, **VISA}).json()
    assert (more["status"], more["amount"]) == ("succeeded", 440)
    assert counting.left(kind, now + timedelta(hours=4), until, now) == 19

    # Out she drives; nothing is due, and the space is free.
    gone = camera.post(f"{API}/parking/gate/exits", {**seen, "gate": "Out", "nonce": "out-1"}).json()
    assert (gone["open"], gone["amount_due"]) == (True, 0)
    assert ParkingSession.objects.get().status == "ended"
    assert ParkingReservation.objects.get().status == "completed"
    assert counting.left_now([kind], timezone.now())[kind.pk] == 20
    story = api.as_(StaffFactory(venue=venue).user).get(f"{API}/orders/{order['id']}/timeline").json()["moments"]
    parked = {moment["text"]: moment["who"] for moment in story if moment["kind"] == "parking"}
    assert parked["Drove in at North Garage."] == parked["Drove out of North Garage."] == str(attendant)
    assert "The stay at North Garage was extended." in parked
    mails = [moment["text"] for moment in story if moment["kind"] == "messages"]
    assert any("parking confirmed" in text for text in mails)
    call_command("check_inventory")
    call_command("check_books")
