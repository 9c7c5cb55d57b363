"""The second story: somebody drives up without an account, scans the sign, pays on the phone, and drives out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from notifications.values import money
from parking.models import ParkingCharge, ParkingLot, ParkingSession
from parking.spaces import counting

pytestmark = pytest.mark.django_db
PARKING = "/api/v1/parking"


def test_a_driver_without_an_account_drives_up_pays_by_the_sign_and_leaves(api, val, venue, lot, capacity):
    camera, driver = api.as_(val), api.as_(None)
    came = timezone.now() - timedelta(minutes=70)

    # The camera at the entry reads the plate: the barrier opens, and the price is locked.
    seen = {"lot": str(lot.pk), "plate": "abc-1234", "gate": "North in", "nonce": "in-1", "seen_at": came.isoformat()}
    entered = camera.post(f"{PARKING}/gate/entries", seen).json()
    assert (entered["open"], entered["reason"], entered["message"]) == (True, "", "Welcome.")
    stay = ParkingSession.objects.get(pk=entered["session"]["id"])
    assert (stay.plate, stay.status, stay.user, stay.contact_email) == ("ABC-1234", "active", None, "")
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 19
    # What becomes of prices meanwhile is not this car's business.
    ParkingLot.objects.filter(pk=lot.pk).update(tariff=lot.tariff | {"daily_maximum": 9000})
    type(capacity).objects.filter(pk=capacity.pk).update(multiplier_ppm=3_000_000)

    # Nobody leaves unpaid: the display shows the amount and where to pay.
    out = {"lot": str(lot.pk), "plate": "ABC 1234", "gate": "North out", "nonce": "out-1"}
    refused = camera.post(f"{PARKING}/gate/exits", out).json()
    assert (refused["open"], refused["reason"], refused["amount_due"]) == (False, "not_paid", 700)
    assert f"/parking/sessions/{stay.pk}#access_code=" in refused["pay_url"]

    # The driver scans the sign and types the plate, with an O where the camera reads a 0.
    sign = {"sign_code": lot.sign_code.lower(), "plate": "ABC 1234"}
    found = driver.post(f"{PARKING}/sessions/lookup", sign).json()
    assert (found["due"]["amount"], found["due"]["currency"], found["id"]) == (700, "USD", str(stay.pk))
    joined = driver.post(f"{PARKING}/sessions", {**sign, "contact": {"email": "Guest@Example.com"}})
    assert joined.status_code == 201, joined.json()
    assert joined.json()["id"] == found["id"]

    # What the sign gave pays too, and so does the link at the exit.
    assert refused["pay_url"] == found["pay"]["url"] == joined.json()["pay"]["url"]
    code = {"HTTP_X_PARKING_ACCESS_CODE": found["access_code"]}
    paid = driver.post(found["pay"]["pay"], {"payment_method": "pm_card_visa"}, **code)
    assert (paid.status_code, paid.json()["status"], paid.json()["amount"]) == (200, "succeeded", 700)
    assert paid.json()["leave_by"] is not None
    assert driver.get(found["pay"]["due"], **code).json()["amount"] == 0

    # The exit opens, the stay is over, and the space is free again.
    gone = camera.post(f"{PARKING}/gate/exits", {**out, "nonce": "out-2"}).json()
    assert (gone["open"], gone["reason"], gone["message"]) == (True, "", "Have a good trip.")
    stay.refresh_from_db()
    assert (stay.status, stay.use.is_active, stay.contact_email) == ("ended", False, "guest@example.com")
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 20

    # The receipt is in the mail and on its page.
    charge = ParkingCharge.objects.get(status="paid")
    told = Notification.objects.get(template="parking_receipt")
    assert (told.recipient, told.context["amount"]) == ("guest@example.com", money(700, "USD"))
    shown = driver.get(found["pay"]["due"].replace("/due", "/charges"), **code).json()["results"][0]
    page = driver.get(shown["receipt_url"].partition("8000")[2])
    assert page.status_code == 200
    assert charge.number in page.content.decode() and "7.00" in page.content.decode()

    # Those who run the lot read the whole story.
    story = camera.get(f"{PARKING}/sessions/{stay.pk}").json()["history"]
    said = [line["words"] for line in reversed(story)]
    assert said[0] == "Came in" and "Paid: $7.00" in said and "Left" in said
    assert any("Pay $7.00 before leaving." in words for words in said)
